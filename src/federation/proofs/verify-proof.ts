/** Judges a proof file offline: trusts the operators' keys of the anchors and nothing else. */
import type { JsonValue } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import type { Anchors } from '../alliance.ts';
import { claimedSerial, readRegistryChain } from '../registry/registry-chain.ts';
import { createRegistryView, type RegistryView } from '../registry/registry-view.ts';
import {
  demandAcknowledged,
  demandCounter,
  demandKind,
  demandOneExchange,
  demandOrder,
  stepBack,
} from './exchange-match.ts';
import { demandEnvelope } from './envelope-part.ts';
import { ProofChecks, type ProofCheck } from './proof-checks.ts';
import { PARTS, readLedgerProof, type LedgerProof, type PartName } from './proof-form.ts';
import { proveEntry, type ProvenEntry, type ProvenParts } from './proven-entry.ts';
import { provenFacts, statementsOf, type ProvenFact } from './proven-facts.ts';
import { demandAnswer, demandRequest } from './signed-parts.ts';

export interface ProofTrust {
  readonly anchors: Anchors;
  readonly schemas: SchemaRegistry;
}

export interface ProofReport {
  readonly ok: boolean;
  /** false: the anchors are of another alliance, so that nothing is said about the file. */
  readonly checked: boolean;
  readonly checks: readonly ProofCheck[];
  /** In words; empty unless ok. */
  readonly proves: readonly string[];
  /** Empty unless ok. */
  readonly facts: readonly ProvenFact[];
}

export async function verifyLedgerProof(bytes: Uint8Array, trust: ProofTrust): Promise<ProofReport> {
  const checks = new ProofChecks();
  const proof = await checks.run('form', 'the file is a lianzheng-ledger-proof@v1', () =>
    readLedgerProof(bytes, trust.schemas),
  );
  if (proof === undefined) return reportOf(checks);
  if (proof.alliance !== trust.anchors.alliance) return otherAlliance(proof, trust);
  const chain = await checks.run(
    'registries',
    `the operators signed the chain of registries (${proof.registries.length})`,
    () => readChain(proof, trust),
  );
  if (chain === undefined) return reportOf(checks);
  const parts = await provenParts(checks, proof, chain);
  if (!checks.ok) return reportOf(checks);
  await checkExchange(checks, parts);
  await checkSigned(checks, { proof, parts, chain });
  await checks.run('proves', 'the file claims what it shows', () => demandStatements(proof, parts));
  noteCosignatures(checks, parts);
  return reportOf(checks, proof, parts);
}

function reportOf(checks: ProofChecks, proof?: LedgerProof, parts: ProvenParts = {}): ProofReport {
  const { ok, rows } = checks;
  const proves = ok && proof !== undefined ? proof.proves : [];
  return { ok, checked: true, checks: rows, proves, facts: ok ? provenFacts(parts) : [] };
}

function otherAlliance({ alliance }: LedgerProof, { anchors }: ProofTrust): ProofReport {
  const message = `the file is of alliance ${alliance}, the anchors of ${anchors.alliance}`;
  return {
    ok: false,
    checked: false,
    checks: [{ code: 'anchors', ok: false, message }],
    proves: [],
    facts: [],
  };
}

/** Registries that the anchors hold too must be the same ones. */
export async function readChain(
  proof: Pick<LedgerProof, 'registries'>,
  { anchors, schemas }: ProofTrust,
): Promise<readonly RegistryView[]> {
  const { alliance, operators, registries = [] } = anchors;
  const documents = proof.registries as unknown as readonly JsonValue[];
  const chain = await readRegistryChain(documents, { alliance, operators, schemas });
  if (!chain.every(({ document }, i) => document.payload === proof.registries[i]?.payload))
    throw new GatewayError('registry.invalid', 'the registries do not stand by rising serial');
  for (const known of registries) {
    const serial = claimedSerial(known as unknown as JsonValue);
    const same = chain.find(({ body }) => body.serial === serial);
    if (same !== undefined && same.document.payload !== known.payload)
      throw new GatewayError('registry.fork', `the anchors hold another registry ${serial} than the file`);
  }
  return chain.map(createRegistryView);
}

async function provenParts(
  checks: ProofChecks,
  proof: LedgerProof,
  chain: readonly RegistryView[],
): Promise<ProvenParts> {
  const parts: Partial<Record<PartName, ProvenEntry>> = {};
  for (const name of PARTS) {
    const part = proof[name];
    if (part === undefined) continue;
    const statement = `${name}: registered key, true checkpoint, entry in its tree`;
    const proven = await checks.run(name, statement, () => {
      const entry = proveEntry(part, chain);
      demandKind(name, entry);
      return entry;
    });
    if (proven !== undefined) parts[name] = proven;
  }
  return parts;
}

async function checkExchange(checks: ProofChecks, parts: ProvenParts): Promise<void> {
  const { offer, acceptance, closing } = parts;
  if (offer === undefined && acceptance === undefined) return;
  await checks.run('exchange', 'one message between the same two members', () => demandOneExchange(parts));
  if (offer !== undefined && closing !== undefined)
    await checks.run('order', 'the closing stands behind the offer', () => demandOrder(offer, closing));
  if (offer !== undefined && acceptance !== undefined)
    await checks.run('counter.acceptance', 'the acceptance names the offer and its checkpoint', () =>
      demandCounter(acceptance, offer),
    );
  if (closing !== undefined && acceptance !== undefined) {
    await checks.run('counter.closing', 'the closing names the acceptance and its checkpoint', () => {
      demandAcknowledged(closing);
      demandCounter(closing, acceptance);
    });
  }
  await checkTimes(
    checks,
    [offer, acceptance, closing].flatMap((part) => part ?? []),
  );
}

async function checkTimes(checks: ProofChecks, inTurn: readonly ProvenEntry[]): Promise<void> {
  if (inTurn.length < 2) return;
  const back = await checks.run('times', 'the acts follow each other in time', () => stepBack(inTurn));
  if (back !== undefined && back > 0) checks.note('clocks', `two clocks differ by ${back} ms or more`);
}

interface Signed {
  readonly proof: LedgerProof;
  readonly parts: ProvenParts;
  readonly chain: readonly RegistryView[];
}

async function checkSigned(checks: ProofChecks, { proof, parts, chain }: Signed): Promise<void> {
  const { answer, request, envelope } = proof;
  const { offer, acceptance, closing } = parts;
  const views = Object.values(parts).map(({ view }) => view);
  if (answer !== undefined && closing !== undefined)
    await checks.run('answer', `${closing.fields.peer} signed the answer that the closing names`, () =>
      demandAnswer(answer, closing.fields, views),
    );
  if (request !== undefined && acceptance !== undefined)
    await checks.run('request', `${acceptance.fields.peer} signed the request and the offer it names`, () =>
      demandRequest(request, acceptance.fields, views),
    );
  if (envelope !== undefined)
    await checks.run('envelope', 'the envelope is signed by the sender and is what was offered', () =>
      demandEnvelope(envelope, { offer, request, chain }),
    );
}

function demandStatements(proof: LedgerProof, parts: ProvenParts): void {
  const shown = statementsOf(proof, parts);
  if (proof.proves.length === shown.length && shown.every((words, i) => words === proof.proves[i])) return;
  throw new GatewayError('ledger.proof-invalid', `the file shows exactly this: ${shown.join(', ')}`);
}

/** A place for witnesses: their lines are carried and named, and prove nothing here yet. */
function noteCosignatures(checks: ProofChecks, parts: ProvenParts): void {
  for (const [name, { otherLines }] of Object.entries(parts)) {
    if (otherLines.length === 0) continue;
    checks.note(
      'cosignatures',
      `${name}: ${otherLines.length} more lines, not verified: ${otherLines.join(', ')}`,
    );
  }
}
