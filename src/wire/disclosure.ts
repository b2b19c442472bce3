/** Salted commitments: what signed bytes carry in place of a personal value, and the disclosure beside them. */
import { createHash, randomBytes } from 'node:crypto';
import { GatewayError } from '../core/errors.ts';
import { decodeBase64url } from './base64url.ts';

export interface Disclosure {
  /** 16 random bytes, base64url, 22 characters. */
  readonly salt: string;
  readonly value: string;
}

/** What travels beside one envelope: each commitment has its disclosure, or is named as erased. */
export interface Disclosed {
  readonly disclosures: readonly Disclosure[];
  /** Commitments, hex. */
  readonly erased: readonly string[];
}

const SALT_BYTES = 16;

export function newDisclosure(value: string): Disclosure {
  return { salt: randomBytes(SALT_BYTES).toString('base64url'), value };
}

/** Lowercase hex SHA-256(salt bytes ‖ UTF-8 value). The salt's fixed length keeps the two apart. */
export function commit(disclosure: Disclosure): string {
  const salt = decodeBase64url(disclosure.salt, 'envelope.disclosure-invalid');
  if (salt.length !== SALT_BYTES) {
    throw new GatewayError('envelope.disclosure-invalid', `expected a salt of ${SALT_BYTES} bytes`);
  }
  return createHash('sha256').update(salt).update(disclosure.value, 'utf8').digest('hex');
}

/**
 * Matches untrusted disclosures to signed commitments: exactly one for each, none beside.
 * Returns the disclosure of each commitment.
 */
export function matchDisclosures(
  commitments: Iterable<string>,
  disclosures: readonly Disclosure[],
): ReadonlyMap<string, Disclosure> {
  const offered = new Map(disclosures.map((disclosure) => [commit(disclosure), disclosure]));
  const matched = new Map<string, Disclosure>();
  for (const commitment of commitments) {
    const disclosure = offered.get(commitment);
    if (disclosure === undefined) throw mismatch('a commitment has no disclosure');
    matched.set(commitment, disclosure);
  }
  if (matched.size !== disclosures.length)
    throw mismatch('a disclosure has no commitment, or is given twice');
  return matched;
}

function mismatch(what: string): GatewayError {
  return new GatewayError(
    'envelope.disclosure-invalid',
    `expected one disclosure for each commitment: ${what}`,
  );
}
