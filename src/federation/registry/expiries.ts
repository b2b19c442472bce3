/** What of a member's standing in the registry ends, and when: one rule for logs, metrics and `lianzheng doctor`. */
import { X509Certificate } from 'node:crypto';
import { sha256 } from '../../core/digest.ts';
import type { RegistryBody, RegistryMember, Revocation, Validity } from './registry-types.ts';

export type ExpiryKind = 'certificate' | 'seal-key' | 'enc-key' | 'signer' | 'ca' | 'registry';

export interface Expiry {
  readonly what: ExpiryKind;
  /** Thumbprint of the certificate or CA, kid of the key, serial of the registry. */
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  /** Whole days until `at`, rounded down: 0 on the last day, negative after the end. */
  readonly daysLeft: number;
  /** The smallest step that has been reached; 0 after the end; undefined while there is time. */
  readonly step: ExpiryStep | undefined;
  /** Another one in the same place lives longer: nothing needs to be done about this one. */
  readonly covered: boolean;
}

export type ExpiryStep = 30 | 14 | 7 | 3 | 1 | 0;

/** Days before the end at which operators and members are told. */
export const EXPIRY_STEPS = [30, 14, 7, 3, 1] as const;
const DAY_MS = 86_400_000;

/**
 * Everything that ends for one member, soonest first. Revoked entries are left out: they have ended already. A member
 * that is not listed gets the registry and the CAs. Log keys have no end in the registry and are not in here.
 */
export function expiriesOf(registry: RegistryBody, member: string, now: Date): readonly Expiry[] {
  const own = registry.members.find(({ id }) => id === member);
  const ends = [
    { what: 'registry', id: String(registry.serial), end: Date.parse(registry.expiresAt), place: 'registry' },
    ...authorityEnds(registry.cas),
    ...(own === undefined ? [] : memberEnds(own)),
  ] as const satisfies readonly End[];
  return ends
    .map((one) => expiryOf(one, ends, now))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1));
}

/** The smallest step that is not below the time left. */
export function expiryStep(end: Date, now: Date): ExpiryStep | undefined {
  const left = end.getTime() - now.getTime();
  if (left < 0) return 0;
  return [...EXPIRY_STEPS].reverse().find((step) => left <= step * DAY_MS);
}

interface End {
  readonly what: ExpiryKind;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly end: number;
  /** What one of them stands in for another in. */
  readonly place: string;
}

function expiryOf(one: End, all: readonly End[], now: Date): Expiry {
  const at = new Date(one.end);
  return {
    what: one.what,
    id: one.id,
    at: at.toISOString(),
    daysLeft: Math.floor((one.end - now.getTime()) / DAY_MS),
    step: expiryStep(at, now),
    covered: all.some(({ place, end }) => place === one.place && end > one.end),
  };
}

function memberEnds(member: RegistryMember): readonly End[] {
  const certificates = member.gateways.flatMap(({ authority, certs }) =>
    listed(certs).map((cert) => endOf('certificate', cert.x5t, { exp: cert.exp, place: authority })),
  );
  const keys = listed(member.keys).map(({ kid, use, exp }) =>
    endOf(use === 'seal' ? 'seal-key' : 'enc-key', kid, { exp, place: use }),
  );
  // A person's certificate is replaced by another of the same roles; whose it is the registry does not say.
  const signers = listed(member.signers).map(({ x5t, exp }) => endOf('signer', x5t, { exp, place: x5t }));
  return [...certificates, ...keys, ...signers];
}

function listed<T extends Validity & { readonly revoked?: Revocation }>(all: readonly T[]): readonly T[] {
  return all.filter(({ revoked }) => revoked === undefined);
}

function endOf(what: ExpiryKind, id: string, { exp, place }: { exp: number; place: string }): End {
  return { what, id, end: exp * 1000, place: `${what} ${place}` };
}

/** A CA of the same name that lives longer is its successor. What is no certificate has no end. */
function authorityEnds(cas: readonly string[]): readonly End[] {
  return cas.flatMap((pem) => {
    try {
      const { raw, validTo, subject } = new X509Certificate(pem);
      const id = sha256(raw).toString('base64url');
      return [{ what: 'ca' as const, id, end: Date.parse(validTo), place: `ca ${subject}` }];
    } catch {
      return [];
    }
  });
}
