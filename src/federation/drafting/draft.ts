/** A registry that is not published yet: made, signed by one operator after another, merged, and said how much it lacks. */
import { canonicalBytes, type JsonValue } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SigningKey } from '../../wire/jws.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import { nextRegistry } from '../alliance.ts';
import { demandFollows } from '../registry/registry-chain.ts';
import {
  readPayload,
  REGISTRY_TYPE,
  validSigners,
  type RegistryDocument,
  type VerifiedRegistry,
} from '../registry/registry-document.ts';
import type { OperatorSet, RegistryBody } from '../registry/registry-types.ts';
import { signDocument } from '../registry/document-signature.ts';

const DRAFT_SCHEMA = 'urn:lianzheng:schema:registry-draft:1.0.0';

/** Read and judged by rules and chain; whether enough operators signed is asked by `signing`. */
export type RegistryDraft = VerifiedRegistry;

/** Where a draft stands: the published registry before it, none when an alliance is founded. */
export interface DraftPlace {
  readonly previous: VerifiedRegistry | undefined;
  readonly schemas: SchemaRegistry;
}

export interface Edit {
  (body: RegistryBody): RegistryBody;
}

export interface DraftTimes {
  /** When the registry is to be published; its life counts from there. */
  readonly issuedAt: Date;
  /** At most 90. */
  readonly lifetimeDays: number;
}

export interface SigningState {
  readonly threshold: number;
  /** Kids of operators that have signed. */
  readonly signed: readonly string[];
  readonly unsigned: readonly string[];
  /** How many more signatures are needed; 0 when it can be published. */
  readonly missing: number;
}

/** The registry after `previous`, edited; `from` is an unsigned draft to go on with. */
export async function draftNext(
  place: DraftPlace & { readonly previous: VerifiedRegistry; readonly from?: RegistryDraft | undefined },
  edit: Edit,
  { issuedAt, lifetimeDays }: DraftTimes,
): Promise<RegistryDraft> {
  const { previous, from } = place;
  const edited = edit(from?.body ?? previous.body);
  const body = nextRegistry(previous, edited, { now: issuedAt, lifetimeDays });
  return judgeDraft(documentOf(body), place);
}

/** Of a first registry too, which nothing stands before. */
export function documentOf(body: RegistryBody): RegistryDocument {
  return { payload: canonicalBytes(body).toString('base64url'), signatures: [] };
}

/** Untrusted: a draft file from another operator. Throws `registry.*` of the rule it breaks. */
export async function readDraft(value: JsonValue, place: DraftPlace): Promise<RegistryDraft> {
  try {
    place.schemas.validate(DRAFT_SCHEMA, value);
  } catch (cause) {
    const facts = cause instanceof GatewayError ? cause.facts : {};
    throw new GatewayError('registry.invalid', 'expected a draft made by lianzheng alliance', {
      cause,
      facts,
    });
  }
  return judgeDraft(value as unknown as RegistryDocument, place);
}

async function judgeDraft(
  document: RegistryDocument,
  { previous, schemas }: DraftPlace,
): Promise<RegistryDraft> {
  const draft = readPayload(document, schemas);
  if (previous === undefined) {
    if (draft.body.serial === 1) return draft;
    throw conflict(`the draft is registry ${draft.body.serial}; the registries before it are not here`);
  }
  if (draft.body.alliance !== previous.body.alliance)
    throw conflict(`the draft is of ${draft.body.alliance}, not of ${previous.body.alliance}`);
  if (draft.body.serial === previous.body.serial + 1 && draft.body.prev !== previous.sha256)
    throw conflict('the draft follows another registry of the same serial than the one published here');
  if (draft.body.serial !== previous.body.serial + 1)
    throw conflict(`the draft is registry ${draft.body.serial}, the next one is ${previous.body.serial + 1}`);
  await demandFollows(draft, previous);
  return draft;
}

/** Adds one operator's signature. Throws `registry.operator-unknown` for anyone who has no say in this draft. */
export async function signDraft(
  draft: RegistryDraft,
  key: SigningKey,
  previous: VerifiedRegistry | undefined,
): Promise<RegistryDraft> {
  const operators = signersOf(draft, previous);
  if (!operators.keys.some(({ kid, alg }) => kid === key.kid && alg === key.alg))
    throw new GatewayError('registry.operator-unknown', `key ${key.kid} is no operator's of this registry`, {
      facts: { kid: key.kid, operators: operators.keys.map(({ kid }) => kid) },
    });
  const { payload, signatures } = draft.document;
  if ((await validSigners(draft.document, operators)).has(key.kid)) return draft;
  const signature = await signDocument(REGISTRY_TYPE, payload, key);
  return { ...draft, document: { payload, signatures: [...signatures, signature] } };
}

/** One draft with everybody's signatures. Throws `registry.draft-conflict` when they did not sign the same bytes. */
export function combineDrafts(drafts: readonly RegistryDraft[]): RegistryDraft {
  const [first, ...others] = drafts;
  if (first === undefined) throw new TypeError('no draft to combine');
  const strange = others.find(({ sha256 }) => sha256 !== first.sha256);
  if (strange !== undefined)
    throw conflict(`the files are different drafts: ${first.sha256} and ${strange.sha256}`);
  const all = drafts.flatMap(({ document }) => document.signatures);
  const signatures = [...new Map(all.map((one) => [`${one.protected}.${one.signature}`, one])).values()];
  return { ...first, document: { payload: first.document.payload, signatures } };
}

/** Throws `registry.signature-invalid` when a signature in it is nobody's: such a file was damaged or tampered with. */
export async function signing(
  draft: RegistryDraft,
  previous: VerifiedRegistry | undefined,
): Promise<SigningState> {
  const operators = signersOf(draft, previous);
  for (const signature of draft.document.signatures) {
    const one = { payload: draft.document.payload, signatures: [signature] };
    if ((await validSigners(one, operators)).size === 1) continue;
    throw new GatewayError(
      'registry.signature-invalid',
      'a signature in the draft is no operator’s of this registry',
    );
  }
  const valid = await validSigners(draft.document, operators);
  const kids = operators.keys.map(({ kid }) => kid);
  return {
    threshold: operators.threshold,
    signed: kids.filter((kid) => valid.has(kid)),
    unsigned: kids.filter((kid) => !valid.has(kid)),
    missing: Math.max(operators.threshold - valid.size, 0),
  };
}

/** The registry before decides who must sign; a first one is signed by its own operators. */
export function signersOf(draft: RegistryDraft, previous: VerifiedRegistry | undefined): OperatorSet {
  return (previous ?? draft).body.operators;
}

function conflict(message: string): GatewayError {
  return new GatewayError('registry.draft-conflict', message);
}
