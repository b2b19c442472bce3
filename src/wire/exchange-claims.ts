/** The claims of exchange profile 1: their types and the form of each, nothing optional and nothing beside. */
import { MEMBER_ID, UUID_V7, type CertificateThumbprint, type GroupId, type MemberId } from '../core/ids.ts';
import { count, flag, members, nullOr, text, type Form } from './json/json-form.ts';

/** RFC 8705: the token is worth nothing on a connection of another certificate. */
export interface Confirmation {
  readonly 'x5t#S256': CertificateThumbprint;
}

/** Where an entry stands in a member's ledger; `leaf` is lowercase hex. */
export interface LedgerPosition {
  readonly origin: string;
  readonly index: number;
  readonly leaf: string;
}

/** The sender's entry of the offer, with a checkpoint (size, root in hex) that covers it. */
export interface OfferPosition extends LedgerPosition {
  readonly size: number;
  readonly root: string;
}

export interface RequestClaims {
  readonly iss: MemberId;
  readonly aud: MemberId;
  /** Sharing group, or `-` where a call concerns none (status). */
  readonly grp: GroupId;
  readonly pur: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  /** 128 random bits, new for each attempt. */
  readonly jti: string;
  /** Exchange-Id: UUIDv7, the same for each attempt. */
  readonly mid: string;
  readonly htm: string;
  readonly htu: string;
  readonly cty: string;
  /** `digestClaim` of the body. */
  readonly cdg: string;
  readonly len: number;
  readonly cnf: Confirmation;
  /** `<schema id>#<sha256 hex>` or `-`. */
  readonly sch: string;
  readonly reg: number;
  readonly ofr: OfferPosition | null;
}

export interface ResponseClaims {
  readonly iss: MemberId;
  readonly aud: MemberId;
  readonly iat: number;
  readonly jti: string;
  /** The server's certificate. */
  readonly cnf: Confirmation;
  readonly sts: number;
  readonly cdg: string;
  readonly len: number;
  readonly cty: string;
  /** base64url SHA-256 of the request's compact token. */
  readonly rth: string;
  readonly rjti: string;
  readonly mid: string;
  /** `digestClaim` of the request body as the responder computed it; null when it refused before reading the body. */
  readonly rcdg: string | null;
  readonly htm: string;
  readonly htu: string;
  readonly rpl: boolean;
  readonly rcpt: LedgerPosition | null;
}

/** 16 and 32 bytes as canonical base64url: the last character carries only the bits that exist. */
const nonce = text(/^[A-Za-z0-9_-]{21}[AQgw]$/);
const hash = text(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/);
const digest = text(/^sha-256=[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/);
const hex = text(/^[0-9a-f]{64}$/);
const member = text(MEMBER_ID);
const group: Form = (value) => value === '-' || member(value);
const words = text(/^[^\p{Cc}]{1,128}$/u);
const target = text(/^https:\/\/[!-~]{1,500}$/);
const method = text(/^[A-Z]{3,7}$/);
const confirmation = members({ 'x5t#S256': hash });
const position = { origin: words, index: count, leaf: hex };

export const requestForms: Readonly<Record<keyof RequestClaims, Form>> = {
  iss: member,
  aud: member,
  grp: group,
  pur: words,
  iat: count,
  nbf: count,
  exp: count,
  jti: nonce,
  mid: text(UUID_V7),
  htm: method,
  htu: target,
  cty: words,
  cdg: digest,
  len: count,
  cnf: confirmation,
  sch: text(/^(-|urn:lianzheng:schema:[a-z0-9.-]{1,64}:\d{1,4}\.\d{1,4}\.\d{1,4}#[0-9a-f]{64})$/),
  reg: count,
  ofr: nullOr(members({ ...position, size: count, root: hex })),
};

export const responseForms: Readonly<Record<keyof ResponseClaims, Form>> = {
  iss: member,
  aud: member,
  iat: count,
  jti: nonce,
  cnf: confirmation,
  sts: count,
  cdg: digest,
  len: count,
  cty: words,
  rth: hash,
  rjti: nonce,
  mid: text(UUID_V7),
  rcdg: nullOr(digest),
  htm: method,
  htu: target,
  rpl: flag,
  rcpt: nullOr(members(position)),
};
