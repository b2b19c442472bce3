/** Writes down what follows a failed attempt of a pull. */
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { Queryable } from '../../storage/database.ts';
import { recordAct } from '../record-act.ts';
import { findInbound, type InboundRow } from '../store/inbound-store.ts';
import { postpone, setFailed } from '../store/pull-store.ts';
import { without } from '../without.ts';
import { pullAct, type PullDeps } from './fetch-bundle.ts';
import { afterFailure, type AfterFailure } from './pull-failure.ts';

export interface Failure {
  readonly error: unknown;
  /** The worker was told to stop: nothing failed. */
  readonly stopped: boolean;
}

export async function settleFailure(deps: PullDeps, row: InboundRow, failure: Failure): Promise<void> {
  const { error } = failure;
  const next = nextStep(deps, row, failure);
  const code = error instanceof GatewayError ? error.code : 'internal';
  if (next.kind === 'give-up') await (await deps.blobs.partial(row.transfer_id)).discard();
  const key = await deps.database.transaction(
    async (tx) => {
      if (next.kind === 'give-up') return giveUp(deps, tx, { row, code });
      await postpone(tx, row.packet_id, next);
      // The refusal is logged when it begins, not at each look.
      if (!isGatewayError(error, 'blob.quota') || row.reason === next.reason) return undefined;
      return recordAct(deps, tx, { ...localAct(row), kind: 'pull.refused', code });
    },
    { durable: true },
  );
  if (key !== undefined) await deps.ledger.settle(key);
}

function nextStep(deps: PullDeps, row: InboundRow, { error, stopped }: Failure): AfterFailure {
  const now = deps.clock();
  if (!stopped) return afterFailure(error, { attempts: row.attempts, offeredAt: row.offered_at, now });
  return { kind: 'wait', until: now, reason: row.reason ?? 'gateway stopped', failed: false };
}

async function giveUp(
  deps: PullDeps,
  tx: Queryable,
  { row, code }: { readonly row: InboundRow; readonly code: string },
): Promise<Buffer> {
  await setFailed(tx, row.packet_id, code);
  const opened = (await findInbound(tx, row.packet_id))?.pull_id ?? null;
  const act = opened === null ? localAct(row) : pullAct(row, opened);
  return recordAct(deps, tx, { ...act, kind: opened === null ? 'pull.refused' : 'pull.failed', code });
}

/** A pull that was never opened is no act with the peer. */
function localAct(row: InboundRow): Omit<ReturnType<typeof pullAct>, 'pair' | 'mid'> {
  return without(pullAct(row, row.transfer_id), 'pair', 'mid');
}
