/** Requests written byte by byte: two lengths, two requests in one, folded and doubled headers, other protocols. */
import { gzipSync } from 'node:zlib';
import { newId } from '../../../src/core/ids.ts';
import type { HeaderLine } from '../../exchange/forge.ts';
import { ACCEPTED, CUT, raw, unsigned, UNREADABLE, type AttackCase, type Expectation } from '../attack.ts';
import type { Threat } from '../threats.ts';

type Lines = readonly HeaderLine[];
const plus =
  (...line: HeaderLine) =>
  (lines: Lines): Lines => [...lines, line];
const without =
  (name: string) =>
  (lines: Lines): Lines =>
    lines.filter(([other]) => other !== name);
const header = (
  threat: Threat,
  name: string,
  headers: (lines: Lines) => Lines,
  expect: Expectation,
): AttackCase => ({
  name,
  threat,
  attack: raw({ headers }),
  expect,
});
/** The text on the wire, bent. */
const wire = (
  threat: Threat,
  name: string,
  bend: (text: string) => string,
  expect: Expectation,
): AttackCase => ({
  name,
  threat,
  attack: raw({}, bend),
  expect,
});
const invalid = unsigned('http.header-invalid');
const duplicate = unsigned('http.header-duplicate');

const lengths: readonly AttackCase[] = [
  header('smuggling', 'Content-Length beside chunked', plus('transfer-encoding', 'chunked'), UNREADABLE),
  header(
    'smuggling',
    'chunked before Content-Length',
    (lines) => [['transfer-encoding', 'chunked'], ...lines],
    UNREADABLE,
  ),
  header('smuggling', 'two different Content-Lengths', plus('content-length', '1'), UNREADABLE),
  header(
    'smuggling',
    'two equal Content-Lengths',
    (lines) => [...lines, ...lines.filter(([n]) => n === 'content-length')],
    UNREADABLE,
  ),
  header(
    'smuggling',
    'Content-Lengths with a comma',
    (lines) => lines.map(([n, v]) => [n, n === 'content-length' ? `${v}, ${v}` : v] as const),
    UNREADABLE,
  ),
  header(
    'smuggling',
    'a Content-Length with a plus',
    (lines) => lines.map(([n, v]) => [n, n === 'content-length' ? `+${v}` : v] as const),
    UNREADABLE,
  ),
  header(
    'smuggling',
    'a negative Content-Length',
    (lines) => lines.map(([n, v]) => [n, n === 'content-length' ? '-1' : v] as const),
    UNREADABLE,
  ),
  header(
    'smuggling',
    'a hexadecimal Content-Length',
    (lines) => lines.map(([n, v]) => [n, n === 'content-length' ? '0x10' : v] as const),
    UNREADABLE,
  ),
  header(
    'smuggling',
    'a Content-Length beyond 2^64',
    (lines) => lines.map(([n, v]) => [n, n === 'content-length' ? '99999999999999999999' : v] as const),
    UNREADABLE,
  ),
  header(
    'smuggling',
    'a Content-Length with leading zeros',
    (lines) => lines.map(([n, v]) => [n, n === 'content-length' ? `000${v}` : v] as const),
    invalid,
  ),
  header(
    'smuggling',
    'chunked in two headers',
    (l) =>
      plus(
        'transfer-encoding',
        'chunked',
      )(plus('transfer-encoding', 'identity')(without('content-length')(l))),
    UNREADABLE,
  ),
  header(
    'smuggling',
    'chunked with a tab before it',
    (l) => plus('transfer-encoding', '\tchunked')(without('content-length')(l)),
    UNREADABLE,
  ),
  header(
    'smuggling',
    'chunked behind a vertical tab',
    (l) => plus('transfer-encoding', '\u000bchunked')(l),
    UNREADABLE,
  ),
  header('smuggling', 'Transfer_Encoding with an underscore', plus('transfer_encoding', 'chunked'), ACCEPTED),
];

const chunked =
  (body: string) =>
  (text: string): string => {
    const [head = ''] = text.split('\r\n\r\n');
    const lines = head.split('\r\n').filter((line) => !/^content-length/i.test(line));
    return `${[...lines, 'transfer-encoding: chunked'].join('\r\n')}\r\n\r\n${body}`;
  };
const chunks: readonly AttackCase[] = [
  wire('smuggling', 'a body in chunks', chunked('0\r\n\r\n'), unsigned('http.encoding-refused')),
  wire(
    'smuggling',
    'a chunk with an extension',
    chunked('1;x=y\r\na\r\n0\r\n\r\n'),
    unsigned('http.encoding-refused'),
  ),
  wire('smuggling', 'a chunk of a negative size', chunked('-1\r\n\r\n'), UNREADABLE),
  {
    name: 'a chunk extension of 100 kilobytes',
    threat: 'oversize',
    // It comes in pieces: the parser finds the extension too long, or the checks refuse the chunks, whoever is first.
    attack: async (world) => {
      const seen = await raw({}, chunked(`1;${'x'.repeat(100_000)}\r\na\r\n0\r\n\r\n`))(world);
      const byParser = seen.status === UNREADABLE.status && seen.code === UNREADABLE.code;
      return byParser ? { ...seen, status: 415, code: 'http.encoding-refused' } : seen;
    },
    expect: unsigned('http.encoding-refused', { entries: ['exchange.refused'] }),
  },
];

const lineEnds: readonly AttackCase[] = [
  header('smuggling', 'a folded header', plus('x-a', 'y\r\n z'), UNREADABLE),
  header('smuggling', 'a header folded with a tab', plus('x-a', 'y\r\n\tz'), UNREADABLE),
  header('smuggling', 'a bare line feed between headers', plus('x-a', 'y\nx-b: z'), UNREADABLE),
  header('smuggling', 'a bare carriage return in a value', plus('x-a', 'y\rx-b: z'), UNREADABLE),
  wire('smuggling', 'bare line feeds throughout the head', (t) => t.replaceAll('\r\n', '\n'), UNREADABLE),
  wire('smuggling', 'an end of the head in two ways', (t) => t.replace('\r\n\r\n', '\r\n\n'), UNREADABLE),
  wire('smuggling', '\\r\\n\\rX at the end of the head', (t) => t.replace('\r\n\r\n', '\r\n\rX'), UNREADABLE),
  header('smuggling', 'a blank before the colon', plus('x-a ', 'y'), UNREADABLE),
  header('smuggling', 'a header without a name', plus('', 'y'), UNREADABLE),
  header('smuggling', 'a header name with a control character', plus('x\u0001a', 'y'), UNREADABLE),
  header('smuggling', 'a header name with brackets', plus('x(a)', 'y'), UNREADABLE),
  header('smuggling', 'NUL in a value', plus('x-a', 'y\u0000z'), UNREADABLE),
  header('log-injection', 'an escape sequence in a value', plus('x-a', '\u001b[2Jy'), UNREADABLE),
  wire('smuggling', 'a line without a colon', (t) => t.replace('\r\n', '\r\nnonsense\r\n'), UNREADABLE),
];

const doubles: readonly AttackCase[] = [
  ...['exchange-token', 'exchange-id', 'content-digest', 'content-type', 'host'].map((name) =>
    header(
      'smuggling',
      `${name} twice`,
      (lines) => [...lines, ...lines.filter(([n]) => n === name)],
      duplicate,
    ),
  ),
  header(
    'smuggling',
    'Exchange-Token once more in other letters',
    (lines) => [...lines, ['EXCHANGE-TOKEN', 'x']],
    duplicate,
  ),
  header(
    'smuggling',
    'Exchange-Token before the good one',
    (lines) => [['exchange-token', 'x.y.z'], ...lines],
    duplicate,
  ),
  header('smuggling', 'a second Exchange-Id', plus('exchange-id', newId()), duplicate),
  header(
    'smuggling',
    'Exchange_Token with an underscore in place of the hyphen',
    (lines) => lines.map(([n, v]) => [n === 'exchange-token' ? 'exchange_token' : n, v] as const),
    unsigned('http.header-missing'),
  ),
  header(
    'stolen-tls-key',
    'a certificate in a header, as proxies send it',
    plus('client-cert', ':AAAA:'),
    ACCEPTED,
  ),
  header('prototype-pollution', '__proto__ as a header', plus('__proto__', 'polluted'), ACCEPTED),
  header(
    'prototype-pollution',
    'constructor as a header, twice',
    (l) => plus('constructor', 'b')(plus('constructor', 'a')(l)),
    duplicate,
  ),
  header(
    'smuggling',
    'X-Forwarded-Host and X-HTTP-Method-Override, which nobody reads',
    (l) => plus('x-http-method-override', 'DELETE')(plus('x-forwarded-host', 'evil.example')(l)),
    ACCEPTED,
  ),
];

const line = (
  threat: Threat,
  name: string,
  first: (authority: string) => string,
  expect: Expectation,
): AttackCase => ({
  name,
  threat,
  attack: async (world) =>
    raw({}, (t) => t.replace(/^[^\r]*/, first(world.receiver.config.peer.authority)))(world),
  expect,
});
const notFound = unsigned('http.not-found');
const mismatch = unsigned('token.target-mismatch');
const targets: readonly AttackCase[] = [
  line('smuggling', 'an absolute target', (a) => `POST https://${a}/x/v1/messages HTTP/1.1`, mismatch),
  line(
    'smuggling',
    'an absolute target of another host',
    () => 'POST https://evil.example/x/v1/messages HTTP/1.1',
    mismatch,
  ),
  line(
    'ssrf',
    'an absolute target inside the network',
    () => 'POST http://169.254.169.254/ HTTP/1.1',
    notFound,
  ),
  line('smuggling', 'two slashes', () => 'POST //x/v1/messages HTTP/1.1', notFound),
  line('smuggling', 'two slashes and a host', () => 'POST //evil.example/x/v1/messages HTTP/1.1', notFound),
  line('smuggling', 'a path that climbs', () => 'POST /x/v1/../v1/messages HTTP/1.1', notFound),
  line('smuggling', 'a path that climbs, encoded', () => 'POST /x/v1/%2e%2e/v1/messages HTTP/1.1', notFound),
  line('smuggling', 'an encoded letter', () => 'POST /x/v1/%6dessages HTTP/1.1', notFound),
  line('smuggling', 'an encoded slash', () => 'POST /x/v1%2fmessages HTTP/1.1', notFound),
  line('smuggling', 'a path in capitals', () => 'POST /X/V1/MESSAGES HTTP/1.1', notFound),
  line('smuggling', 'a slash at the end', () => 'POST /x/v1/messages/ HTTP/1.1', notFound),
  line('smuggling', 'a semicolon', () => 'POST /x/v1/messages;a=b HTTP/1.1', notFound),
  line('smuggling', 'a backslash', () => 'POST /x/v1\\messages HTTP/1.1', notFound),
  line('smuggling', 'a fragment', () => 'POST /x/v1/messages#x HTTP/1.1', mismatch),
  line('smuggling', 'a query', () => 'POST /x/v1/messages?x=1 HTTP/1.1', unsigned('http.query-refused')),
  line('smuggling', 'an empty query', () => 'POST /x/v1/messages? HTTP/1.1', unsigned('http.query-refused')),
  line('text-encoding', 'NUL in the path, encoded', () => 'POST /x/v1/messages%00 HTTP/1.1', notFound),
  line('text-encoding', 'a broken escape in the path', () => 'POST /x/v1/%zz HTTP/1.1', notFound),
  line(
    'log-injection',
    'a line feed in the path, encoded',
    () => 'POST /x/v1/%0a{"level":30} HTTP/1.1',
    notFound,
  ),
  line('log-injection', 'an escape sequence in the path, encoded', () => 'POST /%1b[2J HTTP/1.1', notFound),
  line('log-injection', 'high bytes in the path', () => 'POST /\u00e9\u0085\u009b HTTP/1.1', UNREADABLE),
  line('oversize', 'a path of 10 kilobytes', () => `POST /${'a'.repeat(10_000)} HTTP/1.1`, notFound),
  line('kid-injection', 'a path that injects', () => `POST /x/v1/'OR'1'='1 HTTP/1.1`, notFound),
  line('prototype-pollution', 'a path that is a property', () => 'POST /__proto__ HTTP/1.1', notFound),
];

const hosts: readonly AttackCase[] = [
  header(
    'smuggling',
    'the host of another',
    (lines) => lines.map(([n, v]) => [n, n === 'host' ? 'evil.example' : v] as const),
    ACCEPTED,
  ),
  header('smuggling', 'no host', without('host'), unsigned('http.header-missing')),
];

const methods: readonly AttackCase[] = [
  line(
    'downgrade',
    'method TRACE',
    () => 'TRACE /x/v1/messages HTTP/1.1',
    unsigned('http.method-not-allowed'),
  ),
  line(
    'downgrade',
    'method OPTIONS',
    () => 'OPTIONS /x/v1/messages HTTP/1.1',
    unsigned('http.method-not-allowed'),
  ),
  line('downgrade', 'method OPTIONS of everything', () => 'OPTIONS * HTTP/1.1', notFound),
  line('downgrade', 'method CONNECT', () => 'CONNECT 127.0.0.1:5432 HTTP/1.1', CUT),
  line('downgrade', 'method PUT', () => 'PUT /x/v1/messages HTTP/1.1', unsigned('http.method-not-allowed')),
  line(
    'downgrade',
    'method DELETE',
    () => 'DELETE /x/v1/messages HTTP/1.1',
    unsigned('http.method-not-allowed'),
  ),
  line('downgrade', 'a method in small letters', () => 'post /x/v1/messages HTTP/1.1', UNREADABLE),
  line('downgrade', 'a method of nobody', () => 'EVIL /x/v1/messages HTTP/1.1', UNREADABLE),
  line('downgrade', 'HTTP/1.0', () => 'POST /x/v1/messages HTTP/1.0', invalid),
  line('downgrade', 'HTTP/0.9', () => 'GET /x/v1/messages', unsigned('http.method-not-allowed')),
  line('downgrade', 'HTTP/1.2', () => 'POST /x/v1/messages HTTP/1.2', UNREADABLE),
  line('downgrade', 'HTTP/2.0 in words', () => 'POST /x/v1/messages HTTP/2.0', invalid),
  wire('downgrade', 'the preface of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', UNREADABLE),
  wire('downgrade', 'a TLS hello inside TLS', () => '\u0016\u0003\u0001\u0002\u0000\u0001', UNREADABLE),
  wire('downgrade', 'SSH', () => 'SSH-2.0-OpenSSH_9.6\r\n', UNREADABLE),
  header(
    'downgrade',
    'Upgrade to HTTP/2 in clear',
    (l) =>
      plus(
        'http2-settings',
        'AAMAAABkAAQAAP__',
      )(plus('upgrade', 'h2c')(plus('connection', 'Upgrade, HTTP2-Settings')(l))),
    ACCEPTED,
  ),
  header(
    'downgrade',
    'Upgrade to a web socket',
    (l) => plus('upgrade', 'websocket')(plus('connection', 'Upgrade')(l)),
    ACCEPTED,
  ),
  header('downgrade', 'an expectation of nobody', plus('expect', '200-ok'), invalid),
];

const sizes: readonly AttackCase[] = [
  header('oversize', 'headers of 17 kilobytes', plus('x-a', 'y'.repeat(17 * 1024)), {
    ...UNREADABLE,
    status: 431,
  }),
  header('oversize', 'headers of 12 kilobytes', plus('x-a', 'y'.repeat(11 * 1024)), ACCEPTED),
  header(
    'oversize',
    'a thousand headers',
    (l) => [...l, ...Array.from({ length: 1000 }, (_, n) => [`x-${n}`, 'y'] as const)],
    invalid,
  ),
  header(
    'oversize',
    '100 headers, the good ones first',
    (l) => [...l, ...Array.from({ length: 100 }, (_, n) => [`x-${n}`, 'y'] as const)],
    invalid,
  ),
  header(
    'oversize',
    '100 headers, the good ones last',
    (l) => [...Array.from({ length: 100 }, (_, n) => [`x-${n}`, 'y'] as const), ...l],
    invalid,
  ),
];

const encodings: readonly AttackCase[] = [
  ...['gzip', 'deflate', 'br', 'identity', 'x-gzip', ''].map((coding) =>
    header(
      'zip-bomb',
      `Content-Encoding "${coding}"`,
      plus('content-encoding', coding),
      unsigned('http.encoding-refused'),
    ),
  ),
  {
    name: 'ten megabytes of zeros in ten kilobytes of gzip',
    threat: 'zip-bomb',
    attack: raw({ body: gzipSync(Buffer.alloc(10_000_000)), headers: plus('content-encoding', 'gzip') }),
    expect: unsigned('http.encoding-refused'),
  },
];

export const framingCases: readonly AttackCase[] = [
  ...lengths,
  ...chunks,
  ...lineEnds,
  ...doubles,
  ...targets,
  ...hosts,
  ...methods,
  ...sizes,
  ...encodings,
];
