/** SQL of proof files: what the two sides kept of a message. Rows that the ledger does not have yet do not count. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';

export interface SentMessage {
  readonly offerKey: Buffer;
  readonly closedKey: Buffer | null;
  /** The peer's signed answer: its token, and its body with entry and proof of the acceptance. */
  readonly answerToken: string | null;
  readonly answerBody: string | null;
  /** JSON of the sealed envelope. */
  readonly envelope: string;
}

export async function findSent(database: Queryable, mid: string): Promise<SentMessage | undefined> {
  const { rows } = await database.query<SentMessage>(
    `SELECT d.offer_key AS "offerKey", d.closed_key AS "closedKey", d.response_token AS "answerToken",
       d.response_body AS "answerBody", e.sealed AS envelope
     FROM delivery d JOIN outbox_envelope e ON e.id = d.envelope_id WHERE d.mid = $1`,
    [mid],
  );
  return rows[0];
}

export interface ReceivedRow {
  readonly ledgerKey: Buffer;
  /** The sender's request. */
  readonly token: string;
  /** JSON of the sealed envelope, as it was read. */
  readonly envelope: string;
}

/** The first of `issuers` to have used this id: two members may. */
export async function findReceived(
  database: Queryable,
  mid: string,
  issuers: readonly MemberId[],
): Promise<ReceivedRow | undefined> {
  const { rows } = await database.query<ReceivedRow>(
    `SELECT ledger_key AS "ledgerKey", token, envelope FROM inbox
     WHERE issuer = ANY ($1::text[]) AND mid = $2 ORDER BY received_at LIMIT 1`,
    [issuers, mid],
  );
  return rows[0];
}
