/** The proof file of one exchange, `lianzheng-ledger-proof@v1`: written, and read back from untrusted bytes. */
import { canonicalBytes, isCanonical } from '../../core/canonical.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import type { RegistryDocument } from '../registry/registry-document.ts';

export const PROOF_FORMAT = 'lianzheng-ledger-proof@v1';
const PROOF_SCHEMA = 'urn:lianzheng:schema:ledger-proof:1.0.0';

/** In the order in which they come to be. `entry` is an act that belongs to no message. */
export const PARTS = ['offer', 'acceptance', 'closing', 'entry'] as const;
export type PartName = (typeof PARTS)[number];

/** An entry and its place in its log, both as texts whose bytes are what is hashed and signed. */
export interface LoggedPart {
  /** Canonical JSON. */
  readonly entry: string;
  /** c2sp.org/tlog-proof. */
  readonly proof: string;
}

export interface LedgerProof extends Readonly<Partial<Record<PartName, LoggedPart>>> {
  readonly format: typeof PROOF_FORMAT;
  readonly alliance: string;
  /** What the file shows and by whom, in words; a reader derives the same words from the rest. */
  readonly proves: readonly string[];
  /** Compact token of the peer's signed answer; `closing.token` is its digest. */
  readonly answer?: string;
  /** Compact token of the sender's signed request; `acceptance.token` is its digest. */
  readonly request?: string;
  /** JSON of the sealed envelope (a flattened JWS), never with disclosures. */
  readonly envelope?: string;
  /** From the first registry that the anchors admit to the last that is needed, by serial. */
  readonly registries: readonly RegistryDocument[];
}

/** RFC 8785 and nothing behind it. */
export function writeLedgerProof(proof: LedgerProof): Buffer {
  return canonicalBytes(proof);
}

/** Untrusted bytes. Only the one canonical spelling is a proof file, so no byte of it is free to change. */
export function readLedgerProof(bytes: Uint8Array, schemas: SchemaRegistry): LedgerProof {
  try {
    const value = parseStrictJson(bytes);
    schemas.validate(PROOF_SCHEMA, value);
    if (!isCanonical(value, bytes)) throw malformed('the file is not canonical JSON (RFC 8785)');
    return value as unknown as LedgerProof;
  } catch (cause) {
    if (!isGatewayError(cause) || cause.code === 'ledger.proof-invalid') throw cause;
    throw malformed(cause.message, cause);
  }
}

function malformed(why: string, cause?: unknown): GatewayError {
  return new GatewayError('ledger.proof-invalid', `no ${PROOF_FORMAT}: ${why}`, { cause });
}
