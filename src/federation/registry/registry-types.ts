/** The body of an alliance registry, as schemas/registry.json admits it. */
import type { JsonObject } from '../../core/canonical.ts';
import type { CertificateThumbprint, GroupId, KeyId, MemberId } from '../../core/ids.ts';

export type MemberRole =
  'institution' | 'regulator' | 'police' | 'procurator' | 'auditor' | 'cyberspace' | 'operator';
export type Compartment = 'REG' | 'INDUSTRY' | 'POLICE' | 'AML' | 'ALLIANCE';
export type Right = 'push' | 'screen' | 'query' | 'request' | 'transfer' | 'audit' | 'status';
export type SealAlgorithmName = 'Ed25519' | 'ES256' | 'PS256';

/** Public JWK that carries its RFC 7638 thumbprint and the one algorithm it may be used with. */
export interface RegistryJwk extends JsonObject {
  readonly kid: KeyId;
  readonly alg: SealAlgorithmName;
}

export interface OperatorSet {
  readonly threshold: number;
  readonly keys: readonly RegistryJwk[];
}

/** POSIX seconds, both ends inclusive, as in JWT. */
export interface Validity {
  readonly nbf: number;
  readonly exp: number;
}

export interface Revocation {
  /** RFC 3339. `compromised` counts at once and backwards; `superseded` only from `at` on. */
  readonly at: string;
  readonly reason: 'unspecified' | 'compromised' | 'superseded';
}

export interface GatewayCertificate extends Validity {
  readonly x5t: CertificateThumbprint;
  readonly revoked?: Revocation;
}

export interface RegistryGateway {
  /** Host and port as in `htu`, e.g. `gw.bank-a.example:8443`. */
  readonly authority: string;
  readonly certs: readonly GatewayCertificate[];
}

export interface MemberKey extends Validity {
  readonly kid: KeyId;
  readonly jwk: JsonObject;
  readonly alg: SealAlgorithmName;
  readonly use: 'seal' | 'enc';
  readonly revoked?: Revocation;
  /** How the key came in place of an earlier one: see key-change.ts. */
  readonly endorsement?: KeyEndorsement;
}

/** Signature of an earlier seal key of the member over the new seal or ledger key, or a recorded recovery. */
export type KeyEndorsement =
  | { readonly protected: string; readonly signature: string }
  | { readonly recovery: { readonly at: string; readonly reason: string } };

export interface RegistrySigner extends Validity {
  readonly x5t: CertificateThumbprint;
  readonly roles: readonly string[];
  readonly revoked?: Revocation;
}

export interface RegistryLedger {
  readonly origin: string;
  readonly vkey: string;
  readonly witnessVkey?: string;
  /** How this vkey came in place of an earlier one. */
  readonly endorsement?: KeyEndorsement;
}

export interface RegistryMember {
  readonly id: MemberId;
  readonly name: string;
  readonly uscc: string;
  readonly region: string;
  readonly level: string;
  readonly roles: readonly MemberRole[];
  readonly status: 'active' | 'suspended' | 'left';
  readonly gateways: readonly RegistryGateway[];
  readonly keys: readonly MemberKey[];
  readonly signers: readonly RegistrySigner[];
  readonly ledger: RegistryLedger;
}

export interface RegistryGroup {
  readonly id: GroupId;
  readonly name: string;
  readonly compartment: Compartment;
  /** Empty in the document of a hidden group; a view gives those that its openings open. */
  readonly members: readonly MemberId[];
  readonly hidden?: true;
  /** Of a hidden group, sorted hex: see registry/hidden-groups.ts. */
  readonly commitments?: readonly string[];
}

export interface Grant {
  readonly id: string;
  readonly group: GroupId;
  /** A member fits when its id or one of its roles is listed. */
  readonly who: { readonly roles?: readonly MemberRole[]; readonly members?: readonly MemberId[] };
  readonly may: readonly Right[];
  readonly kinds: readonly string[];
  readonly purposes: readonly string[];
  readonly legalBases: readonly string[];
  readonly maxGrade: number;
  readonly compartment?: Compartment;
  readonly onward: 'none' | 'same-purpose' | 'approval';
  /** RFC 3339. */
  readonly notAfter: string;
  readonly quota?: { readonly perDay: number };
}

export interface RegistryBody {
  readonly alliance: string;
  /** From 1, one step each. */
  readonly serial: number;
  /** SHA-256 of the previous payload, hex; 64 zeros in the first. */
  readonly prev: string;
  readonly issuedAt: string;
  /** At most 90 days after issuedAt. */
  readonly expiresAt: string;
  readonly operators: OperatorSet;
  readonly freshnessKey: RegistryJwk;
  /** PEM. */
  readonly cas: readonly string[];
  readonly members: readonly RegistryMember[];
  readonly groups: readonly RegistryGroup[];
  readonly grants: readonly Grant[];
  readonly schemas: readonly { readonly id: string; readonly sha256: string }[];
  readonly witnessPolicy: string | null;
}
