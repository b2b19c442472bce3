/** The body of an accepted message's answer: written by the receiver, held against its offer by the sender. */
import type { JsonObject, JsonValue } from '../../core/canonical.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import { verifyEntryProof } from '../../ledger/notes/tlog-proof.ts';
import type { TrustedKey } from '../../ledger/verify.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import { vkeysAt } from '../ledger-keys.ts';

export interface AcceptanceParts {
  readonly id: string;
  /** Canonical JSON of the ledger entry. */
  readonly entry: string;
  /** c2sp.org/tlog-proof text. */
  readonly proof: string;
  /** Canonical JSON of the handler's result. */
  readonly result: string | null;
}

/** Canonical JSON, written by hand because entry and proof are large and this is done for every message. */
export function acceptanceAnswer({ id, entry, proof, result }: AcceptanceParts): Buffer {
  const middle = result === null ? '' : `,"result":${result}`;
  const text = `{"entry":${JSON.stringify(entry)},"id":"${id}","proof":${JSON.stringify(proof)}${middle},"status":"accepted"}`;
  return Buffer.from(text, 'utf8');
}

/** What the sender knows: who was to accept what. */
export interface ExpectedAcceptance {
  readonly mid: string;
  readonly member: string;
  readonly peer: string;
  /** The accepting member's registered log, with the keys that it signs or signed with. */
  readonly ledger: { readonly origin: string; readonly keys: readonly TrustedKey[] };
  readonly receipt: EntryRef | null;
  readonly offer: EntryRef;
}

export interface ReadAcceptance {
  /** Where the acceptance stands, with the checkpoint that covers it. */
  readonly counter: EntryRef;
  readonly body: JsonObject;
}

/** Untrusted body of a 2xx answer: the entry must be proven in the peer's log and speak of our offer. */
export function readAcceptance(body: Buffer, expected: ExpectedAcceptance): ReadAcceptance {
  const answer = objectOf(parseStrictJson(body));
  const { entry, proof } = answer;
  if (typeof entry !== 'string' || typeof proof !== 'string')
    throw invalid('entry and proof must be strings');
  const { origin, keys } = expected.ledger;
  const fields = objectOf(parseStrictJson(Buffer.from(entry, 'utf8')));
  // A stored answer keeps the checkpoint of its day, whatever key the peer has by now.
  const { at } = fields;
  const vkeys = vkeysAt(keys, new Date(typeof at === 'string' ? at : ''));
  const counter = proven({ entry, proof, origin, vkeys });
  if (counter.index !== expected.receipt?.index || counter.leaf !== expected.receipt.leaf) {
    throw invalid('the entry is not the one the signed receipt names');
  }
  checkEntry(fields, expected);
  return { counter, body: answer };
}

function checkEntry(entry: JsonObject, { mid, member, peer, offer }: ExpectedAcceptance): void {
  const counter = objectOf(entry['counter'] ?? null);
  const speaksOfOurs = entry['kind'] === 'message.accepted' && entry['mid'] === mid && entry['peer'] === peer;
  if (!speaksOfOurs || entry['member'] !== member)
    throw invalid('the entry is no acceptance of this message');
  // All of it, the checkpoint too: whoever holds the acceptance then holds a root of ours that the peer has logged.
  for (const name of ['origin', 'index', 'leaf', 'size', 'root'] as const)
    if (counter[name] !== offer[name]) throw invalid(`the entry does not carry our offer: counter.${name}`);
}

function proven(claim: Parameters<typeof verifyEntryProof>[0]): Required<EntryRef> {
  try {
    return verifyEntryProof(claim);
  } catch (cause) {
    throw isGatewayError(cause) ? invalid(cause.message, cause) : cause;
  }
}

function objectOf(value: JsonValue): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw invalid('expected an object');
}

function invalid(what: string, cause?: unknown): GatewayError {
  return new GatewayError('exchange.response-invalid', `acceptance is refused: ${what}`, {
    cause,
    facts: { what },
  });
}
