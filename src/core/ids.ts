/** Identifiers: UUIDv7 (RFC 9562) for messages and rows, random nonces for tokens. */
import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';

/** Member id in the registry: `^[a-z0-9][a-z0-9.-]{1,62}$`. */
export type MemberId = string;
/** Sharing group id in the registry, same form as a member id. */
export type GroupId = string;
/** RFC 7638 SHA-256 thumbprint, base64url, 43 characters. */
export type KeyId = string;
/** base64url SHA-256 of a certificate's DER, 43 characters (RFC 8705 `x5t#S256`). */
export type CertificateThumbprint = string;

export const MEMBER_ID = /^[a-z0-9][a-z0-9.-]{1,62}$/;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function newId(): string {
  return v7();
}

/** 128 random bits, base64url, 22 characters: the `jti` of an exchange token. */
export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}
