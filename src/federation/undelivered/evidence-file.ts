/** The evidence file of a message that did not arrive, `lianzheng-undelivered@v1`: written from what the gateway holds. */
import { canonicalBytes, type JsonObject } from '../../core/canonical.ts';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import { exportLedgerProof, type ProofSource, type ProofTarget } from '../proofs/export-proof.ts';
import { findDelivery, type DeliveryDetail } from '../queue/queue-store.ts';

export const UNDELIVERED_FORMAT = 'lianzheng-undelivered@v1';

/** A file for a stranger: canonical JSON and nothing behind it. */
export interface UndeliveredFile {
  readonly format: typeof UNDELIVERED_FORMAT;
  /** JSON of our statement: a sealed envelope of kind `undelivered`. */
  readonly statement: string;
  /** `lianzheng-ledger-proof@v1` of offer and closing. */
  readonly message: JsonObject;
  /** `lianzheng-ledger-proof@v1` of the entry that holds the statement fast. */
  readonly logged: JsonObject;
  /** The peer's signed answer to our last question: token and body. The statement names its digest. */
  readonly answer?: { readonly token: string; readonly body: string };
}

/** Throws delivery.not-found; delivery.state when nothing was stated of it. */
export async function undeliveredFile(source: ProofSource, mid: string): Promise<Buffer> {
  const found = await findDelivery(source.database, mid);
  if (found === undefined) throw new GatewayError('delivery.not-found', `no delivery ${mid}`);
  const { evidence, evidenceKey } = found;
  if (evidence === null || evidenceKey === null) {
    throw new GatewayError(
      'delivery.state',
      `it is ${found.state}: a statement is made of what expired or was given up`,
    );
  }
  const message = await proofOf(source, { mid });
  const logged = await proofOf(source, { key: evidenceKey });
  const answer = answerIn(found, evidence);
  const file: UndeliveredFile = {
    ...{ format: UNDELIVERED_FORMAT, statement: evidence, message, logged },
    ...(answer === undefined ? {} : { answer }),
  };
  return canonicalBytes(file);
}

async function proofOf(source: ProofSource, target: ProofTarget): Promise<JsonObject> {
  const bytes = await exportLedgerProof(source, target, { envelope: false });
  if (bytes === undefined)
    throw new GatewayError('ledger.unavailable', 'its entries are not in the ledger yet');
  return parseStrictJson(bytes) as JsonObject;
}

/** Only the answer that the statement speaks of: after a second try the stored one may be another. */
function answerIn(
  { responseToken, responseBody }: DeliveryDetail,
  evidence: string,
): UndeliveredFile['answer'] {
  if (responseToken === null || responseBody === null) return undefined;
  const { payload } = parseStrictJson(Buffer.from(evidence, 'utf8')) as { readonly payload: string };
  const named = Buffer.from(payload, 'base64url').includes(sha256Hex(responseToken));
  return named ? { token: responseToken, body: responseBody } : undefined;
}
