/** Signatures of alliance documents: JWS (RFC 7515) over payload bytes, header exactly typ, alg, kid. */
import { canonicalBytes, type JsonValue } from '../../core/canonical.ts';
import { decodeBase64url } from '../../wire/base64url.ts';
import { verifySignature, type SigningKey, type VerificationKey } from '../../wire/jws.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';

/** One signature of a general JWS. */
export interface DocumentSignature {
  readonly protected: string;
  readonly signature: string;
}

export async function signDocument(
  typ: string,
  payload: string,
  key: SigningKey,
): Promise<DocumentSignature> {
  const header = canonicalBytes({ typ, alg: key.alg, kid: key.kid }).toString('base64url');
  const signature = await key.sign(Buffer.from(`${header}.${payload}`, 'ascii'));
  return { protected: header, signature: signature.toString('base64url') };
}

/** The key that made the signature, or undefined when none of `keys` did. Throws on malformed base64url or JSON. */
export async function signerOf(
  document: { readonly typ: string; readonly payload: string; readonly signature: DocumentSignature },
  keys: readonly VerificationKey[],
): Promise<VerificationKey | undefined> {
  const { protected: header, signature } = document.signature;
  const kid = readKid(parseStrictJson(decodeBase64url(header)), document.typ);
  const key = keys.find((candidate) => candidate.kid === kid.kid && candidate.alg === kid.alg);
  if (key === undefined) return undefined;
  const input = Buffer.from(`${header}.${document.payload}`, 'ascii');
  return (await verifySignature(key, input, decodeBase64url(signature))) ? key : undefined;
}

/** Untrusted: any header beside typ, alg and kid makes the signature count for nothing. */
function readKid(header: JsonValue, typ: string): { readonly kid?: string; readonly alg?: string } {
  if (typeof header !== 'object' || header === null || !('typ' in header)) return {};
  if (Object.keys(header).length !== 3 || header.typ !== typ) return {};
  const { kid, alg } = header;
  return typeof kid === 'string' && typeof alg === 'string' ? { kid, alg } : {};
}
