/** Which JSON number texts survive a round trip through an IEEE 754 double. */

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const ZERO = 0x30;
const NINE = 0x39;

/** Digits alone, few enough to be exact in a double: nearly every number on the wire. */
export function isShortInteger(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 15) return false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte < ZERO || byte > NINE) return false;
  }
  return true;
}

/**
 * True when reading and rewriting `text` would give another number: overflow, underflow, too many digits, an
 * integer beyond 2^53−1, or −0 (rewritten as 0). Text that is no JSON number is left to the parser.
 */
export function isLossyNumber(text: string): boolean {
  const written = decimalOf(text);
  if (written === undefined) return false;
  const value = Number(text);
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return true;
  if (Object.is(value, -0)) return true;
  return written !== decimalOf(String(value));
}

/** Sign, significant digits and exponent: equal exactly when two texts name the same decimal number. */
function decimalOf(text: string): string | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = trimZeros(whole + fraction);
  if (digits.text === '') return '0';
  return `${sign}${digits.text}e${Number(exponent) - fraction.length + digits.dropped}`;
}

/** Without regular expressions: the text is attacker-controlled and may be a megabyte of zeros. */
function trimZeros(digits: string): { readonly text: string; readonly dropped: number } {
  let start = 0;
  let end = digits.length;
  while (start < end && digits.charCodeAt(start) === ZERO) start++;
  while (end > start && digits.charCodeAt(end - 1) === ZERO) end--;
  return { text: digits.slice(start, end), dropped: digits.length - end };
}
