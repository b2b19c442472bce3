/** What changes from one registry to another, in words: what an operator sees before signing. */
import { authorityName } from '../../pki/admission/authority-certificate.ts';
import type { Grant, RegistryBody, RegistryGroup, RegistryMember } from '../registry/registry-types.ts';
import { fieldChanges } from './field-changes.ts';
import { memberDifferences } from './member-differences.ts';

export interface Difference {
  readonly part:
    | 'members'
    | 'groups'
    | 'grants'
    | 'cas'
    | 'operators'
    | 'freshnessKey'
    | 'schemas'
    | 'witnessPolicy'
    | 'dates';
  /** Of the member, group, grant, key … that changed. */
  readonly id: string;
  readonly text: string;
}

/** Empty when nothing but serial, prev and dates differs; `dates` stands last. */
export function differences(before: RegistryBody, after: RegistryBody): readonly Difference[] {
  return [
    ...listDifferences(before.members, after.members, {
      part: 'members',
      added: memberAdmitted,
      removed: (member) => `member ${member.id} is taken out`,
      changed: memberDifferences,
    }),
    ...listDifferences(before.groups, after.groups, {
      part: 'groups',
      added: groupText('is added'),
      removed: groupText('is removed'),
      changed: groupChanges,
    }),
    ...listDifferences(before.grants, after.grants, {
      part: 'grants',
      added: grantText('is added'),
      removed: grantText('is removed'),
      changed: grantChanges,
    }),
    ...authorityDifferences(before.cas, after.cas),
    ...operatorDifferences(before, after),
    ...wholePart(before, after),
    ...dateDifferences(before, after),
  ];
}

interface Kind<T> {
  readonly part: Difference['part'];
  readonly added: (one: T) => string;
  readonly removed: (one: T) => string;
  readonly changed: (before: T, after: T) => readonly string[];
}

function listDifferences<T extends { readonly id: string }>(
  before: readonly T[],
  after: readonly T[],
  kind: Kind<T>,
): readonly Difference[] {
  const old = new Map(before.map((one) => [one.id, one]));
  const ids = new Set(after.map(({ id }) => id));
  const differs = (id: string, text: string): Difference => ({ part: kind.part, id, text });
  const changes = after.flatMap((one) => {
    const known = old.get(one.id);
    if (known === undefined) return [differs(one.id, kind.added(one))];
    return kind.changed(known, one).map((text) => differs(one.id, text));
  });
  const gone = before.filter(({ id }) => !ids.has(id)).map((one) => differs(one.id, kind.removed(one)));
  return [...changes, ...gone];
}

function memberAdmitted({
  id,
  name,
  roles,
  status,
  gateways,
  keys,
  signers,
  ledger,
}: RegistryMember): string {
  const at = gateways.map(
    ({ authority, certs }) => `${authority} [${certs.map(({ x5t }) => x5t).join(' ')}]`,
  );
  const kids = keys.map(({ kid, use }) => `${use} ${kid}`);
  return [
    `member ${id} (${name}, ${roles.join(' ')}) is admitted as ${status}`,
    ...at.map((text) => `  gateway ${text}`),
    ...kids.map((text) => `  key ${text}`),
    ...signers.map(({ x5t, roles: may }) => `  signer ${x5t} ${may.join(' ')}`),
    `  ledger ${ledger.vkey}`,
    ...(ledger.witnessVkey === undefined ? [] : [`  witness ${ledger.witnessVkey}`]),
  ].join('\n');
}

function groupText(verb: string) {
  return ({ id, compartment, members }: RegistryGroup): string =>
    `group ${id} (${compartment}: ${members.join(' ') || 'nobody'}) ${verb}`;
}

function groupChanges(before: RegistryGroup, after: RegistryGroup): readonly string[] {
  const added = after.members.filter((member) => !before.members.includes(member));
  const gone = before.members.filter((member) => !after.members.includes(member));
  return [
    ...added.map((member) => `group ${after.id}: ${member} is added`),
    ...gone.map((member) => `group ${after.id}: ${member} is removed`),
    ...fieldChanges(`group ${after.id}`, before, after, ['members']),
  ];
}

function grantText(verb: string) {
  return ({ id, group, who, may, notAfter, maxGrade }: Grant): string => {
    const whom = [...(who.roles ?? []), ...(who.members ?? [])].join(' ');
    return `grant ${id} ${verb}: ${whom} may ${may.join(' ')} in ${group}, grade ${maxGrade}, until ${notAfter}`;
  };
}

function grantChanges(before: Grant, after: Grant): readonly string[] {
  return fieldChanges(`grant ${after.id}`, before, after);
}

function authorityDifferences(before: readonly string[], after: readonly string[]): readonly Difference[] {
  const line = (pem: string, verb: string): Difference => {
    const { sha256, text } = authorityName(pem);
    return { part: 'cas', id: sha256, text: `CA ${text} ${verb}` };
  };
  return [
    ...after.filter((pem) => !before.includes(pem)).map((pem) => line(pem, 'is added')),
    ...before.filter((pem) => !after.includes(pem)).map((pem) => line(pem, 'is removed')),
  ];
}

function operatorDifferences(before: RegistryBody, after: RegistryBody): readonly Difference[] {
  const [old, now] = [before.operators, after.operators];
  const kids = (set: typeof old): readonly string[] => set.keys.map(({ kid }) => kid);
  const line = (id: string, text: string): Difference => ({ part: 'operators', id, text });
  const added = kids(now).filter((kid) => !kids(old).includes(kid));
  const gone = kids(old).filter((kid) => !kids(now).includes(kid));
  return [
    ...added.map((kid) => line(kid, `operator key ${kid} is added`)),
    ...gone.map((kid) => line(kid, `operator key ${kid} is removed`)),
    ...(old.threshold === now.threshold
      ? []
      : [line('threshold', `operators: threshold ${old.threshold} -> ${now.threshold}`)]),
  ];
}

function wholePart(before: RegistryBody, after: RegistryBody): readonly Difference[] {
  const changes: Difference[] = [];
  const { kid } = after.freshnessKey;
  if (before.freshnessKey.kid !== kid)
    changes.push({
      part: 'freshnessKey',
      id: kid,
      text: `freshness key ${before.freshnessKey.kid} -> ${kid}`,
    });
  const known = new Map(before.schemas.map(({ id, sha256 }) => [id, sha256]));
  for (const { id, sha256 } of after.schemas)
    if (known.get(id) !== sha256) changes.push({ part: 'schemas', id, text: `schema ${id} is ${sha256}` });
  for (const { id } of before.schemas)
    if (!after.schemas.some((schema) => schema.id === id))
      changes.push({ part: 'schemas', id, text: `schema ${id} is removed` });
  if (before.witnessPolicy !== after.witnessPolicy)
    changes.push({
      part: 'witnessPolicy',
      id: 'witnessPolicy',
      text: `witness policy is now:\n${after.witnessPolicy ?? 'none'}`.trimEnd().replaceAll('\n', '\n  '),
    });
  return changes;
}

function dateDifferences(before: RegistryBody, after: RegistryBody): readonly Difference[] {
  if (before.issuedAt === after.issuedAt && before.expiresAt === after.expiresAt) return [];
  const text = `dates: issued ${after.issuedAt}, expires ${after.expiresAt} (was ${before.expiresAt})`;
  return [{ part: 'dates', id: String(after.serial), text }];
}
