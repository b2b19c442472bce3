/**
 * A member's keys and log change by the member's own earlier key or by a recorded recovery, never by operators in
 * silence; judged against every registry since the first, so that taking a member out and in again is no way around.
 */
import { canonicalBytes, canonicalJson } from '../../core/canonical.ts';
import { seconds } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SigningKey } from '../../wire/jws.ts';
import { signDocument, signerOf, type DocumentSignature } from './document-signature.ts';
import { standings, type KeyMemory, type RememberedMember } from './key-memory.ts';
import type {
  KeyEndorsement,
  MemberKey,
  RegistryBody,
  RegistryMember,
  Revocation,
} from './registry-types.ts';

const KEY_TYPE = 'lz-key+jws';

export interface KeySuccession {
  readonly alliance: string;
  readonly member: string;
  readonly kid: string;
  /** Named in what is signed unless it is `seal`, so that no endorsement serves for another use. */
  readonly use?: 'seal' | 'enc';
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

/** Throws `registry.chain-broken` when something of a member, known at any time before, changes and nothing vouches for it. */
export async function checkKeyChanges(next: RegistryBody, memory: KeyMemory): Promise<void> {
  for (const member of next.members) {
    refuseForeign(member, memory);
    for (const { id, revoked } of standings(member)) refuseReturn({ member, id, revoked }, memory);
    const before = memory.members.get(member.id);
    if (before === undefined) continue;
    const vouchers = vouchersOf(before, member, next);
    for (const key of member.keys) await checkKey({ next, member, before, vouchers }, key);
    await checkLedger({ next, member, before, vouchers });
  }
}

interface Change {
  readonly next: RegistryBody;
  readonly member: RegistryMember;
  readonly before: RememberedMember;
  readonly vouchers: readonly MemberKey[];
}

/** A key or log of one member, even a former one, under another's name would let the one speak for the other. */
function refuseForeign(member: RegistryMember, { keyOwners, logOwners }: KeyMemory): void {
  for (const { kid } of member.keys) {
    const owner = keyOwners.get(kid) ?? member.id;
    if (owner !== member.id) refuse(`key ${kid} of ${member.id} was ${owner}'s`, { member: member.id, kid });
  }
  const { origin } = member.ledger;
  const owner = logOwners.get(origin) ?? member.id;
  if (owner !== member.id) refuse(`the log ${origin} is ${owner}'s`, { member: member.id, origin });
}

/** What was revoked stays revoked: a thief's key does not come back by being left out once. */
function refuseReturn(
  { member, id, revoked }: { member: RegistryMember; id: string; revoked: Revocation | undefined },
  memory: KeyMemory,
): void {
  const known = memory.revoked.get(id);
  if (known === undefined) return;
  const facts = { member: member.id, id };
  if (revoked === undefined) refuse(`${id} of ${member.id} was revoked and cannot come back`, facts);
  // Compromised is the harder judgement: it may be made later, and is not taken back.
  if (revoked.reason !== 'superseded') return;
  const softened = known.reason !== 'superseded';
  const delayed = Date.parse(revoked.at) > Date.parse(known.at);
  if (softened || delayed) refuse(`the revocation of ${id} of ${member.id} was weakened`, facts);
}

/** Earlier seal keys that may speak: in their time, never revoked, and not called stolen by the very registry that they vouch in. */
function vouchersOf(
  before: RememberedMember,
  member: RegistryMember,
  next: RegistryBody,
): readonly MemberKey[] {
  const at = seconds(new Date(next.issuedAt));
  const stolen = new Set(
    member.keys.flatMap(({ kid, revoked }) =>
      revoked === undefined || revoked.reason === 'superseded' ? [] : [kid],
    ),
  );
  return [...before.keys.values()].filter(
    ({ kid, use, revoked, nbf, exp }) =>
      use === 'seal' && revoked === undefined && nbf <= at && at <= exp && !stolen.has(kid),
  );
}

async function checkKey(change: Change, key: MemberKey): Promise<void> {
  const { next, member, before, vouchers } = change;
  const facts = { member: member.id, kid: key.kid };
  const known = before.keys.get(key.kid);
  if (known !== undefined) {
    if (sameKey(known, key)) return;
    refuse(`key ${key.kid} of ${member.id} is listed with another jwk, alg or use than before`, facts);
  }
  // A member that never had a key gets its first one from the operators, as at its admission.
  if (before.keys.size === 0) return;
  const payload = payloadOf({ alliance: next.alliance, member: member.id, kid: key.kid, use: key.use });
  if (await vouchedFor(key.endorsement, payload, vouchers)) return;
  refuse(
    `new key ${key.kid} of ${member.id} needs a signature of an earlier key or a recorded recovery`,
    facts,
  );
}

function sameKey(known: MemberKey, key: MemberKey): boolean {
  const essence = ({ jwk, alg, use }: MemberKey): string => canonicalJson({ jwk, alg, use });
  return essence(known) === essence(key);
}

/** Whoever could put another vkey there in silence could write the member's log. */
async function checkLedger({ next, member, before, vouchers }: Change): Promise<void> {
  const { origin, vkey, endorsement } = member.ledger;
  if (origin === before.ledger.origin && vkey === before.ledger.vkey) return;
  const facts = { member: member.id, vkey };
  // c2sp.org/tlog-checkpoint: the key's name is the origin.
  if (!vkey.startsWith(`${origin}+`)) refuse(`ledger key of ${member.id} is not named ${origin}`, facts);
  const payload = ledgerPayload({ alliance: next.alliance, member: member.id, vkey });
  if (await vouchedFor(endorsement, payload, vouchers)) return;
  refuse(
    `new ledger key of ${member.id} needs a signature of an earlier seal key or a recorded recovery`,
    facts,
  );
}

async function vouchedFor(
  endorsement: KeyEndorsement | undefined,
  payload: string,
  vouchers: readonly MemberKey[],
): Promise<boolean> {
  if (endorsement === undefined) return false;
  if ('recovery' in endorsement) return true;
  return (await signerOf({ typ: KEY_TYPE, payload, signature: endorsement }, vouchers)) !== undefined;
}

function payloadOf({ alliance, member, kid, use }: KeySuccession): string {
  const other = use === undefined || use === 'seal' ? {} : { use };
  return canonicalBytes({ alliance, member, kid, ...other }).toString('base64url');
}

function ledgerPayload({ alliance, member, vkey }: LedgerKeySuccession): string {
  return canonicalBytes({ alliance, member, vkey }).toString('base64url');
}

function refuse(message: string, facts: Readonly<Record<string, string>>): never {
  throw new GatewayError('registry.chain-broken', message, { facts });
}
