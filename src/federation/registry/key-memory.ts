/** What all registries so far said of members' keys: a member that was taken out is not forgotten, nor a revocation. */
import type {
  MemberKey,
  RegistryBody,
  RegistryLedger,
  RegistryMember,
  Revocation,
} from './registry-types.ts';

export interface RememberedMember {
  readonly id: string;
  /** Every key ever listed, as listed last. */
  readonly keys: ReadonlyMap<string, MemberKey>;
  readonly ledger: RegistryLedger;
}

export interface KeyMemory {
  readonly members: ReadonlyMap<string, RememberedMember>;
  /** kid → the one member that it belongs to. */
  readonly keyOwners: ReadonlyMap<string, string>;
  /** Origin of a log → the one member whose log it is. */
  readonly logOwners: ReadonlyMap<string, string>;
  /** `kind id` of key, certificate or signer → its revocation. */
  readonly revoked: ReadonlyMap<string, Revocation>;
}

const NOTHING: KeyMemory = {
  members: new Map(),
  keyOwners: new Map(),
  logOwners: new Map(),
  revoked: new Map(),
};

/** The memory after one more registry; the one before is left as it was. */
export function remember(body: RegistryBody, before: KeyMemory = NOTHING): KeyMemory {
  const members = new Map(before.members);
  const keyOwners = new Map(before.keyOwners);
  const logOwners = new Map(before.logOwners);
  const revoked = new Map(before.revoked);
  for (const member of body.members) {
    members.set(member.id, rememberMember(member, before.members.get(member.id)));
    for (const { kid } of member.keys) keyOwners.set(kid, member.id);
    logOwners.set(member.ledger.origin, member.id);
    for (const [id, revocation] of revocationsOf(member)) revoked.set(id, revocation);
  }
  return { members, keyOwners, logOwners, revoked };
}

function rememberMember(member: RegistryMember, before: RememberedMember | undefined): RememberedMember {
  const keys = new Map(before?.keys);
  for (const key of member.keys) keys.set(key.kid, key);
  return { id: member.id, keys, ledger: member.ledger };
}

/** Everything of a member that can be revoked, with what the registry says of it. */
export function standings(
  member: RegistryMember,
): readonly { readonly id: string; readonly revoked: Revocation | undefined }[] {
  return [
    ...member.keys.map(({ kid, revoked }) => ({ id: `key ${kid}`, revoked })),
    ...member.gateways.flatMap(({ certs }) =>
      certs.map(({ x5t, revoked }) => ({ id: `certificate ${x5t}`, revoked })),
    ),
    ...member.signers.map(({ x5t, revoked }) => ({ id: `signer ${x5t}`, revoked })),
  ];
}

function revocationsOf(member: RegistryMember): readonly (readonly [string, Revocation])[] {
  return standings(member).flatMap(({ id, revoked }) =>
    revoked === undefined ? [] : [[id, revoked] as const],
  );
}
