/** What an operator asks when a ledger is in doubt: may it grow, who cosigned it, whom do we watch, who forked. */
import type { Database } from '../../storage/database.ts';
import type { GateState, LedgerGate } from '../gate.ts';
import { latestCosigned } from './cosignature-store.ts';
import type { WitnessPolicy } from './policy.ts';
import { readForks, readWitnessedSizes } from './witness-store.ts';

export interface WatchState {
  readonly state: GateState;
  /** What is waited for, or what was contradicted; empty while open. */
  readonly reason: string;
  /** Size that each witness of the policy but our own cosigned last, null when it never did. */
  readonly cosigned: readonly { readonly witness: string; readonly size: number | null }[];
  /** Other members' logs as we cosigned them last. */
  readonly witnessed: readonly { readonly origin: string; readonly size: number }[];
  /** Two signed notes each that cannot both be true. */
  readonly forks: readonly {
    readonly origin: string;
    readonly known: string;
    readonly shown: string;
    /** RFC 3339. */
    readonly foundAt: string;
  }[];
}

export async function watchState(
  database: Database,
  gate: LedgerGate,
  witnesses: WitnessPolicy['witnesses'],
): Promise<WatchState> {
  const [cosigned, witnessed, forks] = await Promise.all([
    latestCosigned(database),
    readWitnessedSizes(database),
    readForks(database),
  ]);
  return {
    state: gate.state,
    reason: gate.reason,
    cosigned: witnesses.map(({ name, vkey }) => ({ witness: name, size: cosigned.get(vkey) ?? null })),
    witnessed,
    forks: forks.map(({ foundAt, ...fork }) => ({ ...fork, foundAt: foundAt.toISOString() })),
  };
}
