/** One question to one peer: what it holds goes through the checks that files go through, then both heads are compared. */
import { canonicalBytes, type JsonValue } from '../../../core/canonical.ts';
import { GatewayError, isGatewayError } from '../../../core/errors.ts';
import { newId, type MemberId } from '../../../core/ids.ts';
import type { SchemaRegistry } from '../../../wire/schema-registry.ts';
import { parseStrictJson } from '../../../wire/json/strict-json.ts';
import type { PeerAnswer, PeerClient } from '../../peers/peer-client.ts';
import type { RegistryKeeper } from '../registry-keeper.ts';
import type { RegistryAnswer } from './serve-registry.ts';

export const ANSWER_SCHEMA = 'urn:lianzheng:schema:registry-answer:1.0.0';
const DOCUMENTS = 16;
/** A registry is within 90 days of the next: this is decades of them. */
const MAX_PAGES = 64;

export interface AskingDeps {
  readonly client: Pick<PeerClient, 'call'>;
  readonly registry: RegistryKeeper;
  readonly schemas: SchemaRegistry;
}

/** What the peer showed; `document` is its signed answer, for evidence. */
export interface PeerHead {
  readonly serial: number;
  readonly sha256: string;
  readonly freshness: JsonValue;
  readonly document: string;
}

/**
 * Adopts what follows our registry and remembers the peer's statement. Throws what the client throws, the first
 * `registry.*` that a document broke, and `registry.fork` where the peer holds another registry under a serial of ours.
 */
export async function askPeer(deps: AskingDeps, peer: MemberId, signal: AbortSignal): Promise<PeerHead> {
  const { registry } = deps;
  for (let page = 0; ; page++) {
    const before = registry.current().serial;
    const head = await ask(deps, peer, { from: before + 1, limit: DOCUMENTS, signal });
    await adoptAll(deps, peer, { head, signal });
    // First, because the peer's own registry is better evidence of a fork than a statement about it.
    await compareHeads(deps, peer, { head, signal });
    if (head.freshness !== null) await registry.offerFreshness(head.freshness, peer);
    const gotOn = registry.current().serial > before;
    if (!head.more || !gotOn || page === MAX_PAGES) return headOf(head);
  }
}

interface Shown {
  readonly head: Answered;
  readonly signal: AbortSignal;
}

/** What does not follow ours may follow another registry of the same serial: the peer is asked for that one. */
async function adoptAll(deps: AskingDeps, peer: MemberId, { head, signal }: Shown): Promise<void> {
  try {
    for (const document of head.documents) await deps.registry.offer(document as unknown as JsonValue, peer);
  } catch (error) {
    if (isGatewayError(error, 'registry.chain-broken') || isGatewayError(error, 'registry.signature-invalid'))
      await offerTheirs(deps, peer, { serial: deps.registry.current().serial, signal });
    throw error;
  }
}

async function compareHeads(deps: AskingDeps, peer: MemberId, { head, signal }: Shown): Promise<void> {
  const ours = deps.registry.at(head.serial);
  if (ours === undefined || ours.sha256 === head.sha256) return;
  await offerTheirs(deps, peer, { serial: head.serial, signal });
}

/** Throws `registry.fork` when its operators signed it. */
async function offerTheirs(
  deps: AskingDeps,
  peer: MemberId,
  { serial, signal }: { readonly serial: number; readonly signal: AbortSignal },
): Promise<void> {
  const { documents } = await ask(deps, peer, { from: serial, limit: 1, signal });
  for (const document of documents) await deps.registry.offer(document as unknown as JsonValue, peer);
}

interface Question {
  readonly from: number;
  readonly limit: number;
  readonly signal: AbortSignal;
}

type Answered = RegistryAnswer & { readonly answer: PeerAnswer };

async function ask(deps: AskingDeps, peer: MemberId, { signal, ...wanted }: Question): Promise<Answered> {
  const { serial, sha256 } = deps.registry.current();
  const answer = await deps.client.call({
    to: peer,
    path: '/x/v1/registry',
    group: '-',
    purpose: 'registry',
    mid: newId(),
    body: canonicalBytes({ ...wanted, held: { serial, sha256 } }),
    schema: '-',
    offer: null,
    signal,
  });
  if (answer.status !== 200) {
    throw new GatewayError('exchange.refused-by-peer', `${peer} did not tell its registry`, {
      facts: { peer, status: answer.status },
    });
  }
  return { ...readAnswer(answer, deps.schemas), answer };
}

/** Untrusted beyond its signature: the schema makes the value, the keeper judges each document. */
function readAnswer({ body }: PeerAnswer, schemas: SchemaRegistry): RegistryAnswer {
  const value = parseStrictJson(body);
  schemas.validate(ANSWER_SCHEMA, value);
  return value as unknown as RegistryAnswer;
}

function headOf({ serial, sha256, freshness, answer }: Answered): PeerHead {
  const document = JSON.stringify({ token: answer.token, body: answer.body.toString('utf8') });
  return { serial, sha256, freshness, document };
}
