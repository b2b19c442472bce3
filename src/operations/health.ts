/** GET /v1/health in the words of openapi.yaml. */
import type { Alive, Health } from '../http/member/services.ts';
import { judge, type ReadinessLimits } from './readiness.ts';
import type { VitalSigns, VitalSignsReader } from './vital-signs.ts';

export interface HealthDeps extends ReadinessLimits {
  readonly member: string;
  readonly version: string;
  readonly signs: VitalSignsReader;
}

/** Asks nobody: a process that answers this needs no restart, whatever else is wrong. */
export function aliveOf({ member, version }: HealthDeps): Alive {
  return { status: 'live', member, version, uptimeSeconds: Math.floor(process.uptime()) };
}

export async function readHealth(deps: HealthDeps): Promise<Health> {
  const signs = await deps.signs.read();
  const { reasons, warnings } = judge(signs, deps);
  return {
    status: reasons.length === 0 ? 'ready' : 'not-ready',
    member: deps.member,
    reasons,
    warnings,
    roles: [...signs.processes.roles],
    processes: signs.processes.others.map(({ gateway, roles, gate }) => ({
      gateway,
      roles: [...roles],
      ledger: gate,
    })),
    ...registryOf(signs),
    ...ledgerOf(signs),
    ...deliveriesOf(signs),
  };
}

function registryOf({ registry }: VitalSigns): Pick<Health, 'registry'> {
  const { serial, sha256, expiresAt, freshUntil } = registry;
  const fresh = freshUntil === undefined ? {} : { freshUntil: freshUntil.toISOString() };
  return { registry: { serial, sha256, expiresAt: expiresAt.toISOString(), ...fresh } };
}

function ledgerOf({ database, gate }: VitalSigns): Pick<Health, 'ledger'> {
  if (database === undefined || database.size === null || database.root === null) return {};
  const { size, root, waiting } = database;
  return { ledger: { size, root: root.toString('hex'), state: gate.state, waiting } };
}

function deliveriesOf({ database, at }: VitalSigns): Pick<Health, 'deliveries'> {
  if (database === undefined) return {};
  const open = database.deliveries.reduce((sum, { pending, sent }) => sum + pending + sent, 0);
  const oldest = Math.min(...database.deliveries.map(({ oldest: since }) => since.getTime()));
  const age = open === 0 ? 0 : Math.max(0, Math.round((at.getTime() - oldest) / 1000));
  return { deliveries: { open, oldestSeconds: age } };
}
