/** Requests to pass a file on, as the member plane shows them. */
import { GatewayError } from '../../core/errors.ts';
import { UUID } from '../../core/ids.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { findOnward, listOnward, type OnwardRow, type OnwardState } from './approval-store.ts';

export interface OnwardRecord {
  readonly requestId: string;
  readonly direction: 'in' | 'out';
  /** Out: the member that gave the file; in: the one that holds it. */
  readonly peer: string;
  readonly sha256: string;
  readonly to: string;
  readonly group: string;
  readonly purpose: string;
  readonly reason: string;
  readonly state: OnwardState;
  readonly notAfter?: string;
  readonly decidedBecause?: string;
  readonly createdAt: string;
}

const MAX_LIST = 500;

/** Throws onward.not-found. */
export async function demandOnward(
  { database }: Pick<EvidenceDeps, 'database'>,
  direction: OnwardRow['direction'],
  id: string,
): Promise<OnwardRow> {
  const row = UUID.test(id) ? await findOnward(database, direction, id) : undefined;
  if (row !== undefined) return row;
  const whose = direction === 'in' ? 'was made to us' : 'is ours';
  throw new GatewayError('onward.not-found', `no request ${id} to pass something on ${whose}`);
}

export async function onwardRecord(
  deps: Pick<EvidenceDeps, 'database'>,
  direction: OnwardRow['direction'],
  id: string,
): Promise<OnwardRecord> {
  return recordOf(await demandOnward(deps, direction, id));
}

/** Newest first. */
export async function listOnwardRequests(
  { database }: Pick<EvidenceDeps, 'database'>,
  { direction, limit = 100 }: { readonly direction?: 'in' | 'out'; readonly limit?: number },
): Promise<readonly OnwardRecord[]> {
  const rows = await listOnward(database, Math.min(limit, MAX_LIST));
  return rows.filter((row) => direction === undefined || row.direction === direction).map(recordOf);
}

function recordOf(row: OnwardRow): OnwardRecord {
  const { id, direction, peer, sha256, reason, state } = row;
  return {
    ...{ requestId: id, direction, peer, sha256, to: row.to_member, group: row.to_group },
    ...{ purpose: row.to_purpose, reason, state },
    ...(row.not_after === null ? {} : { notAfter: row.not_after.toISOString() }),
    ...(row.decided_because === null ? {} : { decidedBecause: row.decided_because }),
    createdAt: row.created_at.toISOString(),
  };
}
