/** Types that name an account: bank, payment, chat, mail. */
import { mobileNumber, passesLuhn } from '../../core/identifiers.ts';
import { hostName } from './host-name.ts';
import { ofForm, type TypeRule } from './type-rule.ts';

const CARD = /^[0-9]{12,19}$/;
const ACCOUNT = /^[0-9A-Z]{5,34}$/;
const WECHAT = /^[a-z][a-z0-9_-]{5,19}$/;
const QQ = /^[1-9][0-9]{4,10}$/;
/** RFC 5321 dot-string, without quoted local parts. */
const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

export const bankCard: TypeRule = {
  personal: true,
  expected: '12–19 digits that pass the Luhn check',
  normalise: (value) => {
    const digits = value.replace(/[ -]/g, '');
    return CARD.test(digits) && passesLuhn(digits) ? digits : undefined;
  },
};

export const bankAccount: TypeRule = {
  personal: true,
  expected: '5–34 digits or letters',
  normalise: (value) => ofForm(value.replace(/[ -]/g, '').toUpperCase(), ACCOUNT),
};

export const wechat: TypeRule = {
  personal: true,
  expected: '6–20 letters, digits, _ or -, a letter first',
  normalise: (value) => ofForm(value.trim().toLowerCase(), WECHAT),
};

export const qq: TypeRule = {
  personal: true,
  expected: '5–11 digits, not starting with 0',
  normalise: (value) => ofForm(value.trim(), QQ),
};

export const email: TypeRule = {
  personal: true,
  expected: 'a mailbox of at most 254 characters with a registrable domain',
  normalise: mailbox,
};

/** An Alipay account is the mobile number or the mailbox it was opened with. */
export const alipay: TypeRule = {
  personal: true,
  expected: 'a mainland mobile number or a mailbox',
  normalise: (value) => mobileNumber(value) ?? mailbox(value),
};

function mailbox(value: string): string | undefined {
  const text = value.trim().toLowerCase();
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  const domain = hostName(text.slice(at + 1));
  if (domain === undefined || local.length > 64 || !LOCAL_PART.test(local)) return undefined;
  const whole = `${local}@${domain}`;
  return whole.length <= 254 ? whole : undefined;
}
