import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  idCardCheckCharacter,
  isIdCard,
  isUscc,
  mobileNumber,
  passesLuhn,
  usccCheckCharacter,
} from '../../src/core/identifiers.ts';

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(''));

/** Every text that differs from `text` in one character of `alphabet`. */
function* neighbours(text: string, alphabet: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) {
    for (const character of alphabet) {
      if (character !== text[at]) yield text.slice(0, at) + character + text.slice(at + 1);
    }
  }
}

describe('identifiers', () => {
  it('accepts unified social credit codes of every kind of authority, letters first included', () => {
    for (const code of ['11999999MB0TEAT01C', '91999999MA0TE9T0AN']) assert.ok(isUscc(code), code);
    for (const first of ['1', '9', 'A', 'N', 'Y']) {
      const body = `${first}1999999MA0TE9T0A`;
      assert.ok(isUscc(body + usccCheckCharacter(body)), first);
    }
  });

  it('refuses a code with one wrong character', () => {
    const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXYIOZSVabc ';
    for (const wrong of neighbours('91999999MA0TE9T0AN', alphabet)) assert.ok(!isUscc(wrong), wrong);
  });

  it('accepts identity numbers with a real birth date and the right check character', () => {
    for (const number of ['999999199001010016', '999999198512310024', '11010519491231002X']) {
      assert.ok(isIdCard(number), number);
    }
  });

  it('refuses an identity number with one wrong character or an impossible date', () => {
    for (const wrong of neighbours('999999199001010016', '0123456789X')) assert.ok(!isIdCard(wrong), wrong);
    for (const date of ['20230229', '19900431', '19901301', '19900100']) {
      const body = `999999${date}001`;
      assert.ok(!isIdCard(body + idCardCheckCharacter(body)), date);
    }
  });

  it('accepts for each 17 digits of a card number exactly one last digit', () => {
    fc.assert(
      fc.property(
        digits(15),
        (body) => '0123456789'.split('').filter((last) => passesLuhn(body + last)).length === 1,
      ),
    );
    assert.ok(passesLuhn('6200000000000005') && passesLuhn('79927398713'));
    assert.ok(!passesLuhn('6200000000000014') && !passesLuhn('62000000000000O5') && !passesLuhn(''));
  });

  it('brings every spelling of a mobile number into its E.164 form', () => {
    for (const text of ['15400000001', '+86 154 0000 0001', '86-154-0000-0001']) {
      assert.equal(mobileNumber(text), '+8615400000001');
    }
    for (const text of ['12400000001', '1540000000', '154000000011', '+8515400000001', '95588', '']) {
      assert.equal(mobileNumber(text), undefined, text);
    }
  });
});
