/** Makes the proof file of one message, or of one other entry, from what this gateway holds. */
import { sha256, sha256Hex } from '../../core/digest.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { Entry } from '../../ledger/entry.ts';
import { readKeyAt } from '../../ledger/entry-store.ts';
import type { Ledger, SettledEntry } from '../../ledger/ledger.ts';
import type { Database } from '../../storage/database.ts';
import { digestClaim } from '../../wire/content-digest.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import type { RegistryKeeper } from '../registry/registry-keeper.ts';
import type { RegistryView } from '../registry/registry-view.ts';
import { PARTS, PROOF_FORMAT, writeLedgerProof, type LedgerProof, type LoggedPart } from './proof-form.ts';
import { findReceived, findSent, type SentMessage } from './proof-store.ts';
import { proveParts, type ProvenParts } from './proven-entry.ts';
import { statementsOf } from './proven-facts.ts';
import { bodyDigestOf } from './signed-parts.ts';

export interface ProofSource {
  readonly database: Database;
  readonly ledger: Pick<Ledger, 'find'>;
  readonly registry: Pick<RegistryKeeper, 'at' | 'current' | 'documents'>;
}

/** A message by its id, an entry by its index, or by its key. */
export type ProofTarget = { readonly mid: string } | { readonly index: number } | { readonly key: Buffer };

/** The evidence without what trusting it takes. */
type Evidence = Omit<LedgerProof, 'format' | 'alliance' | 'proves' | 'registries'>;

export interface ProofWish {
  /** Whether the envelope goes in: it holds what was sent, but never a personal value. */
  readonly envelope: boolean;
}

/** Undefined when there is no such message or entry, or it is not durable yet. */
export async function exportLedgerProof(
  source: ProofSource,
  target: ProofTarget,
  wish: ProofWish,
): Promise<Buffer | undefined> {
  const evidence = await evidenceOf(source, target);
  if (evidence === undefined) return undefined;
  return writeLedgerProof(withRegistries(source, wish.envelope ? evidence : withoutEnvelope(evidence)));
}

function withoutEnvelope(evidence: Evidence): Evidence {
  return Object.fromEntries(Object.entries(evidence).filter(([name]) => name !== 'envelope'));
}

async function evidenceOf(source: ProofSource, target: ProofTarget): Promise<Evidence | undefined> {
  if ('mid' in target)
    return (await sentEvidence(source, target.mid)) ?? receivedEvidence(source, target.mid);
  const key = 'key' in target ? target.key : await readKeyAt(source.database, target.index);
  const found = key === undefined ? undefined : await source.ledger.find(key);
  if (found === undefined) return undefined;
  const { kind, mid, pair } = fieldsOf(found);
  if (mid === undefined || !kind.startsWith('message.')) return { entry: partOf(found) };
  const whole = pair?.dir === 'in' ? receivedEvidence(source, mid, pair.peer) : sentEvidence(source, mid);
  return (await whole) ?? { entry: partOf(found) };
}

async function sentEvidence(source: ProofSource, mid: string): Promise<Evidence | undefined> {
  const sent = await findSent(source.database, mid);
  const offer = sent && (await source.ledger.find(sent.offerKey));
  if (sent === undefined || offer === undefined) return undefined;
  const opening = { offer: partOf(offer), envelope: sent.envelope };
  const closing = sent.closedKey === null ? undefined : await source.ledger.find(sent.closedKey);
  if (closing === undefined) return opening;
  const acceptance = fieldsOf(closing).kind === 'message.acknowledged' ? acceptanceIn(sent) : undefined;
  return {
    ...opening,
    closing: partOf(closing),
    ...(acceptance === undefined ? {} : { acceptance }),
    // A personal body's digest stands in the answer too: the closing then carries no digest of it, nor the file the answer.
    ...(hasToken(closing, sent.answerToken) ? { answer: sent.answerToken } : {}),
  };
}

/** The peer's signed answer as it came. One that only tells the message's status has no entry and proof. */
function acceptanceIn({ answerBody }: SentMessage): LoggedPart | undefined {
  const { entry, proof } = parseStrictJson(Buffer.from(answerBody ?? '{}', 'utf8')) as Record<
    string,
    unknown
  >;
  return typeof entry === 'string' && typeof proof === 'string' ? { entry, proof } : undefined;
}

async function receivedEvidence(
  source: ProofSource,
  mid: string,
  from?: string,
): Promise<Evidence | undefined> {
  const everyone = source.registry.current().body.members.map(({ id }) => id);
  const received = await findReceived(source.database, mid, from === undefined ? everyone : [from]);
  const acceptance = received && (await source.ledger.find(received.ledgerKey));
  if (received === undefined || acceptance === undefined) return undefined;
  const { token, envelope } = received;
  if (!hasToken(acceptance, token)) return { acceptance: partOf(acceptance) };
  // A sender that spells JSON otherwise than we do: its envelope cannot be had back byte for byte.
  const isBody = bodyDigestOf(token) === digestClaim(sha256(envelope));
  return { acceptance: partOf(acceptance), request: token, ...(isBody ? { envelope } : {}) };
}

/** All registries up to the last that an entry pins, and further where only a later one lists the key that signed. */
function withRegistries({ registry }: ProofSource, evidence: Evidence): LedgerProof {
  const documents = registry.documents();
  const { serial: last, body } = registry.current();
  const first = last - documents.length + 1;
  const pinned = PARTS.flatMap((name) => evidence[name] ?? []).map(({ entry }) => fieldsOf({ entry }));
  for (let end = Math.max(...pinned.map(({ registry: pin }) => pin.serial)); end <= last; end++) {
    const registries = documents.slice(0, end - first + 1);
    const parts = provenUnder(
      evidence,
      registries.flatMap((_, at) => registry.at(first + at) ?? []),
    );
    if (parts === undefined) continue;
    const proof = {
      ...evidence,
      format: PROOF_FORMAT,
      alliance: body.alliance,
      proves: [],
      registries,
    } as const;
    return { ...proof, proves: statementsOf(proof, parts) };
  }
  throw new GatewayError(
    'ledger.proof-invalid',
    'an entry is not proven by the registries that are held here',
  );
}

function provenUnder(evidence: Evidence, chain: readonly RegistryView[]): ProvenParts | undefined {
  try {
    return proveParts(evidence, chain);
  } catch (error) {
    if (isGatewayError(error, 'ledger.proof-invalid')) return undefined;
    throw error;
  }
}

function hasToken(settled: SettledEntry, token: string | null): token is string {
  return token !== null && fieldsOf(settled).token === sha256Hex(token);
}

function partOf({ entry, proof }: SettledEntry): LoggedPart {
  return { entry, proof };
}

/** Of an entry that a ledger of ours gave, or whose proof was held against its log when it came. */
function fieldsOf({ entry }: Pick<SettledEntry, 'entry'>): Entry {
  return JSON.parse(entry) as Entry;
}
