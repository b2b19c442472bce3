/** Judges the evidence file of an undelivered message offline: trusts the operators' keys of the anchors and nothing else. */
import { canonicalBytes, isCanonical, type JsonObject, type JsonValue } from '../../core/canonical.ts';
import { sha256, sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Entry } from '../../ledger/entry.ts';
import { digestClaim } from '../../wire/content-digest.ts';
import type { EnvelopeContent, SealedEnvelope } from '../../wire/envelope.ts';
import { readResponseClaims, readToken } from '../../wire/exchange-token.ts';
import { isObject } from '../../wire/json/json-form.ts';
import { verifySignature } from '../../wire/jws.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import { UNDELIVERED, UNDELIVERED_SCHEMA } from './statement.ts';
import { openSealedText } from '../proofs/envelope-part.ts';
import { ProofChecks, type ProofCheck } from '../proofs/proof-checks.ts';
import type { LedgerProof } from '../proofs/proof-form.ts';
import { readChain, verifyLedgerProof, type ProofTrust } from '../proofs/verify-proof.ts';
import { validAt, type RegistryView } from '../registry/registry-view.ts';
import { UNDELIVERED_FORMAT, type UndeliveredFile } from './evidence-file.ts';

export interface UndeliveredReport {
  readonly ok: boolean;
  readonly checks: readonly ProofCheck[];
  /** What the member states; only when ok. */
  readonly statement?: JsonObject;
  readonly member?: string;
}

export async function verifyUndelivered(bytes: Uint8Array, trust: ProofTrust): Promise<UndeliveredReport> {
  const checks = new ProofChecks();
  const file = await checks.run('form', `the file is a ${UNDELIVERED_FORMAT}`, () => readFile(bytes));
  if (file === undefined) return { ok: false, checks: checks.rows };
  for (const part of ['message', 'logged'] as const) {
    await checks.run(part, `${part}: entries stand in the ledger`, () => demandProof(file[part], trust));
  }
  if (!checks.ok) return { ok: false, checks: checks.rows };
  const content = await judge(checks, file, trust);
  if (!checks.ok || content === undefined) return { ok: false, checks: checks.rows };
  return { ok: true, checks: checks.rows, member: content.issuer, statement: content.body };
}

/** Untrusted. */
function readFile(bytes: Uint8Array): UndeliveredFile {
  const value: JsonValue = parseStrictJson(bytes);
  const fits =
    isObject(value) &&
    value['format'] === UNDELIVERED_FORMAT &&
    typeof value['statement'] === 'string' &&
    [value['message'], value['logged']].every((proof) => proof !== undefined && isObject(proof)) &&
    isAnswer(value['answer']);
  if (!fits) throw invalid(`no ${UNDELIVERED_FORMAT}`);
  if (!isCanonical(value, bytes)) throw invalid('the file is not canonical JSON (RFC 8785)');
  return value as unknown as UndeliveredFile;
}

function isAnswer(value: JsonValue | undefined): boolean {
  if (value === undefined) return true;
  return isObject(value) && typeof value['token'] === 'string' && typeof value['body'] === 'string';
}

async function demandProof(proof: JsonObject, trust: ProofTrust): Promise<void> {
  const { ok, checks } = await verifyLedgerProof(canonicalBytes(proof), trust);
  if (!ok) throw invalid(checks.find((check) => !check.ok)?.message ?? 'the proof does not hold');
}

async function judge(
  checks: ProofChecks,
  file: UndeliveredFile,
  trust: ProofTrust,
): Promise<EnvelopeContent | undefined> {
  const chain = await readChain(file.logged as unknown as LedgerProof, trust);
  const opened = await checks.run('statement', 'the member signed the statement', async () => {
    const found = await openSealedText(file.statement, chain);
    trust.schemas.validate(UNDELIVERED_SCHEMA, found.content.body);
    return found;
  });
  if (opened === undefined) return undefined;
  const { content } = opened;
  await checks.run('tie', 'the ledger entry is about this statement', () => demandTie(file, opened));
  const closing = await checks.run('closing', 'the entries are about the message that it names', () =>
    demandMessage(file, content),
  );
  if (closing !== undefined && closing !== content.body['closing'])
    checks.note('later', 'the message was taken up again after this statement; see the closing entry');
  const { answer } = file;
  if (answer !== undefined)
    await checks.run('answer', 'the recipient signed the answer to the last question', () =>
      demandAnswer(answer, content, chain),
    );
  return content;
}

interface Opened {
  readonly sealed: SealedEnvelope;
  readonly content: EnvelopeContent;
}

function demandTie({ logged }: UndeliveredFile, { sealed, content }: Opened): void {
  const { kind, member, subject, mid } = entryIn(logged, 'entry') ?? {};
  const isIt =
    kind === 'delivery.evidence' &&
    content.kind === UNDELIVERED &&
    member === content.issuer &&
    mid === content.body['mid'] &&
    subject?.id === content.id &&
    subject?.sha256 === sha256Hex(Buffer.from(sealed.payload, 'base64url'));
  if (!isIt) throw invalid('the entry is about another statement');
}

/** Returns the id of the closing entry in the file; the statement names that of its own day. */
function demandMessage({ message }: UndeliveredFile, { body, issuer }: EnvelopeContent): string | undefined {
  const offer = entryIn(message, 'offer');
  const said = body['message'] as JsonObject;
  const isIt =
    offer?.member === issuer &&
    offer.mid === body['mid'] &&
    offer.peer === body['recipient'] &&
    offer.subject.id === said['id'] &&
    offer.subject.sha256 === said['sha256'];
  if (!isIt) throw invalid('the offer is of another message');
  return entryIn(message, 'closing')?.id;
}

/** Verified before, by its own proof. */
function entryIn(proof: JsonObject, part: string): Entry | undefined {
  const held = proof[part];
  if (held === undefined || !isObject(held)) return undefined;
  return JSON.parse(held['entry'] as string) as Entry;
}

/** The peer's word of that day, under a key of that day; it must say what the statement draws from it. */
async function demandAnswer(
  { token, body }: NonNullable<UndeliveredFile['answer']>,
  content: EnvelopeContent,
  chain: readonly RegistryView[],
): Promise<void> {
  const asked = content.body['asked'] as JsonObject | undefined;
  if (asked?.['token'] !== sha256Hex(token)) throw invalid('the statement names another answer');
  const read = readToken(token, 'lzx-res+jwt');
  const claims = readResponseClaims(read.claims);
  const { mid, recipient } = content.body as { readonly mid: string; readonly recipient: string };
  const keys = chain.flatMap((view) => view.sealKey(recipient, read.header.kid) ?? []);
  const key = keys.find((one) => one.alg === read.header.alg && validAt(one, claims.iat));
  if (key === undefined || !(await verifySignature(key, read.signingInput, read.signature)))
    throw invalid(`${recipient} has not signed the answer`);
  if (claims.iss !== recipient || claims.aud !== content.issuer || claims.cdg !== digestClaim(sha256(body)))
    throw invalid('the answer is of other members, or has another body');
  const said = asked['accepted'] === undefined ? 'unknown' : 'accepted';
  if (stateIn(body, mid) !== said) throw invalid(`the answer does not say ${said} of the message`);
}

/** Signed by the peer, by now. */
function stateIn(body: string, mid: string): unknown {
  const { results } = parseStrictJson(Buffer.from(body, 'utf8')) as JsonObject;
  const rows = Array.isArray(results) ? (results as readonly JsonValue[]) : [];
  return rows.filter((row) => isObject(row)).find((row) => row['id'] === mid)?.['state'];
}

function invalid(message: string): GatewayError {
  return new GatewayError('ledger.proof-invalid', message);
}
