/** Check digits of the identifiers that the field uses: GB 32100, GB 11643, ISO/IEC 7812, mainland mobile numbers. */

/** GB 32100-2015 (with amendment 1): no I, O, Z, S, V. */
const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const USCC_FORM = /^[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$/;
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] as const;

const ID_CARD_FORM = /^[0-9]{17}[0-9X]$/;
/** ISO 7064 MOD 11-2, as GB 11643-1999 writes it. */
const ID_CARD_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const ID_CARD_DIGITS = '10X98765432';

const LUHN_FORM = /^[0-9]{2,19}$/;
const MOBILE_FORM = /^(?:\+?86)?(1[3-9][0-9]{9})$/;

/** Last character of a unified social credit code, from its first 17. */
export function usccCheckCharacter(body: string): string {
  const sum = USCC_WEIGHTS.reduce(
    (total, weight, at) => total + weight * USCC_ALPHABET.indexOf(body.charAt(at)),
    0,
  );
  return USCC_ALPHABET.charAt((31 - (sum % 31)) % 31);
}

/** True for an 18-character code (upper case) whose form and check character are right; Y, N and A prefixes included. */
export function isUscc(text: string): boolean {
  return USCC_FORM.test(text) && usccCheckCharacter(text) === text.charAt(17);
}

/** Last character of a resident identity number, from its first 17 digits. */
export function idCardCheckCharacter(body: string): string {
  const sum = ID_CARD_WEIGHTS.reduce((total, weight, at) => total + weight * Number(body.charAt(at)), 0);
  return ID_CARD_DIGITS.charAt(sum % 11);
}

/** True for 18 characters (X upper case) with a real birth date and the right check character. */
export function isIdCard(text: string): boolean {
  return (
    ID_CARD_FORM.test(text) && isDate(text.slice(6, 14)) && idCardCheckCharacter(text) === text.charAt(17)
  );
}

/** Luhn (ISO/IEC 7812) over a string of digits, check digit last. */
export function passesLuhn(digits: string): boolean {
  if (!LUHN_FORM.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    const doubled = at % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** The E.164 form of a mainland mobile number, or undefined; spaces and hyphens between digits are let through. */
export function mobileNumber(text: string): string | undefined {
  const national = MOBILE_FORM.exec(text.replace(/[ -]/g, ''))?.[1];
  return national === undefined ? undefined : `+86${national}`;
}

/** `yyyymmdd` of the Gregorian calendar. */
function isDate(text: string): boolean {
  const [year, month, day] = [text.slice(0, 4), text.slice(4, 6), text.slice(6, 8)].map(Number);
  if (year === undefined || month === undefined || day === undefined || year < 1800) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
