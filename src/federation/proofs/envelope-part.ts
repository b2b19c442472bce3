/** The envelope of a proof file: signed by the sender, and tied to the entry or the request that is about it. */
import type { JsonObject } from '../../core/canonical.ts';
import { seconds } from '../../core/clock.ts';
import { sha256, sha256Hex } from '../../core/digest.ts';
import { decodeBase64url } from '../../wire/base64url.ts';
import { digestClaim } from '../../wire/content-digest.ts';
import {
  openEnvelope,
  type EnvelopeContent,
  type FindKey,
  type SealedEnvelope,
} from '../../wire/envelope.ts';
import { isObject, members, text as form } from '../../wire/json/json-form.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import { validAt, type RegisteredKey, type RegistryView } from '../registry/registry-view.ts';
import type { ProvenEntry } from './proven-entry.ts';
import { bodyDigestOf, demand, reading, refused } from './signed-parts.ts';

const PART = form(/^[A-Za-z0-9_-]+$/);

export interface EnvelopeTies {
  /** Its subject carries the digest of the envelope's payload. */
  readonly offer: ProvenEntry | undefined;
  /** The request carries the digest of the whole body. */
  readonly request: string | undefined;
  readonly chain: readonly RegistryView[];
}

/** Untrusted text: the envelope that the offer is about, or that the request brought. Returns its issuer. */
export async function demandEnvelope(text: string, ties: EnvelopeTies): Promise<string> {
  const { sealed, content } = await openSealedText(text, ties.chain);
  const { offer, request } = ties;
  demand(offer !== undefined || request !== undefined, 'nothing in the file ties the envelope to an entry');
  if (offer !== undefined) {
    const { subject, member } = offer.fields;
    const digest = sha256Hex(Buffer.from(sealed.payload, 'base64url'));
    const isOffered = digest === subject.sha256 && content.id === subject.id && content.issuer === member;
    demand(isOffered, 'the envelope is not the one that the offer is about');
  }
  if (request !== undefined) demand(bodyDigestOf(request) === digestClaim(sha256(text)), NOT_THE_BODY);
  return content.issuer;
}

const NOT_THE_BODY = 'the envelope is not the body of the request';

/** Untrusted text of a sealed envelope; its key counts as the registries listed it then. Throws ledger.proof-invalid. */
export async function openSealedText(
  text: string,
  chain: readonly RegistryView[],
): Promise<{ readonly sealed: SealedEnvelope; readonly content: EnvelopeContent }> {
  const sealed = sealedOf(text);
  return { sealed, content: await openedBy(sealed, chain) };
}

/** Untrusted. Only the three members of a flattened JWS: no disclosures, no unsigned words. */
function sealedOf(text: string): SealedEnvelope {
  const value = reading(() => parseStrictJson(Buffer.from(text, 'utf8')));
  const isForm = members({ payload: PART, protected: PART, signature: PART })(value);
  demand(isForm, 'expected an envelope of payload, protected and signature');
  return value as unknown as SealedEnvelope;
}

/** The key is taken from the registry that the signed content itself pins. */
async function openedBy(sealed: SealedEnvelope, chain: readonly RegistryView[]): Promise<EnvelopeContent> {
  const { serial, sha256: digest } = pinnedBy(sealed);
  const view = chain.find((one) => one.serial === serial && one.sha256 === digest);
  let used: RegisteredKey | undefined;
  const findKey: FindKey = (issuer, kid) => (used = view?.sealKey(issuer, kid));
  const { content } = await openEnvelope(sealed, findKey).catch((cause: unknown) => refused(cause));
  const isThen = used !== undefined && validAt(used, seconds(new Date(content.createdAt)));
  demand(isThen, 'the envelope was sealed outside the validity of its key');
  return content;
}

/** Not verified yet; opening the envelope does it. */
function pinnedBy({ payload }: SealedEnvelope): JsonObject {
  const content = reading(() => parseStrictJson(decodeBase64url(payload)));
  const registry = isObject(content) ? content['registry'] : undefined;
  return isObject(registry) ? registry : {};
}
