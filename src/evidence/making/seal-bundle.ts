/** Writes the container of a fully signed packet into the blob store, digesting its parts on the way. */
import { GatewayError } from '../../core/errors.ts';
import { failpoint } from '../../core/failpoint.ts';
import type { Queryable } from '../../storage/database.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { PartDigests, PART_SIZE } from './part-digests.ts';
import { assertPlanned, planOf } from '../packet/plan-packet.ts';
import { recordAct } from '../record-act.ts';
import { prepareOffer, storeOffer, type PreparedOffer } from '../handing-over/offer.ts';
import { findPacket, packetsToSeal, setBundle, type Bundle, type PacketRow } from '../store/packet-store.ts';
import { setAnswered } from '../store/request-store.ts';
import { containerSize, writeContainer } from './write-container.ts';

/**
 * From `sealing` to `signed`. Deterministic, so a second run after a crash writes the same blob. The answer to an
 * evidence request is offered to the requester in the same transaction.
 */
export async function sealBundle(deps: EvidenceDeps, packetId: string, actor: string): Promise<void> {
  const row = await findPacket(deps.database, packetId);
  if (row?.state !== 'sealing') return;
  const bundle = await writeBundle(deps, row);
  failpoint('sealed-before-commit');
  const offer =
    row.in_reply_to === null ? undefined : await prepareOffer(deps, { row, bundle, to: row.receiver });
  const key = await deps.database.transaction((tx) => storeBundle(deps, tx, { row, bundle, offer, actor }));
  if (key === undefined) return;
  await deps.ledger.settle(key);
  deps.kickDelivery();
}

/** Finishes what a crash interrupted. */
export async function resumeSealing(deps: EvidenceDeps): Promise<void> {
  for (const id of await packetsToSeal(deps.database)) await sealBundle(deps, id, 'gateway');
}

interface SealedPacket {
  readonly row: PacketRow;
  readonly bundle: Bundle;
  readonly offer: PreparedOffer | undefined;
  readonly actor: string;
}

async function storeBundle(
  deps: EvidenceDeps,
  tx: Queryable,
  { row, bundle, offer, actor }: SealedPacket,
): Promise<Buffer | undefined> {
  if (!(await setBundle(tx, row.id, bundle))) return undefined;
  const key = await recordAct(deps, tx, {
    kind: 'packet.signed',
    actor,
    group: row.group_id,
    purpose: row.purpose,
    basis: row.legal_basis,
    subject: { type: 'bundle', id: row.id, sha256: bundle.sha256, size: bundle.size },
  });
  if (offer !== undefined && row.in_reply_to !== null) {
    await storeOffer(deps, tx, offer);
    await setAnswered(tx, { direction: 'in', id: row.in_reply_to, packetId: row.id });
  }
  return key;
}

async function writeBundle(deps: EvidenceDeps, row: PacketRow): Promise<Bundle> {
  if (row.signature === null) throw new GatewayError('internal', 'a packet to seal has no signature');
  const plan = planOf(row, deps.blobs);
  assertPlanned(plan, row.manifest_sha256);
  const parts = new PartDigests(PART_SIZE);
  const size = containerSize(plan, row.signature);
  const [blob] = await Promise.all([
    deps.blobs.put(parts, { size }),
    writeContainer(plan, row.signature, parts),
  ]);
  return { sha256: blob.sha256, size: blob.size, partSize: PART_SIZE, parts: parts.digests() };
}
