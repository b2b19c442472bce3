/** Requests whose certificate, headers or target are wrong: refused before anyone looks into the token. */
import { newId } from '../../../src/core/ids.ts';
import type { HeaderLine } from '../forge.ts';
import type { Case, Cases } from '../refusal.ts';

type Lines = readonly HeaderLine[];

const without =
  (name: string) =>
  (lines: Lines): Lines =>
    lines.filter(([other]) => other !== name);
const replaced =
  (name: string, value: string) =>
  (lines: Lines): Lines =>
    lines.map((line) => (line[0] === name ? [name, value] : line));
const added =
  (name: string, value: string) =>
  (lines: Lines): Lines => [...lines, [name, value]];
/** The same line once more, in another case of letters. */
const doubled =
  (name: string) =>
  (lines: Lines): Lines => [...lines, ...lines.filter(([other]) => other === name).map(upper)];
const upper = ([name, value]: HeaderLine): HeaderLine => [name.toUpperCase(), value];

const mandatory = ['content-type', 'content-digest', 'exchange-token', 'exchange-id'] as const;

export const certificateCases: Cases = {
  unsigned: [
    ['a certificate of our CA that is not registered', 'tls.certificate-unregistered', { as: 'unlisted' }],
    [
      'an unregistered certificate to which the token is bound',
      'tls.certificate-unregistered',
      ({ identities }) => ({ as: 'unlisted', claims: { cnf: { 'x5t#S256': identities.unlisted.x5t } } }),
    ],
    ['a stolen token on the connection of another member', 'token.key-unknown', { as: 'receiver' }],
  ],
};

export const headerCases: Cases = {
  unsigned: [
    ...mandatory.map((name): Case => [`no ${name}`, 'http.header-missing', { headers: without(name) }]),
    ...mandatory.map((name): Case => [`${name} twice`, 'http.header-duplicate', { headers: doubled(name) }]),
    [
      'a foreign header twice',
      'http.header-duplicate',
      { headers: (l) => added('x-a', '1')(added('x-a', '1')(l)) },
    ],
    ['an empty token', 'token.base64-invalid', { headers: replaced('exchange-token', '') }],
    ['a query string', 'http.query-refused', { path: '/x/v1/messages?debug=1' }],
    ['an empty query string', 'http.query-refused', { path: '/x/v1/messages?' }],
    [
      'Transfer-Encoding in place of Content-Length',
      'http.encoding-refused',
      { headers: (lines) => added('transfer-encoding', 'chunked')(without('content-length')(lines)) },
    ],
    ['Content-Encoding gzip', 'http.encoding-refused', { headers: added('content-encoding', 'gzip') }],
    [
      'Content-Encoding identity',
      'http.encoding-refused',
      { headers: added('content-encoding', 'identity') },
    ],
    ['another media type', 'http.media-type-refused', { headers: replaced('content-type', 'text/json') }],
    [
      'a media type with charset',
      'http.media-type-refused',
      { headers: replaced('content-type', 'application/json; charset=utf-8') },
    ],
    [
      'a digest of another algorithm',
      'http.header-invalid',
      { headers: replaced('content-digest', 'sha-512=:AAAA:') },
    ],
    [
      'two digests in one header',
      'http.header-invalid',
      { headers: (l) => l.map(([n, v]) => [n, n === 'content-digest' ? `${v}, ${v}` : v] as const) },
    ],
    [
      'an Exchange-Id of version 4',
      'http.header-invalid',
      { headers: replaced('exchange-id', crypto.randomUUID()) },
    ],
    [
      'an Exchange-Id in capitals',
      'http.header-invalid',
      { headers: replaced('exchange-id', newId().toUpperCase()) },
    ],
    [
      'an Exchange-Id that injects',
      'http.header-invalid',
      { headers: replaced('exchange-id', "1' OR '1'='1") },
    ],
    ['a token over 4 KiB', 'token.too-large', { token: () => 'a'.repeat(4097) }],
    ['GET in place of POST', 'http.method-not-allowed', { method: 'GET' }],
    ['another endpoint', 'http.not-found', { path: '/x/v1/members' }],
    ['a path that climbs', 'http.not-found', { path: '/x/v1/../v1/messages' }],
    ['a doubled slash', 'http.not-found', { path: '//x/v1/messages' }],
  ],
};
