/** The queue of pulls: which offers are due, who works on them, how far they got. */
import type { EntryRef } from '../../ledger/entry.ts';
import type { Queryable } from '../../storage/database.ts';

/**
 * Takes the offer that has waited longest, for one lease. Only offers whose own entry is durable are due. A process
 * that dies loses its lease; another one then resumes from the bytes that are on disk. `running` are the packets this
 * process works on: a lease that ran out while the process was stalled does not start them twice.
 */
export async function claimPull(
  db: Queryable,
  lease: { readonly now: Date; readonly until: Date; readonly running: readonly string[] },
): Promise<string | undefined> {
  const found = await db.query<{ packet_id: string }>(
    `UPDATE packet_inbound SET claimed_until = $2 WHERE packet_id = (
       SELECT packet_id FROM packet_inbound p
       WHERE state IN ('offered', 'pulling', 'pulled') AND next_attempt_at <= $1
         AND (claimed_until IS NULL OR claimed_until <= $1)
         AND packet_id <> ALL ($3)
         AND EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = p.ledger_key)
       ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING packet_id`,
    [lease.now, lease.until, lease.running],
  );
  return found.rows[0]?.packet_id;
}

export async function renewLease(db: Queryable, packetId: string, until: Date): Promise<void> {
  await db.query('UPDATE packet_inbound SET claimed_until = $2 WHERE packet_id = $1', [packetId, until]);
}

export async function setPulling(
  tx: Queryable,
  packetId: string,
  pull: { readonly id: string; readonly key: Buffer },
): Promise<void> {
  await tx.query(
    `UPDATE packet_inbound SET state = 'pulling', pull_id = $2, pull_key = $3, reason = NULL WHERE packet_id = $1`,
    [packetId, pull.id, pull.key],
  );
}

export async function setServedBy(db: Queryable, packetId: string, holder: EntryRef): Promise<void> {
  await db.query('UPDATE packet_inbound SET served_ref = $2 WHERE packet_id = $1', [
    packetId,
    JSON.stringify(holder),
  ]);
}

/** False when another process that had taken the lease over was first. */
export async function setPulled(tx: Queryable, packetId: string): Promise<boolean> {
  const changed = await tx.query(
    `UPDATE packet_inbound SET state = 'pulled', reason = NULL WHERE packet_id = $1 AND state = 'pulling'`,
    [packetId],
  );
  return changed.rowCount === 1;
}

export async function setFailed(tx: Queryable, packetId: string, reason: string): Promise<void> {
  await tx.query(
    `UPDATE packet_inbound SET state = 'failed', reason = $2, claimed_until = NULL WHERE packet_id = $1`,
    [packetId, reason],
  );
}

/** Gives the offer back to the queue. `attempts` counts failures only, not waits for room. */
export async function postpone(
  tx: Queryable,
  packetId: string,
  wait: { readonly until: Date; readonly reason: string; readonly failed: boolean },
): Promise<void> {
  await tx.query(
    `UPDATE packet_inbound SET next_attempt_at = $2, reason = $3, attempts = attempts + $4, claimed_until = NULL
     WHERE packet_id = $1`,
    [packetId, wait.until, wait.reason, wait.failed ? 1 : 0],
  );
}
