/** A member's seal key or ledger key changes by the member's own earlier key or by a recorded recovery, never by operators in silence. */
import { canonicalBytes } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SigningKey } from '../../wire/jws.ts';
import { signDocument, signerOf, type DocumentSignature } from './document-signature.ts';
import type { KeyEndorsement, RegistryBody, RegistryMember } from '../registry-types.ts';

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

export interface LedgerKeySuccession {
  readonly alliance: string;
  readonly member: string;
  readonly vkey: string;
}

/** The same for the member's ledger: with the current seal key, over the vkey that its log goes on with. */
export function endorseLedgerKey(
  succession: LedgerKeySuccession,
  sealKey: SigningKey,
): Promise<DocumentSignature> {
  return signDocument(KEY_TYPE, ledgerPayload(succession), sealKey);
}

/** Throws `registry.chain-broken` when a known member has a new key that nothing vouches for. */
export async function checkKeyChanges(next: RegistryBody, previous: RegistryBody): Promise<void> {
  for (const member of next.members) {
    const before = previous.members.find((known) => known.id === member.id);
    if (before === undefined) continue;
    if (before.keys.length > 0) await checkMember(next.alliance, member, before);
    await checkLedger(next.alliance, member, before);
  }
}

/** Whoever could put another vkey there in silence could write the member's log. */
async function checkLedger(alliance: string, member: RegistryMember, before: RegistryMember): Promise<void> {
  const { origin, vkey, endorsement } = member.ledger;
  if (origin === before.ledger.origin && vkey === before.ledger.vkey) return;
  const facts = { member: member.id, vkey };
  // c2sp.org/tlog-checkpoint: the key's name is the origin.
  if (!vkey.startsWith(`${origin}+`))
    throw new GatewayError('registry.chain-broken', `ledger key of ${member.id} is not named ${origin}`, {
      facts,
    });
  const payload = ledgerPayload({ alliance, member: member.id, vkey });
  if (await vouchedFor(endorsement, payload, before)) return;
  throw new GatewayError(
    'registry.chain-broken',
    `new ledger key of ${member.id} needs a signature of an earlier seal key or a recorded recovery`,
    { facts },
  );
}

async function checkMember(alliance: string, member: RegistryMember, before: RegistryMember): Promise<void> {
  const known = new Set(before.keys.map((key) => key.kid));
  for (const key of member.keys) {
    const payload = payloadOf({ alliance, member: before.id, kid: key.kid });
    if (known.has(key.kid) || (await vouchedFor(key.endorsement, payload, before))) continue;
    throw new GatewayError(
      'registry.chain-broken',
      `new key ${key.kid} of ${member.id} needs a signature of an earlier key or a recorded recovery`,
      { facts: { member: member.id, kid: key.kid } },
    );
  }
}

async function vouchedFor(
  endorsement: KeyEndorsement | undefined,
  payload: string,
  before: RegistryMember,
): Promise<boolean> {
  if (endorsement === undefined) return false;
  if ('recovery' in endorsement) return true;
  const usable = before.keys.filter((earlier) => earlier.use === 'seal' && earlier.revoked === undefined);
  return (await signerOf({ typ: KEY_TYPE, payload, signature: endorsement }, usable)) !== undefined;
}

function payloadOf({ alliance, member, kid }: KeySuccession): string {
  return canonicalBytes({ alliance, member, kid }).toString('base64url');
}

function ledgerPayload({ alliance, member, vkey }: LedgerKeySuccession): string {
  return canonicalBytes({ alliance, member, vkey }).toString('base64url');
}
