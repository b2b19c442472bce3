/** What a process of a gateway does; what it leaves out another process of the same gateway must do. */
import { GatewayError } from '../../core/errors.ts';

export const ROLES = ['api', 'sequencer', 'delivery', 'clock'] as const;
/**
 * `api`: both listening planes. `sequencer`: the ledger's lease, clearance and cosignatures. `delivery`: the outbox,
 * catching up, pulling bundles. `clock`: rounds to peers for registry and freshness, warnings of expiry, purges.
 */
export type Role = (typeof ROLES)[number];
export type Roles = ReadonlySet<Role>;

/** Default: all. Throws config.invalid that lists the roles. */
export function readRoles(names: readonly string[] = ROLES): Roles {
  const unknown = names.find((name) => !isRole(name));
  if (unknown === undefined && names.length > 0) return new Set(names.filter(isRole));
  const wrong = unknown === undefined ? 'no role is given' : `there is no role "${unknown}"`;
  throw new GatewayError(
    'config.invalid',
    `${wrong}: roles are any of ${ROLES.join(', ')}; without the setting a process does all of it`,
    { facts: { roles: ROLES } },
  );
}

function isRole(name: string): name is Role {
  return (ROLES as readonly string[]).includes(name);
}
