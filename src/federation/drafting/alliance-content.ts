/** Edits of what the alliance agrees on: groups, grants, CAs, operators, freshness key, witnesses, schemas. */
import type {
  Grant,
  OperatorSet,
  RegistryBody,
  RegistryGroup,
  RegistryJwk,
} from '../registry/registry-types.ts';
import type { Edit } from './draft.ts';
import { added, refuseEdit } from './edit.ts';
import { withGroupMember } from './membership.ts';

export function addGroup(group: RegistryGroup): Edit {
  return (body) => {
    if (body.groups.some(({ id }) => id === group.id)) refuseEdit(`group ${group.id} is listed already`);
    return { ...body, groups: [...body.groups, group] };
  };
}

export function removeGroup(id: string): Edit {
  return (body) => {
    if (!body.groups.some((group) => group.id === id)) refuseEdit(`no group ${id}`);
    const grants = body.grants.filter((grant) => grant.group === id).map((grant) => grant.id);
    if (grants.length > 0) refuseEdit(`grants are for group ${id}: ${grants.join(' ')}; remove them first`);
    return { ...body, groups: body.groups.filter((group) => group.id !== id) };
  };
}

export interface MembersChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

export function changeGroupMembers(id: string, { add, remove }: MembersChange): Edit {
  return (body) => {
    const group = body.groups.find((one) => one.id === id) ?? refuseEdit(`no group ${id}`);
    const stranger = remove.find((member) => !group.members.includes(member));
    if (stranger !== undefined) refuseEdit(`${stranger} is not in group ${id}`);
    const left = { ...group, members: group.members.filter((member) => !remove.includes(member)) };
    const shrunk = { ...body, groups: body.groups.map((one) => (one.id === id ? left : one)) };
    return add.reduce((edited: RegistryBody, member) => withGroupMember(edited, id, member), shrunk);
  };
}

export function addGrant(grant: Grant): Edit {
  return (body) => {
    if (body.grants.some(({ id }) => id === grant.id)) refuseEdit(`grant ${grant.id} is listed already`);
    return { ...body, grants: [...body.grants, grant] };
  };
}

export function changeGrant(id: string, change: Partial<Grant>): Edit {
  return (body) => {
    const grant = body.grants.find((one) => one.id === id) ?? refuseEdit(`no grant ${id}`);
    const changed = { ...grant, ...change };
    return { ...body, grants: body.grants.map((one) => (one.id === id ? changed : one)) };
  };
}

export function removeGrant(id: string): Edit {
  return (body) => {
    if (!body.grants.some((grant) => grant.id === id)) refuseEdit(`no grant ${id}`);
    return { ...body, grants: body.grants.filter((grant) => grant.id !== id) };
  };
}

/** Old and new stand beside each other until every certificate of the old one has been replaced. */
export function changeAuthorities({
  add,
  remove,
}: {
  add: readonly string[];
  remove: readonly string[];
}): Edit {
  return (body) => {
    const grown = add.reduce((cas: readonly string[], ca) => added(cas, ca, 'the CA'), body.cas);
    const cas = grown.filter((ca) => !remove.includes(ca));
    return { ...body, cas };
  };
}

export interface OperatorsChange {
  readonly add: readonly RegistryJwk[];
  /** Kids. */
  readonly remove: readonly string[];
  readonly threshold?: number | undefined;
}

/** The operators before the change sign it; from the next registry on those after it do. */
export function changeOperators({ add, remove, threshold }: OperatorsChange): Edit {
  return (body) => {
    const { operators } = body;
    const stranger = remove.find((kid) => !operators.keys.some((key) => key.kid === kid));
    if (stranger !== undefined) refuseEdit(`${stranger} is no operator's key`);
    const keys = [...operators.keys.filter(({ kid }) => !remove.includes(kid)), ...add];
    const changed: OperatorSet = { threshold: threshold ?? operators.threshold, keys };
    if (changed.threshold > keys.length)
      refuseEdit(`${keys.length} operators cannot give ${changed.threshold} signatures; set --threshold`);
    return { ...body, operators: changed };
  };
}

export function changeFreshnessKey(freshnessKey: RegistryJwk): Edit {
  return (body) => ({ ...body, freshnessKey });
}

export function changeWitnessPolicy(witnessPolicy: string | null): Edit {
  return (body) => ({ ...body, witnessPolicy });
}

export function changeSchemas(schemas: RegistryBody['schemas']): Edit {
  return (body) => ({ ...body, schemas });
}

/** Only new dates. */
export const renew: Edit = (body) => body;
