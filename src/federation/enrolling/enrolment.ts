/** The signed key set that a gateway sends to the operators: each key in it signs the whole, so nobody enrols another's. */
import { canonicalBytes, type JsonValue } from '../../core/canonical.ts';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { cosignaturesOf, type WitnessKey } from '../../ledger/notes/cosignature.ts';
import { verifyNote, type LedgerKey } from '../../ledger/notes/note.ts';
import type { SigningKey } from '../../wire/jws.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import { signDocument, signerOf, type DocumentSignature } from '../registry/document-signature.ts';
import type { MemberKey } from '../registry/registry-types.ts';

const ENROLMENT_TYPE = 'lz-enrolment+jws';
const ENROLMENT_SCHEMA = 'urn:lianzheng:schema:enrolment:1.0.0';

export interface EnrolmentContent {
  readonly alliance: string;
  readonly member: string;
  readonly gateway: string;
  readonly uri: string;
  /** SHA-256 of the certificate request's DER, hex: a request of somebody else does not go with these keys. */
  readonly csr: string;
  readonly keys: readonly Pick<MemberKey, 'kid' | 'jwk' | 'alg' | 'use'>[];
  readonly ledger: { readonly origin: string; readonly vkey: string; readonly witnessVkey: string };
}

export interface Enrolment extends EnrolmentContent {
  readonly proofs: { readonly seal: DocumentSignature; readonly ledger: string; readonly witness: string };
}

export interface EnrollingKeys {
  readonly seal: SigningKey;
  readonly ledger: LedgerKey;
  readonly witness: WitnessKey;
}

export async function signEnrolment(content: EnrolmentContent, keys: EnrollingKeys): Promise<Enrolment> {
  const payload = payloadOf(content);
  const text = noteText(payload);
  const proofs = {
    seal: await signDocument(ENROLMENT_TYPE, payload, keys.seal),
    ledger: keys.ledger.sign(text),
    witness: keys.witness.cosign(text, 0),
  };
  return { ...content, proofs };
}

/** Untrusted. Throws `enrolment.invalid` when it is changed, or one of its keys has not signed it. */
export async function readEnrolment(value: JsonValue, schemas: SchemaRegistry): Promise<Enrolment> {
  demandSchema({ value, id: ENROLMENT_SCHEMA, what: 'enrolment' }, schemas);
  const enrolment = value as unknown as Enrolment;
  const { proofs, ...content } = enrolment;
  const payload = payloadOf(content);
  for (const key of content.keys)
    if (!(await signedBy({ payload, key, signature: proofs.seal, typ: ENROLMENT_TYPE })))
      refuse(`the seal key ${key.kid} has not signed the enrolment`);
  const { origin, vkey, witnessVkey } = content.ledger;
  if (!vkey.startsWith(`${origin}+`)) refuse(`the ledger key is not named ${origin}`);
  const text = noteText(payload);
  const signed = (line: string): string => `${text}\n${line}\n`;
  demandNote('ledger', () => verifyNote(signed(proofs.ledger), [vkey]).signers);
  demandNote('witness', () => cosignaturesOf(signed(proofs.witness), [witnessVkey]));
  const { alliance, member, gateway, uri } = content;
  if (uri !== `urn:lianzheng:${alliance}:${member}:${gateway}`) refuse(`uri ${uri} does not fit the names`);
  return enrolment;
}

export function demandSchema(
  { value, id, what }: { value: JsonValue; id: string; what: string },
  schemas: SchemaRegistry,
): void {
  try {
    schemas.validate(id, value);
  } catch (cause) {
    const facts = cause instanceof GatewayError ? cause.facts : {};
    throw new GatewayError('enrolment.invalid', `the ${what} file breaks its schema`, { cause, facts });
  }
}

/** False as well for a key or signature that cannot be read. */
export async function signedBy(claim: {
  readonly typ: string;
  readonly payload: string;
  readonly key: Pick<MemberKey, 'kid' | 'jwk' | 'alg'>;
  readonly signature: DocumentSignature;
}): Promise<boolean> {
  const { key, ...document } = claim;
  return (await signerOf(document, [key]).catch(() => undefined)) !== undefined;
}

function payloadOf(content: EnrolmentContent): string {
  return canonicalBytes(content).toString('base64url');
}

/** Its first line is no origin, so that the signature is none over a checkpoint. */
function noteText(payload: string): string {
  return `lianzheng enrolment\n${sha256Hex(Buffer.from(payload, 'base64url'))}\n`;
}

function demandNote(what: string, verify: () => readonly unknown[]): void {
  try {
    if (verify().length > 0) return;
  } catch (cause) {
    throw new GatewayError('enrolment.invalid', `the ${what} key has not signed the enrolment`, { cause });
  }
  refuse(`the ${what} key has not signed the enrolment`);
}

function refuse(message: string): never {
  throw new GatewayError('enrolment.invalid', message);
}
