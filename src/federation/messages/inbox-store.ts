/** Inbox rows: one for each accepted (issuer, id). */
import type { MemberId } from '../../core/ids.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { Queryable } from '../../storage/database.ts';
import type { InboundMessage } from '../inbox.ts';

export interface AcceptedRow {
  readonly message: InboundMessage;
  /** Hex. */
  readonly bodySha256: string;
  readonly token: string;
  readonly result: string | null;
  readonly ledgerKey: Buffer;
}

export interface StoredAcceptance {
  readonly bodySha256: string;
  readonly result: string | null;
}

/** False when this issuer's id is taken. The envelope is stored as received; its disclosures are the handler's. */
export async function insertAccepted(tx: Queryable, row: AcceptedRow): Promise<boolean> {
  const { from, mid, content, sealed, grant, receivedAt } = row.message;
  const { rowCount } = await tx.query(
    `INSERT INTO inbox (issuer, mid, kind, body_sha256, envelope, token, grant_id, result, received_at, ledger_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (issuer, mid) DO NOTHING`,
    [
      from,
      mid,
      content.kind,
      Buffer.from(row.bodySha256, 'hex'),
      JSON.stringify(sealed),
      row.token,
      grant,
      row.result,
      receivedAt,
      row.ledgerKey,
    ],
  );
  return rowCount === 1;
}

export async function findAccepted(
  database: Queryable,
  issuer: MemberId,
  mid: string,
): Promise<StoredAcceptance | undefined> {
  const { rows } = await database.query<StoredAcceptance>(
    `SELECT encode(body_sha256, 'hex') AS "bodySha256", result FROM inbox WHERE issuer = $1 AND mid = $2`,
    [issuer, mid],
  );
  return rows[0];
}

/** Positions of those of `ids` whose acceptance is durable; a row not yet in the ledger is no acceptance. */
export async function durableAcceptances(
  database: Queryable,
  issuer: MemberId,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Pick<EntryRef, 'index' | 'leaf'>>> {
  const { rows } = await database.query<{ mid: string; index: number; leaf: string }>(
    `SELECT i.mid, e.seq AS index, encode(e.leaf, 'hex') AS leaf
     FROM inbox i JOIN ledger_entry e ON e.key = i.ledger_key
     WHERE i.issuer = $1 AND i.mid = ANY ($2::uuid[])`,
    [issuer, ids],
  );
  return new Map(rows.map(({ mid, index, leaf }) => [mid, { index, leaf }]));
}
