/** Types of documents, words and conduct. */
import { behaviourCodes } from './behaviour-codes.ts';
import { ofForm, plainText, type TypeRule } from './type-rule.ts';

const DIGEST = /^(?:sha256|sm3):[0-9a-f]{64}$/;
/** TLSH 4 (T1 and 70 hex digits) or PDQ (256 bits). */
const TEMPLATE = /^(?:tlsh:t1[0-9a-f]{70}|pdq:[0-9a-f]{64})$/;
/** 64 or 128 minima of 32 bits over the shingles of the text. */
const MINHASH = /^minhash:(?:[0-9a-f]{512}|[0-9a-f]{1024})$/;

export const documentDigest: TypeRule = {
  personal: false,
  expected: 'sha256: or sm3: and 64 hex digits',
  normalise: (value) => ofForm(value.trim().toLowerCase(), DIGEST),
};

export const documentTemplate: TypeRule = {
  personal: false,
  expected: 'tlsh:T1 and 70 hex digits, or pdq: and 64 hex digits',
  normalise: (value) => ofForm(value.trim().toLowerCase(), TEMPLATE),
};

export const adCopy: TypeRule = {
  personal: false,
  expected: 'minhash: and 64 or 128 minima of 32 bits in hex',
  normalise: (value) => ofForm(value.trim().toLowerCase(), MINHASH),
};

export const slogan: TypeRule = {
  personal: false,
  expected: '2–200 characters',
  normalise: (value) => plainText(value, { least: 2, most: 200, fold: (text) => text.toLowerCase() }),
};

export const behaviour: TypeRule = {
  personal: false,
  expected: 'a behaviour code of the vocabulary in docs/features.md, e.g. STRAW_BORROWER',
  normalise: (value) => {
    const code = value.trim().toUpperCase();
    return behaviourCodes.has(code) ? code : undefined;
  },
};
