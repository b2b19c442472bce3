/** A captured request: JSON as `serve --capture` writes it, or the raw text of an HTTP/1.1 request. */
import { X509Certificate } from 'node:crypto';
import { isObject } from '../../../wire/json/json-form.ts';
import { GatewayError } from '../../../core/errors.ts';
import { parseStrictJson } from '../../../wire/json/strict-json.ts';
import type { JsonValue } from '../../../core/canonical.ts';

export interface Capture {
  readonly method: string;
  /** With query, as it stood in the request line. */
  readonly path: string;
  /** As they came, double ones twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Null when the gateway refused before it read the body. */
  readonly body: Buffer | null;
  readonly clientCertificate: X509Certificate | undefined;
  /** When it arrived; undefined in raw text. */
  readonly at: Date | undefined;
}

const HEADER_END = '\r\n\r\n';

/** Throws config.invalid that says what was expected. */
export function readCapture(bytes: Buffer): Capture {
  return bytes[0] === 0x7b ? fromJson(parseStrictJson(bytes)) : fromRaw(bytes);
}

function fromJson(value: JsonValue): Capture {
  if (!isObject(value)) throw unreadable('an object');
  const { method, path, headers, body = null, clientCertificate, at } = value;
  if (typeof method !== 'string' || typeof path !== 'string') throw unreadable('method and path as texts');
  if (body !== null && typeof body !== 'string') throw unreadable('body as base64, or null');
  return {
    ...{ method, path, headers: headerPairs(headers) },
    body: body === null ? null : Buffer.from(body, 'base64'),
    clientCertificate: clientCertificate === undefined ? undefined : certificate(clientCertificate),
    at: at === undefined ? undefined : instant(at),
  };
}

/** Pairs, or an object where no name comes twice. */
function headerPairs(value: JsonValue | undefined): Capture['headers'] {
  const pairs = isObject(value) ? Object.entries(value) : value;
  const isPair = (pair: unknown): pair is [string, string] =>
    Array.isArray(pair) && pair.length === 2 && pair.every((one) => typeof one === 'string');
  if (Array.isArray(pairs) && pairs.every(isPair)) return pairs;
  throw unreadable('headers as [name, value] pairs, or as an object of texts');
}

function certificate(value: JsonValue): X509Certificate {
  try {
    return new X509Certificate(typeof value === 'string' ? value : '');
  } catch (cause) {
    throw unreadable('clientCertificate as PEM', cause);
  }
}

function instant(value: JsonValue): Date {
  const at = new Date(typeof value === 'string' ? value : Number.NaN);
  if (Number.isNaN(at.getTime())) throw unreadable('at as RFC 3339');
  return at;
}

/** As a proxy or tcpdump shows it; every byte after the empty line is the body. */
function fromRaw(bytes: Buffer): Capture {
  const end = bytes.indexOf(HEADER_END);
  const [line = '', ...lines] = bytes.subarray(0, Math.max(end, 0)).toString('latin1').split('\r\n');
  const [, method, path] = /^([A-Z]+) (\/\S*) HTTP\/1\.1$/.exec(line) ?? [];
  if (method === undefined || path === undefined) {
    throw unreadable(
      'JSON, or "METHOD /path HTTP/1.1", header lines that end with CR LF, an empty line, the body',
    );
  }
  const headers = lines.map((one): [string, string] => {
    const at = one.indexOf(':');
    if (at < 1) throw unreadable(`header lines "Name: value", not "${one.slice(0, 40)}"`);
    return [one.slice(0, at), one.slice(at + 1).trim()];
  });
  const body = bytes.subarray(end + HEADER_END.length);
  return { method, path, headers, body, clientCertificate: undefined, at: undefined };
}

function unreadable(expected: string, cause?: unknown): GatewayError {
  return new GatewayError('config.invalid', `the capture cannot be read: expected ${expected}`, { cause });
}
