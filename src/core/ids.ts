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

const RANDOM_BYTES = 16;
const PAGE_BYTES = 256 * RANDOM_BYTES;
let page = Buffer.alloc(0);
let used = 0;
const latest = { milliseconds: 0, sequence: 0 };

/** UUIDv7 in ascending order within a process (RFC 9562 section 6.2, method 1: a counter within the millisecond). */
export function newId(): string {
  const random = sixteenBytes();
  const now = Date.now();
  if (now > latest.milliseconds) {
    latest.milliseconds = now;
    // 31 of its 32 bits: the counter has room to grow.
    latest.sequence = random.readUInt32BE(6) & 0x7fffffff;
  } else {
    latest.sequence = (latest.sequence + 1) | 0;
    if (latest.sequence === 0) latest.milliseconds += 1;
  }
  return v7({ random, msecs: latest.milliseconds, seq: latest.sequence });
}

/** 128 random bits, base64url, 22 characters: the `jti` of an exchange token. */
export function newNonce(): string {
  return sixteenBytes().toString('base64url');
}

/** Drawn by the page: a call to the generator costs more than an id. */
function sixteenBytes(): Buffer {
  if (used === page.length) {
    page = randomBytes(PAGE_BYTES);
    used = 0;
  }
  used += RANDOM_BYTES;
  return page.subarray(used - RANDOM_BYTES, used);
}
