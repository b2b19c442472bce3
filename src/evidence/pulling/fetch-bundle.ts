/** Brings the bundle of one offer into the blob store, from wherever an earlier attempt stopped. */
import type { Hash } from 'node:crypto';
import { GatewayError } from '../../core/errors.ts';
import { failpoint } from '../../core/failpoint.ts';
import { newId } from '../../core/ids.ts';
import type { PeerClient } from '../../federation/peers/peer-client.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { PartialFile } from '../../storage/partial-file.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { recordAct, refOf, type Act } from '../record-act.ts';
import type { InboundRow } from '../store/inbound-store.ts';
import { setPulled, setPulling, setServedBy } from '../store/pull-store.ts';
import { fetchPart, fetchParts, type PartSource } from './fetch-parts.ts';
import { heldParts } from './held-parts.ts';

export interface PullDeps extends EvidenceDeps {
  readonly client: Pick<PeerClient, 'call'>;
}

/**
 * Ends with the blob in the store and `pull.completed` in the ledger. Crash between rename and commit: the next
 * attempt finds the blob and only writes the entry. Throws blob.quota, bundle.digest-mismatch and what parts throw.
 */
export async function fetchBundle(deps: PullDeps, row: InboundRow, signal: AbortSignal): Promise<void> {
  const pull = await openPull(deps, row);
  const source: PartSource = { client: deps.client, row, pullId: pull.id, opened: pull.opened, signal };
  const stored = await deps.blobs.stat(row.bundle_sha256);
  const served = stored === undefined ? await fill(deps, source) : await holderEntry(deps, source);
  failpoint('after-rename-before-commit');
  const key = await deps.database.transaction(async (tx) => {
    if (!(await setPulled(tx, row.packet_id))) return undefined;
    return recordAct(deps, tx, {
      ...pullAct(row, pull.id),
      kind: 'pull.completed',
      ...(served === null ? {} : { counter: served }),
    });
  });
  if (key !== undefined) await deps.ledger.settle(key);
}

/** What every entry about this pull says. */
export function pullAct(row: InboundRow, pullId: string): Omit<Act, 'kind'> {
  return {
    actor: 'gateway',
    peer: row.sender,
    group: row.group_id,
    purpose: row.purpose,
    basis: row.legal_basis,
    pair: { peer: row.sender, dir: 'out' },
    mid: pullId,
    subject: { type: 'bundle', id: row.packet_id, sha256: row.bundle_sha256, size: row.bundle_size },
  };
}

/** The opening entry is durable before the first part is asked for; a resumed pull keeps it. */
async function openPull(
  deps: PullDeps,
  row: InboundRow,
): Promise<{ readonly id: string; readonly opened: Required<EntryRef> }> {
  if (row.pull_id !== null && row.pull_key !== null) {
    return { id: row.pull_id, opened: refOf(await deps.ledger.settle(row.pull_key)) };
  }
  await assertRoom(deps, row, 0);
  const id = newId();
  const key = await deps.database.transaction(async (tx) => {
    const opening = await recordAct(deps, tx, { ...pullAct(row, id), kind: 'pull.opened' });
    await setPulling(tx, row.packet_id, { id, key: opening });
    return opening;
  });
  return { id, opened: refOf(await deps.ledger.settle(key)) };
}

/** Returns the holder's entry about the pull. */
async function fill(deps: PullDeps, source: PartSource): Promise<EntryRef | null> {
  const { row } = source;
  const partial = await deps.blobs.partial(row.transfer_id);
  try {
    await assertRoom(deps, row, partial.size());
    const held = await heldParts(partial, row);
    const served = await fetchMissing(deps, source, { partial, ...held });
    await assertWhole(row, held.whole, partial);
    failpoint('before-rename');
    await partial.commit({ sha256: row.bundle_sha256, size: row.bundle_size });
    return served ?? (await holderEntry(deps, source));
  } finally {
    await partial.close();
  }
}

async function fetchMissing(
  deps: PullDeps,
  source: PartSource,
  { partial, count, whole }: { readonly partial: PartialFile; readonly count: number; readonly whole: Hash },
): Promise<EntryRef | null> {
  const { row } = source;
  let served = row.served_ref;
  for await (const { n, body, receipt } of fetchParts(source, count)) {
    const written = partial.write(n * row.part_size, body);
    whole.update(body);
    await written;
    failpoint('part-written');
    if (served === null && receipt !== null) {
      served = receipt;
      await setServedBy(deps.database, row.packet_id, receipt);
    }
  }
  return served;
}

/** Every part fits, the whole does not: the offer contradicts itself, and asking again cannot mend it. */
async function assertWhole(row: InboundRow, whole: Hash, partial: PartialFile): Promise<void> {
  const found = whole.digest('hex');
  if (found === row.bundle_sha256) return;
  await partial.discard();
  throw new GatewayError('bundle.digest-mismatch', 'the parts of the offer do not make the bundle it names', {
    facts: { expected: row.bundle_sha256, found },
  });
}

/** All parts were on disk already: one is asked for again, because its answer names the holder's entry. */
async function holderEntry(deps: PullDeps, source: PartSource): Promise<EntryRef | null> {
  if (source.row.served_ref !== null) return source.row.served_ref;
  const { receipt } = await fetchPart(source, source.row.parts.length - 1);
  if (receipt !== null) await setServedBy(deps.database, source.row.packet_id, receipt);
  return receipt;
}

async function assertRoom(deps: PullDeps, row: InboundRow, held: number): Promise<void> {
  if ((await deps.blobs.stat(row.bundle_sha256)) !== undefined) return;
  await deps.blobs.assertRoom(Math.max(0, row.bundle_size - held));
}
