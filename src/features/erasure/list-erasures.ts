/** Acts of erasure as the member sees them: what was erased and who has confirmed, never whose value it was. */
import { GatewayError } from '../../core/errors.ts';
import type { FeatureDeps } from '../deps.ts';
import { listErasureRows, type StoredErasure } from './erasure-store.ts';
import { noticesOf, type Notice } from './notice-store.ts';
import type { ErasureKey } from './tombstone-store.ts';

export type ErasureRecord = Omit<StoredErasure, 'id' | 'type' | 'ledgerKey' | 'madeAt'> & {
  readonly type?: string;
  readonly madeAt: string;
  /** Messages to the members that had got the value from us; `acked` means that the member signed that it erased. */
  readonly notices: readonly Omit<Notice, 'erasure'>[];
};

type ListDeps = Pick<FeatureDeps, 'database' | 'ledger'>;

const MAX_LIST = 500;

/** Newest first. */
export async function listErasures(deps: ListDeps, limit: number): Promise<readonly ErasureRecord[]> {
  const rows = await listErasureRows(deps.database, deps.ledger.origin, { limit: Math.min(limit, MAX_LIST) });
  return recordsOf(deps, rows);
}

/** Of an act that is durable. */
export async function erasureRecord(deps: ListDeps, only: ErasureKey): Promise<ErasureRecord> {
  const rows = await listErasureRows(deps.database, deps.ledger.origin, { only, limit: 1 });
  const [record] = await recordsOf(deps, rows);
  if (record === undefined) throw new GatewayError('internal', `erasure ${only.id} is not in the ledger`);
  return record;
}

async function recordsOf(
  { database }: ListDeps,
  rows: readonly StoredErasure[],
): Promise<readonly ErasureRecord[]> {
  const notices = await noticesOf(
    database,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => {
    const mine = notices.filter(({ erasure }) => erasure === row.id);
    return recordOf(row, mine);
  });
}

function recordOf(row: StoredErasure, notices: readonly Notice[]): ErasureRecord {
  const { erasureId, orderedBy, type, reason, legalBasis, actor, features, sightings, screenings } = row;
  return {
    ...{ erasureId, orderedBy, reason, legalBasis, actor, features, sightings, screenings },
    ...(type === null ? {} : { type }),
    madeAt: row.madeAt.toISOString(),
    receipt: row.receipt,
    notices: notices.map(({ to, group, mid, state }) => ({ to, group, mid, state })),
    notTold: row.notTold,
  };
}
