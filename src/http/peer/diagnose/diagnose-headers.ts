/** Method, path and headers of a captured request. */
import { sha256 } from '../../../core/digest.ts';
import { GatewayError } from '../../../core/errors.ts';
import { newId } from '../../../core/ids.ts';
import { contentDigestHeader } from '../../../wire/content-digest.ts';
import { checkHeaders, type ExchangeHeaders, type RequestHead } from '../checks/headers.ts';
import { kindOfPath } from '../observe.ts';
import type { Capture } from './capture.ts';
import type { DiagnosisDeps, Noted } from './diagnose.ts';
import { exhaust, findingOf, type Mended } from './finding.ts';

type Pairs = Capture['headers'];

interface Head {
  readonly path: string;
  readonly headers: Pairs;
  readonly maxBodyBytes: number;
}

const SIGNED = new Set(['messages', 'status', 'parts']);
const CODINGS = new Set(['transfer-encoding', 'content-encoding']);
/** Stands in for a body that was not captured. */
const NOTHING = Buffer.alloc(0);
/** Nobody can stand in for a token, but the headers after it are judged too. */
export const NO_TOKEN = 'none';

/** The headers as they should be, each fault noted; `NO_TOKEN` where there is none to judge. */
export async function diagnoseHeaders(
  capture: Capture,
  { maxBodyBytes }: DiagnosisDeps,
  { findings }: Noted,
): Promise<ExchangeHeaders | undefined> {
  const path = capture.path.split('?', 1)[0] ?? '';
  if (!SIGNED.has(kindOfPath(path))) findings.push(findingOf('path', new GatewayError('http.not-found')));
  else if (capture.method !== 'POST')
    findings.push(
      findingOf('path', new GatewayError('http.method-not-allowed'), {
        expected: 'POST',
        came: capture.method,
      }),
    );
  const head = { path: capture.path, headers: capture.headers, maxBodyBytes };
  const checked = await exhaust(findings, head, {
    check: 'headers',
    ask: (input) => checkHeaders(requestHead(input), input.maxBodyBytes),
    mend: (error, input) => mend(error, input, capture.body ?? NOTHING),
  });
  return checked?.result;
}

function requestHead({ path, headers }: Head): RequestHead {
  const first = [...headers].reverse().map(([name, value]) => [name.toLowerCase(), value] as const);
  return { url: path, rawHeaders: headers.flat(), headers: Object.fromEntries(first) };
}

function mend(error: GatewayError, head: Head, body: Buffer): Mended<Head> {
  const { headers, path } = head;
  const name = typeof error.facts['header'] === 'string' ? error.facts['header'] : '';
  const without = (gone: (name: string) => boolean): Pairs =>
    headers.filter(([one]) => !gone(one.toLowerCase()));
  switch (error.code) {
    case 'http.query-refused':
      return { input: { ...head, path: path.split('?', 1)[0] ?? '' }, expected: 'no query', came: path };
    case 'http.encoding-refused':
      return { input: { ...head, headers: without((one) => CODINGS.has(one)) } };
    case 'http.body-too-large':
      return {
        input: { ...head, maxBodyBytes: Number.MAX_SAFE_INTEGER },
        expected: `at most ${head.maxBodyBytes}`,
        came: valueOf(headers, 'content-length') ?? '',
      };
    case 'http.header-duplicate':
      return {
        input: { ...head, headers: onlyFirst(headers, name) },
        expected: `${name} once`,
        came: 'twice',
      };
    case 'http.media-type-refused':
      return replaced(head, 'content-type', body);
    case 'token.too-large':
      return replaced(head, 'exchange-token', body);
    case 'http.header-missing':
    case 'http.header-invalid':
      return replaced(head, name, body);
    default:
      return { input: undefined };
  }
}

/** The header gets the value that fits the body. */
function replaced(head: Head, name: string, body: Buffer): Mended<Head> {
  const came = valueOf(head.headers, name);
  const right = rightValues(body)[name];
  const others = head.headers.filter(([one]) => one.toLowerCase() !== name);
  return {
    input: right === undefined ? undefined : { ...head, headers: [...others, [name, right]] },
    expected: WORDS[name] ?? right ?? '',
    ...(came === undefined ? {} : { came: came.slice(0, 80) }),
  };
}

const WORDS: Readonly<Record<string, string>> = {
  'exchange-id': 'a UUIDv7',
  'exchange-token': 'a compact JWS of at most 4096 characters',
};

function rightValues(body: Buffer): Readonly<Record<string, string>> {
  return {
    'content-length': String(body.length),
    'content-type': 'application/json',
    'content-digest': contentDigestHeader(sha256(body)),
    'exchange-id': newId(),
    'exchange-token': NO_TOKEN,
  };
}

function valueOf(headers: Pairs, name: string): string | undefined {
  return headers.find(([one]) => one.toLowerCase() === name)?.[1];
}

function onlyFirst(headers: Pairs, name: string): Pairs {
  const first = headers.findIndex(([one]) => one.toLowerCase() === name);
  return headers.filter(([one], at) => one.toLowerCase() !== name || at === first);
}
