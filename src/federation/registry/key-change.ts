/** A member's seal key changes by the member's own earlier key or by a recorded recovery, never by operators in silence. */
import { canonicalBytes } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SigningKey } from '../../wire/jws.ts';
import { signDocument, signerOf, type DocumentSignature } from './document-signature.ts';
import type { MemberKey, RegistryBody, RegistryMember } from '../registry-types.ts';

const KEY_TYPE = 'lz-key+jws';

export interface KeySuccession {
  readonly alliance: string;
  readonly member: string;
  readonly kid: string;
}

/** Made by the member at rotation, with its current seal key, over the thumbprint of the new one. */
export function endorseKey(succession: KeySuccession, currentKey: SigningKey): Promise<DocumentSignature> {
  return signDocument(KEY_TYPE, payloadOf(succession), currentKey);
}

/** Throws `registry.chain-broken` when a known member has a new key that nothing vouches for. */
export async function checkKeyChanges(next: RegistryBody, previous: RegistryBody): Promise<void> {
  for (const member of next.members) {
    const before = previous.members.find((known) => known.id === member.id);
    if (before !== undefined && before.keys.length > 0) await checkMember(next.alliance, member, before);
  }
}

async function checkMember(alliance: string, member: RegistryMember, before: RegistryMember): Promise<void> {
  const known = new Set(before.keys.map((key) => key.kid));
  for (const key of member.keys) {
    if (known.has(key.kid) || (await vouchedFor(alliance, key, before))) continue;
    throw new GatewayError(
      'registry.chain-broken',
      `new key ${key.kid} of ${member.id} needs a signature of an earlier key or a recorded recovery`,
      { facts: { member: member.id, kid: key.kid } },
    );
  }
}

async function vouchedFor(alliance: string, key: MemberKey, before: RegistryMember): Promise<boolean> {
  const endorsement = key.endorsement;
  if (endorsement === undefined) return false;
  if ('recovery' in endorsement) return true;
  const payload = payloadOf({ alliance, member: before.id, kid: key.kid });
  const usable = before.keys.filter((earlier) => earlier.use === 'seal' && earlier.revoked === undefined);
  return (await signerOf({ typ: KEY_TYPE, payload, signature: endorsement }, usable)) !== undefined;
}

function payloadOf({ alliance, member, kid }: KeySuccession): string {
  return canonicalBytes({ alliance, member, kid }).toString('base64url');
}
