/** Rules of a registry body that its schema can't say. */
import { canonicalBytes, type JsonObject } from '../../core/canonical.ts';
import { sha256 } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { readVkey } from '../../ledger/notes/note-key.ts';
import { readPolicy } from '../../ledger/witness/policy.ts';
import { readAuthority } from '../peers/authority.ts';
import type { RegistryBody } from './registry-types.ts';

const DAY_MS = 86_400_000;
export const MAX_REGISTRY_DAYS = 90;
const THUMBPRINT_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  OKP: ['crv', 'kty', 'x'],
  EC: ['crv', 'kty', 'x', 'y'],
  RSA: ['e', 'kty', 'n'],
};
const FIRST_PREV = '0'.repeat(64);

/** Throws `registry.invalid` naming the first broken rule. */
export function checkRegistryRules(body: RegistryBody): void {
  const life = Date.parse(body.expiresAt) - Date.parse(body.issuedAt);
  demand(
    life > 0 && life <= MAX_REGISTRY_DAYS * DAY_MS,
    `expiresAt must be within ${MAX_REGISTRY_DAYS} days`,
  );
  demand((body.serial === 1) === (body.prev === FIRST_PREV), 'only serial 1 has a prev of zeros');
  demand(body.operators.threshold <= body.operators.keys.length, 'threshold is above the number of keys');
  checkUnique(body);
  checkReferences(body);
  checkHiddenGroups(body);
  checkKeyNames(body);
  checkAuthorities(body);
  checkWitnesses(body);
}

/** The document goes to every member whole: what it says of a hidden group, everybody knows. */
function checkHiddenGroups({ groups, grants }: RegistryBody): void {
  const hidden = new Set(groups.flatMap((group) => (group.hidden === true ? [group.id] : [])));
  for (const { id, members, commitments } of groups) {
    demand(!hidden.has(id) || members.length === 0, `hidden group ${id} lists members in clear`);
    demand(
      hidden.has(id) === (commitments !== undefined),
      `group ${id}: hidden and commitments belong together`,
    );
  }
  for (const { id, group, who } of grants) {
    const tells = hidden.has(group) && who.members !== undefined;
    demand(!tells, `grant ${id} names members of hidden group ${group}: name their roles`);
  }
}

/** A policy that nobody can read, or that names a member's witness by another key, would leave every log unwatched. */
function checkWitnesses(body: RegistryBody): void {
  const keys = body.members.flatMap(({ ledger }) => ledger.witnessVkey ?? []);
  unique('witness key', keys);
  try {
    for (const vkey of keys) readVkey(vkey, 'cosigner');
    if (body.witnessPolicy !== null) readPolicy(body.witnessPolicy);
  } catch (cause) {
    demand(false, cause instanceof Error ? cause.message : 'witness policy cannot be read');
  }
}

/** Every gateway connects to what stands here; whether the address may be reached, each decides when it connects. */
function checkAuthorities({ members }: RegistryBody): void {
  for (const { id, gateways } of members) {
    for (const { authority } of gateways) {
      demand(
        readAuthority(authority) !== undefined,
        `authority ${authority} of ${id} is no plain lower-case host with a port from 1 to 65535`,
      );
    }
  }
}

/** Two owners of one key, certificate or ledger would let one member act as the other. */
function checkUnique(body: RegistryBody): void {
  const { members } = body;
  const gateways = members.flatMap((member) => member.gateways);
  unique(
    'operator key',
    body.operators.keys.map((key) => key.kid),
  );
  unique(
    'member',
    members.map((member) => member.id),
  );
  unique(
    'authority',
    gateways.map((gateway) => gateway.authority),
  );
  unique(
    'certificate',
    gateways.flatMap((gateway) => gateway.certs.map((cert) => cert.x5t)),
  );
  unique(
    'key',
    members.flatMap((member) => member.keys.map((key) => key.kid)),
  );
  unique(
    'signer',
    members.flatMap((member) => member.signers.map((signer) => signer.x5t)),
  );
  unique(
    'ledger',
    members.map((member) => member.ledger.origin),
  );
  unique(
    'group',
    body.groups.map((group) => group.id),
  );
  unique(
    'grant',
    body.grants.map((grant) => grant.id),
  );
  unique(
    'schema',
    body.schemas.map((schema) => schema.id),
  );
}

function checkReferences(body: RegistryBody): void {
  const members = new Set(body.members.map((member) => member.id));
  const groups = new Set(body.groups.map((group) => group.id));
  for (const group of body.groups) {
    for (const member of group.members)
      demand(members.has(member), `group ${group.id} lists no member ${member}`);
  }
  for (const grant of body.grants) demand(groups.has(grant.group), `grant ${grant.id} is for no group`);
}

/** A kid that is not the thumbprint of its key would let one key count as two, or change in silence. */
function checkKeyNames(body: RegistryBody): void {
  for (const { kid, jwk } of body.members.flatMap((member) => member.keys)) {
    demand(jwk['kid'] === undefined || jwk['kid'] === kid, `key ${kid} has another kid inside`);
    demand(thumbprintOf(jwk) === kid, `kid ${kid} is not the thumbprint of its key`);
  }
  for (const jwk of [...body.operators.keys, body.freshnessKey])
    demand(thumbprintOf(jwk) === jwk.kid, `kid ${jwk.kid} is not the thumbprint of its key`);
}

/** RFC 7638: SHA-256 over the members that make the key, in the order of their names. */
function thumbprintOf(jwk: JsonObject): string {
  const names = THUMBPRINT_MEMBERS[jwk['kty'] as string] ?? [];
  const essence = Object.fromEntries(names.map((name) => [name, jwk[name]]));
  return sha256(canonicalBytes(essence)).toString('base64url');
}

function unique(what: string, ids: readonly string[]): void {
  const seen = new Set<string>();
  for (const id of ids) {
    demand(!seen.has(id), `${what} ${id} is listed twice`);
    seen.add(id);
  }
}

function demand(met: boolean, rule: string): void {
  if (!met) throw new GatewayError('registry.invalid', `registry is refused: ${rule}`, { facts: { rule } });
}
