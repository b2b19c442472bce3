/** The SM3 tree's frontier in the ledger's head, computed from the entries where a log exists. */
import { hash } from 'node:crypto';
import type { Knex } from 'knex';

const PAGE = 5000;

export async function up(knex: Knex): Promise<void> {
  // The statement's lock keeps sequencers out until all of this is committed.
  await knex.raw('ALTER TABLE ledger_head ADD COLUMN sm3_size bigint, ADD COLUMN sm3_frontier bytea');
  const { rows } = await knex.raw<{ rows: { size: string }[] }>('SELECT size FROM ledger_head');
  for (const { size } of rows) {
    const frontier = await frontierOf(knex, Number(size));
    await knex.raw('UPDATE ledger_head SET sm3_size = size, sm3_frontier = ?', [frontier]);
  }
  // The check stops a program that knows only the SHA-256 tree from moving the head.
  await knex.raw(`
    ALTER TABLE ledger_head
      ALTER COLUMN sm3_size SET NOT NULL,
      ALTER COLUMN sm3_frontier SET NOT NULL,
      ADD CONSTRAINT ledger_head_sm3 CHECK (sm3_size = size)`);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}

/** RFC 6962 2.1 with SM3: hashes of the perfect subtrees of a log, the largest first. */
async function frontierOf(knex: Knex, size: number): Promise<Buffer> {
  const hashes: Buffer[] = [];
  for (let start = 0; start < size; start += PAGE) {
    const { rows } = await knex.raw<{ rows: { body: string }[] }>(
      'SELECT body FROM ledger_entry WHERE seq >= ? AND seq < ? ORDER BY seq',
      [start, Math.min(size, start + PAGE)],
    );
    if (rows.length !== Math.min(PAGE, size - start)) {
      throw new Error(
        `the ledger lacks entries between ${start} and ${start + PAGE}: verify it before you migrate`,
      );
    }
    rows.forEach(({ body }, i) => append(hashes, start + i, body));
  }
  return Buffer.concat(hashes);
}

function append(hashes: Buffer[], size: number, body: string): void {
  let top = sm3(0, Buffer.from(body));
  for (let left = size; left % 2 === 1; left = (left - 1) / 2) {
    top = sm3(1, hashes.pop() ?? Buffer.alloc(0), top);
  }
  hashes.push(top);
}

function sm3(prefix: number, ...parts: Buffer[]): Buffer {
  return hash('sm3', Buffer.concat([Buffer.of(prefix), ...parts]), 'buffer');
}
