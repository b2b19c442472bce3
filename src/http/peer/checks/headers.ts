/** Check 2: the headers of a signed call, each there, each once, each of its form. */
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../../core/errors.ts';
import { UUID_V7 } from '../../../core/ids.ts';
import { readContentDigest } from '../../../wire/content-digest.ts';
import { TOKEN_BYTES } from '../../../wire/exchange-token.ts';

export interface ExchangeHeaders {
  readonly length: number;
  readonly mediaType: string;
  /** SHA-256 that the body is announced to have. */
  readonly digest: Buffer;
  readonly token: string;
  /** Exchange-Id. */
  readonly mid: string;
}

export type RequestHead = Pick<IncomingMessage, 'url' | 'rawHeaders' | 'headers'> &
  Partial<Pick<IncomingMessage, 'httpVersion'>>;

export const MANDATORY = [
  'content-length',
  'content-type',
  'content-digest',
  'exchange-token',
  'exchange-id',
] as const;
/** Fields of one request. */
export const MAX_HEADERS = 64;
const REFUSED = new Set(['transfer-encoding', 'content-encoding']);
const LENGTH = /^(0|[1-9]\d{0,9})$/;
const MEDIA_TYPE = 'application/json';

export function checkHeaders(request: RequestHead, maxBodyBytes: number): ExchangeHeaders {
  if (request.url?.includes('?') === true) throw new GatewayError('http.query-refused');
  refuseForm(request);
  refuseDuplicates(request.rawHeaders);
  const [length, mediaType, digest, token, mid] = MANDATORY.map((name) => mandatory(request, name)) as Five;

  if (!LENGTH.test(length)) throw malformed('content-length');
  if (Number(length) > maxBodyBytes) throw new GatewayError('http.body-too-large');

  if (mediaType !== MEDIA_TYPE) throw new GatewayError('http.media-type-refused', `expected ${MEDIA_TYPE}`);

  if (token.length > TOKEN_BYTES) throw new GatewayError('token.too-large');

  if (!UUID_V7.test(mid)) throw malformed('exchange-id');
  return { length: Number(length), mediaType, digest: readContentDigest(digest), token, mid };
}

/** What Node's parser lets through though this profile has no use for it. */
function refuseForm(request: RequestHead): void {
  if ((request.httpVersion ?? '1.1') !== '1.1')
    throw new GatewayError('http.header-invalid', 'expected HTTP/1.1');
  if (request.rawHeaders.length > 2 * MAX_HEADERS) {
    throw new GatewayError('http.header-invalid', `expected at most ${MAX_HEADERS} headers`);
  }
  if (request.headers.host === undefined) throw missing('host');
  const { expect } = request.headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') throw malformed('expect');
}

type Five = [string, string, string, string, string];

/** `rawHeaders`, because Node drops or joins what comes twice before we could see it. */
function refuseDuplicates(raw: readonly string[]): void {
  const seen = new Set<string>();
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (REFUSED.has(name)) throw new GatewayError('http.encoding-refused');
    if (seen.has(name)) {
      throw new GatewayError('http.header-duplicate', `header ${name} is given twice`, {
        facts: { header: name },
      });
    }
    seen.add(name);
  }
}

function mandatory(request: RequestHead, name: (typeof MANDATORY)[number]): string {
  const value = request.headers[name];
  if (typeof value === 'string') return value;
  throw missing(name);
}

function missing(header: string): GatewayError {
  return new GatewayError('http.header-missing', `header ${header} is missing`, { facts: { header } });
}

function malformed(header: string): GatewayError {
  return new GatewayError('http.header-invalid', `header ${header} is malformed`, { facts: { header } });
}
