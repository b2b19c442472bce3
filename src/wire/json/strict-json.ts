/** The strict JSON gate: untrusted bytes become a value only if every reader would see the same value. */
import { isUtf8 } from 'node:buffer';
import type { JsonObject, JsonValue } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import { isLossyNumber, isShortInteger } from './json-number.ts';

const MAX_DEPTH = 64;

/** NUL and, thanks to the u flag, surrogates without their other half. */
const UNSAFE = /[\0\p{Cs}]/u;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SMALL_U = 0x75;
const COLON = 0x3a;
const MINUS = 0x2d;

/** What one pass over the bytes learns before V8 parses them. */
interface Survey {
  /** Colons outside strings; in well-formed JSON the number of members of all objects. */
  readonly members: number;
  /** A `\u` escape occurs: only then can a string hold NUL or a lone surrogate. */
  readonly unicodeEscapes: boolean;
}

/**
 * RFC 8259 with I-JSON's limits (RFC 7493): well-formed UTF-8, no BOM, no key twice (after unescaping), depth ≤ 64,
 * no `__proto__`, `constructor` or `prototype`, no number that loses precision, no lone surrogate, no NUL.
 * Throws `json.*`. One pass over the bytes, the native parser, one walk over the value: no tokenizer of our own.
 */
export function parseStrictJson(bytes: Uint8Array): JsonValue {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(buffer) || hasByteOrderMark(buffer)) throw new GatewayError('json.encoding-invalid');
  const survey = surveyOf(buffer);
  const value = parse(buffer);
  // A key given twice leaves one member in the value for two colons in the text, at whatever depth.
  if (countMembers(value, survey.unicodeEscapes) !== survey.members) {
    throw new GatewayError('json.duplicate-key');
  }
  return value;
}

function hasByteOrderMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function surveyOf(bytes: Buffer): Survey {
  const end = bytes.length;
  let members = 0;
  let depth = 0;
  let unicodeEscapes = false;
  for (let i = 0; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) {
      for (i++; i < end && bytes[i] !== QUOTE; i++) {
        if (bytes[i] === BACKSLASH && bytes[++i] === SMALL_U) unicodeEscapes = true;
      }
    } else if (byte === COLON) {
      members++;
    } else if (byte === MINUS || isDigit(byte)) {
      const start = i;
      while (i + 1 < end && continuesNumber(bytes[i + 1] as number)) i++;
      refuseLossy(bytes, start, i + 1);
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_DEPTH) throw new GatewayError('json.too-deep');
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    }
  }
  return { members, unicodeEscapes };
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Digits and `+ - . E e`. */
function continuesNumber(byte: number): boolean {
  return isDigit(byte) || byte === 0x2b || byte === MINUS || byte === 0x2e || byte === 0x45 || byte === 0x65;
}

function refuseLossy(bytes: Buffer, start: number, end: number): void {
  if (isShortInteger(bytes, start, end)) return;
  if (isLossyNumber(bytes.toString('latin1', start, end))) throw new GatewayError('json.number-lossy');
}

function parse(bytes: Buffer): JsonValue {
  try {
    return JSON.parse(bytes.toString('utf8')) as JsonValue;
  } catch {
    // V8's message quotes the text, which may be personal.
    throw new GatewayError('json.syntax');
  }
}

/** Depth is bounded by the survey, so recursion is safe. */
function countMembers(value: JsonValue, checkText: boolean): number {
  if (typeof value === 'string') {
    if (checkText) refuseUnsafeText(value);
    return 0;
  }
  if (value === null || typeof value !== 'object') return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) count += countMembers(item, checkText);
    return count;
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
      throw new GatewayError('json.forbidden-key');
    }
    if (checkText) refuseUnsafeText(key);
    count += 1 + countMembers((value as JsonObject)[key] as JsonValue, checkText);
  }
  return count;
}

function refuseUnsafeText(text: string): void {
  if (UNSAFE.test(text)) throw new GatewayError('json.encoding-invalid');
}
