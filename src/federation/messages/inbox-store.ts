/** Inbox rows: one for each accepted (issuer, id). */
import type { MemberId } from '../../core/ids.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { Queryable, Statement } from '../../storage/database.ts';
import { column, textColumn } from '../../storage/text-columns.ts';
import type { InboundMessage } from '../inbox.ts';
import type { TokenUse } from '../tokens/token-use.ts';

export interface AcceptedRow {
  readonly message: InboundMessage;
  /** Hex. */
  readonly bodySha256: string;
  readonly token: string;
  readonly use: TokenUse | undefined;
  readonly result: string | null;
  readonly ledgerKey: Buffer;
}

export interface StoredAcceptance {
  readonly bodySha256: string;
  readonly result: string | null;
}

/**
 * The statement that adds the rows and the uses of their tokens; `isTaken` and `isUsed` know its errors. Disclosures
 * are the handler's to keep.
 */
export function acceptedRows(rows: readonly AcceptedRow[]): Statement {
  const messages = rows.map(({ message }) => message);
  const uses = rows.flatMap(({ use }) => use ?? []);
  return {
    text: `WITH used AS (
       INSERT INTO token_id (issuer, jti, exp) SELECT * FROM unnest($11::text[], $12::text[], $13::bigint[]) ORDER BY 1, 2
     )
     INSERT INTO inbox (issuer, mid, kind, body_sha256, envelope, token, grant_id, result, received_at, ledger_key)
     SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bytea[], ${textColumn(5)}, ${textColumn(6)},
       $7::text[], ${textColumn(8)}, $9::timestamptz[], $10::bytea[])`,
    values: [
      messages.map(({ from }) => from),
      messages.map(({ mid }) => mid),
      messages.map(({ content }) => content.kind),
      rows.map(({ bodySha256 }) => Buffer.from(bodySha256, 'hex')),
      column(messages, ({ sealed }) => JSON.stringify(sealed)),
      column(rows, ({ token }) => token),
      messages.map(({ grant }) => grant),
      column(rows, ({ result }) => result),
      messages.map(({ receivedAt }) => receivedAt),
      rows.map(({ ledgerKey }) => ledgerKey),
      uses.map(({ issuer }) => issuer),
      uses.map(({ jti }) => jti),
      uses.map(({ exp }) => exp),
    ],
  };
}

/** Whether an (issuer, mid) was there before. */
export function isTaken(error: unknown): boolean {
  return violates(error, 'inbox_pkey');
}

/** Whether a token was used before. */
export function isUsed(error: unknown): boolean {
  return violates(error, 'token_id_pkey');
}

function violates(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint;
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
