/** SQL that keeps erasures and new personal values apart: either the batch is erased, or the erasure is over. */
import type { Queryable } from '../../storage/database.ts';

/** Any number that nothing else in the database locks. */
const ERASURE = 4_707_470;

/** Held to the end of the transaction by whoever stores personal values: no erasure runs meanwhile. */
export async function keepErasuresOut(tx: Queryable): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock_shared($1)', [ERASURE]);
}

/** Held to the end of an erasure: it sees every batch that was stored before, and no other comes in between. */
export async function takeErasureTurn(tx: Queryable): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ERASURE]);
}
