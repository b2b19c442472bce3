/** What changes about one member, in words. */
import type { RegistryMember, Revocation } from '../registry/registry-types.ts';
import { fieldChanges } from './field-changes.ts';

const LISTS = ['status', 'gateways', 'keys', 'signers', 'ledger'] as const;

export function memberDifferences(before: RegistryMember, after: RegistryMember): readonly string[] {
  const who = `member ${after.id}`;
  return [
    ...(before.status === after.status ? [] : [`${who} is ${after.status}, was ${before.status}`]),
    ...gatewayChanges(who, before, after),
    ...entryChanges(`${who}: key`, entries(before.keys, 'kid'), entries(after.keys, 'kid')),
    ...entryChanges(`${who}: signer`, entries(before.signers, 'x5t'), entries(after.signers, 'x5t')),
    ...fieldChanges(`${who}: ledger`, before.ledger, after.ledger),
    ...fieldChanges(who, before, after, LISTS),
  ];
}

function gatewayChanges(who: string, before: RegistryMember, after: RegistryMember): readonly string[] {
  const old = new Map(before.gateways.map(({ authority, certs }) => [authority, certs]));
  const kept = new Set(after.gateways.map(({ authority }) => authority));
  const gone = before.gateways.filter(({ authority }) => !kept.has(authority));
  return [
    ...after.gateways.flatMap(({ authority, certs }) => [
      ...(old.has(authority) ? [] : [`${who}: gateway ${authority} is added`]),
      ...entryChanges(`${who}: certificate`, entries(old.get(authority) ?? [], 'x5t'), entries(certs, 'x5t')),
    ]),
    ...gone.map(({ authority }) => `${who}: gateway ${authority} is removed`),
  ];
}

type Entry = object & {
  readonly nbf: number;
  readonly exp: number;
  readonly revoked?: Revocation;
  readonly endorsement?: object;
};

function entries<T extends Entry>(list: readonly T[], name: keyof T): ReadonlyMap<string, Entry> {
  return new Map(list.map((one) => [String(one[name]), one]));
}

function entryChanges(
  what: string,
  before: ReadonlyMap<string, Entry>,
  after: ReadonlyMap<string, Entry>,
): readonly string[] {
  const changes = [...after].flatMap(([id, entry]) => {
    const known = before.get(id);
    if (known === undefined) return [`${what} ${id} is added, until ${until(entry)}${vouched(entry)}`];
    if (known.revoked === undefined && entry.revoked !== undefined)
      return [`${what} ${id} is revoked: ${entry.revoked.reason} at ${entry.revoked.at}`];
    return fieldChanges(`${what} ${id}`, known, entry);
  });
  const gone = [...before.keys()].filter((id) => !after.has(id)).map((id) => `${what} ${id} is taken out`);
  return [...changes, ...gone];
}

function until({ exp }: Entry): string {
  return new Date(exp * 1000).toISOString();
}

/** Who vouches for a new key is what an operator must look at. */
function vouched({ endorsement }: Entry): string {
  if (endorsement === undefined) return '';
  if ('recovery' in endorsement) return `, BY RECOVERY: ${JSON.stringify(endorsement.recovery)}`;
  return ", vouched for by the member's earlier key";
}
