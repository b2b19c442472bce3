/** What all edits of a registry share: look-ups that refuse in words, and replacing one member. */
import { GatewayError } from '../../core/errors.ts';
import type { RegistryBody, RegistryGateway, RegistryMember } from '../registry/registry-types.ts';

export function memberOf(body: RegistryBody, id: string): RegistryMember {
  const found = body.members.find((member) => member.id === id);
  return found ?? refuseEdit(`no member ${id}`, { member: id, members: body.members.map((one) => one.id) });
}

export function withMember(
  body: RegistryBody,
  id: string,
  change: (member: RegistryMember) => RegistryMember,
): RegistryBody {
  const changed = change(memberOf(body, id));
  return { ...body, members: body.members.map((member) => (member.id === id ? changed : member)) };
}

/** The gateway at `authority`, or the only one. */
export function gatewayOf(member: RegistryMember, authority: string | undefined): RegistryGateway {
  const [only, ...others] = member.gateways;
  if (authority === undefined && only !== undefined && others.length === 0) return only;
  const authorities = member.gateways.map((gateway) => gateway.authority);
  const found = member.gateways.find((gateway) => gateway.authority === authority);
  return (
    found ??
    refuseEdit(`${member.id}: name one of its gateways with --authority`, { member: member.id, authorities })
  );
}

/** Adds to a list what is not in it; refuses what is. */
export function added<T>(list: readonly T[], one: T, what: string): readonly T[] {
  return list.includes(one) ? refuseEdit(`${what} is listed already`) : [...list, one];
}

export function refuseEdit(message: string, facts: Readonly<Record<string, unknown>> = {}): never {
  throw new GatewayError('registry.edit-refused', message, { facts });
}
