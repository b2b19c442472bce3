/** Erases a person's value from this gateway, and tells the members that got it from us (个人信息保护法 47). */
import { sha256 } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { newId, UUID_V7 } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { FeatureDeps } from '../deps.ts';
import { destroySubject, type Destroyed } from './destroy-store.ts';
import { findErasure, insertErasure, type ErasureRow } from './erasure-store.ts';
import { erasureRecord, type ErasureRecord } from './list-erasures.ts';
import { countsOf, erasedEntry } from './log-erasure.ts';
import { subjectOf, type ErasureOrder, type ErasureSubject } from './order.ts';
import { tellMembers } from './tell.ts';
import { insertTombstones } from './tombstone-store.ts';
import { takeErasureTurn } from './turns-store.ts';

/**
 * Whoever issued the features: what is held here is erased here. A subject that is not held is erased already, and that
 * is what the entry says. Asked again with the same id, tells the members that could not be told. Throws what
 * `subjectOf` throws, erasure.id-conflict, ledger.unavailable.
 */
export async function erase(deps: FeatureDeps, order: ErasureOrder): Promise<ErasureRecord> {
  const id = order.id ?? newId();
  if (!UUID_V7.test(id)) throw new GatewayError('request.invalid', 'id must be a UUIDv7');
  const subject = await subjectOf(deps, order);
  const ledgerKey = sha256(`erasure|${id}`);
  await deps.database.transaction(async (tx) => {
    await takeErasureTurn(tx);
    const known = await findErasure(tx, { orderedBy: deps.member, id });
    const destroyed = await destroy(tx, subject);
    if (known !== undefined) demandSame(known, order, { subject, destroyed });
    const act = known ?? actOf(deps, order, { id, ledgerKey, subject, destroyed });
    if (known === undefined) await record(deps, tx, { act, destroyed });
    await tellMembers(deps, tx, act);
  });
  await deps.ledger.settle(ledgerKey);
  deps.kickDelivery();
  return erasureRecord(deps, { orderedBy: deps.member, id });
}

async function destroy(tx: Queryable, { type, lookup }: ErasureSubject): Promise<Destroyed> {
  return lookup === undefined ? { rows: [], screenings: 0 } : destroySubject(tx, { type, lookup });
}

interface Done {
  readonly subject: ErasureSubject;
  readonly destroyed: Destroyed;
}

function actOf(
  deps: FeatureDeps,
  order: ErasureOrder,
  { id, ledgerKey, subject, destroyed }: Done & { readonly id: string; readonly ledgerKey: Buffer },
): ErasureRow {
  const { reason, legalBasis, actor } = order;
  return {
    ...{ orderedBy: deps.member, id, erasureId: id, type: subject.type, reason, legalBasis, actor },
    ...countsOf(destroyed),
    madeAt: deps.clock(),
    ledgerKey,
  };
}

async function record(
  deps: FeatureDeps,
  tx: Queryable,
  { act, destroyed }: { readonly act: ErasureRow; readonly destroyed: Destroyed },
): Promise<void> {
  const { rows } = destroyed;
  await insertErasure(tx, act);
  await insertTombstones(tx, act, rows);
  await deps.ledger.append(tx, erasedEntry(deps, act, { rows }), act.ledgerKey);
}

/** The value of the first order is gone: that there is nothing left to erase is all that can be compared. */
function demandSame(known: ErasureRow, order: ErasureOrder, { subject, destroyed }: Done): void {
  const sameBasis = JSON.stringify(known.legalBasis) === JSON.stringify(order.legalBasis);
  const same = known.type === subject.type && known.reason === order.reason && sameBasis;
  if (same && destroyed.rows.length === 0) return;
  throw new GatewayError('erasure.id-conflict', `erasure ${known.id} was another act; take a new id`);
}
