/** What a member sends to the operators to have its next certificate, seal key or ledger key listed. */
import { canonicalBytes, type JsonObject, type JsonValue } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SigningKey } from '../../wire/jws.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import { signDocument, type DocumentSignature } from '../registry/document-signature.ts';
import { endorseKey, endorseLedgerKey } from '../registry/key-change.ts';
import type { MemberKey, RegistryLedger, RegistryMember } from '../registry/registry-types.ts';
import { demandSchema, signedBy } from './enrolment.ts';

const ROTATION_TYPE = 'lz-rotation+jws';
const POSSESSION_TYPE = 'lz-possession+jws';
const ROTATION_SCHEMA = 'urn:lianzheng:schema:rotation:1.0.0';

export type RotationKind = 'tls' | 'seal' | 'ledger';

export interface NextSealKey extends Pick<MemberKey, 'kid' | 'jwk' | 'alg' | 'use'> {
  readonly endorsement: DocumentSignature;
  /** By the next key itself, over its own kid. */
  readonly possession: DocumentSignature;
}

export type RotationContent = { readonly alliance: string; readonly member: string } & (
  | { readonly kind: 'tls'; readonly uri: string; readonly authority: string; readonly csr: string }
  | { readonly kind: 'seal'; readonly key: NextSealKey }
  | { readonly kind: 'ledger'; readonly ledger: RegistryLedger }
);

/** Signed by the seal key in use: operators need no other channel to know whose wish it is. */
export type Rotation = RotationContent & { readonly proof: DocumentSignature };

export interface RotatingMember {
  readonly alliance: string;
  readonly member: string;
  /** The seal key in use. */
  readonly seal: SigningKey;
}

export async function signRotation(content: RotationContent, seal: SigningKey): Promise<Rotation> {
  return { ...content, proof: await signDocument(ROTATION_TYPE, payloadOf(content), seal) };
}

export async function rotateSealKey(
  { alliance, member, seal }: RotatingMember,
  next: { readonly jwk: JsonObject; readonly signing: SigningKey },
): Promise<Rotation> {
  const { kid, alg } = next.signing;
  const succession = { alliance, member, kid };
  const key: NextSealKey = {
    ...{ kid, jwk: next.jwk, alg, use: 'seal' },
    endorsement: await endorseKey(succession, seal),
    possession: await signDocument(POSSESSION_TYPE, payloadOf(succession), next.signing),
  };
  return signRotation({ alliance, member, kind: 'seal', key }, seal);
}

export async function rotateLedgerKey(
  { alliance, member, seal }: RotatingMember,
  ledger: Omit<RegistryLedger, 'endorsement'>,
): Promise<Rotation> {
  const endorsement = await endorseLedgerKey({ alliance, member, vkey: ledger.vkey }, seal);
  return signRotation({ alliance, member, kind: 'ledger', ledger: { ...ledger, endorsement } }, seal);
}

/** Untrusted: form, and that the next seal key's owner holds it. Whose wish it is says `demandOwnWish`. */
export async function readRotation(value: JsonValue, schemas: SchemaRegistry): Promise<Rotation> {
  demandSchema({ value, id: ROTATION_SCHEMA, what: 'rotation' }, schemas);
  demandParts(value as unknown as Partial<Record<string, unknown>>);
  const rotation = value as unknown as Rotation;
  if (rotation.kind !== 'seal') return rotation;
  const { alliance, member, key } = rotation;
  const payload = payloadOf({ alliance, member, kid: key.kid });
  if (await signedBy({ typ: POSSESSION_TYPE, payload, key, signature: key.possession })) return rotation;
  throw new GatewayError('enrolment.invalid', `the next key ${key.kid} has not signed the rotation`);
}

const PARTS: Readonly<Record<RotationKind, readonly string[]>> = {
  tls: ['uri', 'authority', 'csr'],
  seal: ['key'],
  ledger: ['ledger'],
};

/** Exactly the parts of its kind: nothing rides along that nobody looks at. */
function demandParts(value: Partial<Record<string, unknown>>): void {
  const wanted = PARTS[value['kind'] as RotationKind];
  const fits = Object.values(PARTS)
    .flat()
    .every((part) => wanted.includes(part) === (value[part] !== undefined));
  if (fits) return;
  throw new GatewayError(
    'enrolment.invalid',
    `a rotation of kind ${String(value['kind'])} has ${wanted.join(', ')}`,
  );
}

/** Throws `enrolment.invalid` unless a seal key that the registry lists for the member, and that is not revoked, signed it. */
export async function demandOwnWish(rotation: Rotation, member: RegistryMember): Promise<void> {
  const { proof, ...content } = rotation;
  const payload = payloadOf(content);
  for (const key of member.keys) {
    if (key.use !== 'seal' || key.revoked !== undefined) continue;
    if (await signedBy({ typ: ROTATION_TYPE, payload, key, signature: proof })) return;
  }
  throw new GatewayError(
    'enrolment.invalid',
    `the rotation is not signed by a seal key in use of ${member.id}`,
  );
}

function payloadOf(content: object): string {
  return canonicalBytes(content).toString('base64url');
}
