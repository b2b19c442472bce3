/** What every feature type must say about itself. */

export interface TypeRule {
  /** Personal values never stand in signed bytes (PIPL 4, 28): only their commitment does. */
  readonly personal: boolean;
  /** What a value must be, for the reason of a refusal. */
  readonly expected: string;
  /** The one form in which a value is compared, signed and shown; undefined when the value is not of this type. */
  normalise(value: string): string | undefined;
}

export interface TextRule {
  /** Bounds in code points, of the folded text. */
  readonly least: number;
  readonly most: number;
  /** Casing and removal of what does not distinguish two values of the type. */
  fold(text: string): string;
}

/** NFKC, folded, white space runs as one space; undefined outside the bounds or with control characters. */
export function plainText(value: string, rule: TextRule): string | undefined {
  const text = folded(value, rule);
  const length = Array.from(text).length;
  if (length < rule.least || length > rule.most || /\p{C}/u.test(text)) return undefined;
  // Casing can undo NFKC for a few letters; a receiver must come to the same text, so those are refused.
  return folded(text, rule) === text ? text : undefined;
}

function folded(value: string, rule: TextRule): string {
  const text = value.normalize('NFKC').replace(/\s+/gu, ' ').trim();
  return rule.fold(text).normalize('NFKC');
}

/** The text when it has the form. */
export function ofForm(text: string, form: RegExp): string | undefined {
  return form.test(text) ? text : undefined;
}
