/** Decides what the other processes of a gateway mean for this one: who is missing, and whether its ledger gate is open. */
import type { WaitCode } from '../../ledger/gate.ts';
import type { ProcessRow } from './process-store.ts';
import { ROLES, type Role, type Roles } from './roles.ts';

export type Verdict =
  | { readonly state: 'open' }
  | { readonly state: 'waiting'; readonly code: WaitCode; readonly reason: string }
  | { readonly state: 'quarantined'; readonly reason: string };

/** Roles that no process has. */
export function missingRoles(own: Roles, others: readonly ProcessRow[]): readonly Role[] {
  return ROLES.filter((role) => !own.has(role) && !others.some(({ roles }) => roles.includes(role)));
}

/**
 * Undefined: nothing to change. A process that sequences is cleared by its witnesses itself; one that does not is as
 * open as those that do. What one process has found against the ledger holds for all that share it.
 */
export function verdictOf(
  own: Roles,
  others: readonly ProcessRow[],
  missing: readonly Role[],
): Verdict | undefined {
  const contradicted = others.find(({ gate }) => gate === 'quarantined');
  if (contradicted !== undefined)
    return {
      state: 'quarantined',
      reason: `found by another process of this gateway: ${contradicted.reason}`,
    };
  if (own.has('sequencer')) return undefined;
  const sequencers = others.filter(({ roles }) => roles.includes('sequencer'));
  if (sequencers.some(({ gate }) => gate === 'open')) return { state: 'open' };
  const [first] = sequencers;
  if (first !== undefined) return { state: 'waiting', code: 'ledger.unavailable', reason: first.reason };
  if (!missing.includes('sequencer')) return undefined;
  return {
    state: 'waiting',
    code: 'gateway.no-sequencer',
    reason: `this process has the roles ${[...own].join(', ')}, and no other one of this gateway sequences: start one with lianzheng serve --roles sequencer`,
  };
}
