/** Bodies of proven callers that differ from their digest, are no strict JSON or break the message schema. */
import { sha256 } from '../../../src/core/digest.ts';
import { contentDigestHeader, digestClaim } from '../../../src/wire/content-digest.ts';
import { newDisclosure } from '../../../src/wire/disclosure.ts';
import type { Case, Cases } from '../refusal.ts';

const json = (name: string, code: Case[1], body: string | Buffer): Case => [name, code, { body }];

export const bodyCases: Cases = {
  signed: [
    [
      'a body that differs from its digest',
      'exchange.digest-mismatch',
      { body: '{"amount":"1"}', wire: Buffer.from('{"amount":"9"}') },
    ],
    [
      'a digest of another body, in header and token alike',
      'exchange.digest-mismatch',
      {
        body: '{"amount":"1"}',
        claims: { cdg: digestClaim(sha256('other')) },
        headers: (lines) =>
          lines.map(
            ([n, v]) => [n, n === 'content-digest' ? contentDigestHeader(sha256('other')) : v] as const,
          ),
      },
    ],
    json('an empty body', 'json.syntax', ''),
    json('no JSON', 'json.syntax', 'amount=1'),
    json('half an object', 'json.syntax', '{"payload":"a"'),
    json('JSON and more', 'json.syntax', '{} {}'),
    json('a comment', 'json.syntax', '{/**/}'),
    json('NaN', 'json.syntax', '[NaN]'),
    json('a key twice', 'json.duplicate-key', '{"payload":"a","payload":"b"}'),
    json('a key twice, once escaped', 'json.duplicate-key', '{"payload":"a","p\\u0061yload":"b"}'),
    json('__proto__', 'json.forbidden-key', '{"__proto__":{"admin":true}}'),
    json('constructor', 'json.forbidden-key', '{"constructor":{}}'),
    json('invalid UTF-8', 'json.encoding-invalid', Buffer.from([0x22, 0xc3, 0x28, 0x22])),
    json('a BOM', 'json.encoding-invalid', '\ufeff{}'),
    json('a lone surrogate', 'json.encoding-invalid', '["\\ud800"]'),
    json('NUL', 'json.encoding-invalid', '["\\u0000"]'),
    json('65 levels', 'json.too-deep', `${'['.repeat(65)}${']'.repeat(65)}`),
    json('a bomb of brackets', 'json.too-deep', '['.repeat(200_000)),
    json('a number that loses precision', 'json.number-lossy', '[9007199254740993]'),
    json('no envelope', 'schema.invalid', '{}'),
    json('a list', 'schema.invalid', '[]'),
    ['no signature', 'schema.invalid', { message: (sealed) => ({ ...sealed, signature: undefined }) }],
    ['a member too many', 'schema.invalid', { message: (sealed) => ({ ...sealed, header: {} }) }],
    ['no disclosure in disclosures', 'schema.invalid', { disclosures: [] }],
    [
      'a disclosure with a member too many',
      'schema.invalid',
      {
        message: (sealed) => ({ ...sealed, disclosures: [{ ...newDisclosure('x'), name: 'x' }] }),
      },
    ],
    ['a disclosure with a short salt', 'schema.invalid', { disclosures: [{ salt: 'AAAA', value: 'x' }] }],
  ],
};
