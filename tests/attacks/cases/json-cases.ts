/** Bodies of a proven caller that two readers would read differently, or that cost more than they look. */
import { BATCH_SCHEMA } from '../../exchange/forge.ts';
import { forged, signed, type AttackCase } from '../attack.ts';
import type { Threat } from '../threats.ts';

type JsonCode =
  | 'json.syntax'
  | 'json.duplicate-key'
  | 'json.forbidden-key'
  | 'json.encoding-invalid'
  | 'json.too-deep'
  | 'json.number-lossy'
  | 'schema.invalid';
const body = (threat: Threat, name: string, code: JsonCode, text: string | Buffer): AttackCase => ({
  name,
  threat,
  attack: forged({ body: text }),
  expect: signed(code),
});
const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth);
const objects = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

const duplicates: readonly AttackCase[] = [
  body('duplicate-keys', 'a key twice', 'json.duplicate-key', '{"payload":"a","payload":"b"}'),
  body(
    'duplicate-keys',
    'a key twice with the same value',
    'json.duplicate-key',
    '{"payload":"a","payload":"a"}',
  ),
  body(
    'duplicate-keys',
    'a key twice, once escaped',
    'json.duplicate-key',
    '{"payload":"a","p\\u0061yload":"b"}',
  ),
  body(
    'duplicate-keys',
    'a key twice, both escaped in another way',
    'json.duplicate-key',
    '{"\\u0070ayload":"a","payloa\\u0064":"b"}',
  ),
  body(
    'duplicate-keys',
    'a key twice, ten levels down',
    'json.duplicate-key',
    `${'['.repeat(10)}{"a":1,"a":2}${']'.repeat(10)}`,
  ),
  body('duplicate-keys', 'an empty key twice', 'json.duplicate-key', '{"":1,"":2}'),
  body('duplicate-keys', 'a key of digits twice', 'json.duplicate-key', '{"1":1,"\\u0031":2}'),
  body(
    'duplicate-keys',
    'a key twice beside text with colons',
    'json.duplicate-key',
    '{"a:b":"c:d","x":1,"x":":::"}',
  ),
  body(
    'duplicate-keys',
    'a key twice in a text full of quotes',
    'json.duplicate-key',
    '{"\\"":"\\\\","a":"\\\\\\"","a":1}',
  ),
  body(
    'duplicate-keys',
    'a surrogate pair twice, once escaped',
    'json.duplicate-key',
    '{"😀":1,"\\ud83d\\ude00":2}',
  ),
];

const pollution: readonly AttackCase[] = ['__proto__', 'constructor', 'prototype'].flatMap((key) => [
  body('prototype-pollution', `${key} at the top`, 'json.forbidden-key', `{"${key}":{"polluted":true}}`),
  body(
    'prototype-pollution',
    `${key} escaped`,
    'json.forbidden-key',
    `{"\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}":{"polluted":true}}`,
  ),
  body(
    'prototype-pollution',
    `${key} sixty levels down`,
    'json.forbidden-key',
    `${'['.repeat(60)}{"${key}":{"polluted":true}}${']'.repeat(60)}`,
  ),
  body(
    'prototype-pollution',
    `${key} beside good members`,
    'json.forbidden-key',
    `{"protected":"x","payload":"x","signature":"x","${key}":{"polluted":true}}`,
  ),
]);
const nestedPollution = body(
  'prototype-pollution',
  'constructor.prototype',
  'json.forbidden-key',
  '{"a":{"constructor":{"prototype":{"polluted":true}}}}',
);

const depths: readonly AttackCase[] = [
  body('deep-nesting', '64 levels, the limit, that are no message', 'schema.invalid', nested(64)),
  body('deep-nesting', '65 levels of lists', 'json.too-deep', nested(65)),
  body('deep-nesting', '65 levels of objects', 'json.too-deep', objects(65)),
  body('deep-nesting', '500 levels', 'json.too-deep', nested(500)),
  body('deep-nesting', '100,000 levels, closed', 'json.too-deep', nested(100_000)),
  body('deep-nesting', '200,000 brackets, open', 'json.too-deep', '['.repeat(200_000)),
  body('deep-nesting', '150,000 objects, open', 'json.too-deep', '{"a":'.repeat(150_000)),
  body('deep-nesting', 'lists and objects in turn', 'json.too-deep', '[{"a":'.repeat(50)),
  body(
    'deep-nesting',
    'brackets inside text, which are none',
    'schema.invalid',
    JSON.stringify(['['.repeat(1000)]),
  ),
];

const numbers: readonly AttackCase[] = [
  '1e400',
  '-1e400',
  '1E+309',
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '-0',
  '-0.0',
  '0.1000000000000000055511151231257827',
  '1e-400',
  '123456789012345678901234567890',
  `1${'0'.repeat(400)}`,
  `0.${'0'.repeat(400)}1`,
  '1.00000000000000000001',
].map((text) =>
  body(
    'lossy-numbers',
    `the number ${text.length > 40 ? `${text.slice(0, 12)}… of ${text.length} digits` : text}`,
    'json.number-lossy',
    `[${text}]`,
  ),
);
const longNumber = body(
  'lossy-numbers',
  'a number of half a megabyte',
  'json.number-lossy',
  `[${'1'.repeat(500_000)}]`,
);

const texts: readonly AttackCase[] = [
  body('text-encoding', 'a lone high surrogate', 'json.encoding-invalid', '["\\ud800"]'),
  body('text-encoding', 'a lone low surrogate', 'json.encoding-invalid', '["\\udc00"]'),
  body('text-encoding', 'two surrogates in the wrong order', 'json.encoding-invalid', '["\\udc00\\ud800"]'),
  body('text-encoding', 'a lone surrogate in a key', 'json.encoding-invalid', '{"\\ud800":1}'),
  body(
    'text-encoding',
    'a surrogate as UTF-8',
    'json.encoding-invalid',
    Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
  ),
  body('text-encoding', 'NUL, escaped', 'json.encoding-invalid', '["\\u0000"]'),
  body('text-encoding', 'NUL in a key', 'json.encoding-invalid', '{"a\\u0000b":1}'),
  body('text-encoding', 'NUL as it is', 'json.syntax', Buffer.from([0x22, 0x00, 0x22])),
  body('text-encoding', 'a byte-order mark', 'json.encoding-invalid', '\ufeff{}'),
  body('text-encoding', 'UTF-16', 'json.encoding-invalid', Buffer.from('\ufeff{"a":1}', 'utf16le')),
  body('text-encoding', 'an overlong slash', 'json.encoding-invalid', Buffer.from([0x22, 0xc0, 0xaf, 0x22])),
  body('text-encoding', 'an overlong quote', 'json.encoding-invalid', Buffer.from([0x22, 0xc0, 0xa2, 0x22])),
  body(
    'text-encoding',
    'UTF-8 cut in a letter',
    'json.encoding-invalid',
    Buffer.from([0x22, 0xe4, 0xbd, 0x22]),
  ),
  body(
    'text-encoding',
    'a letter beyond Unicode',
    'json.encoding-invalid',
    Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]),
  ),
  body('text-encoding', 'latin-1', 'json.encoding-invalid', Buffer.from('"é"', 'latin1')),
];

const syntax: readonly AttackCase[] = Object.entries({
  nothing: '',
  blanks: '   ',
  'two values': '{} {}',
  'a value and a comma': '{},',
  'a comma too many': '{"a":1,}',
  'a comma too many in a list': '[1,]',
  'a comment': '{/* */}',
  'a comment to the end of the line': '{}//x',
  NaN: '[NaN]',
  Infinity: '[Infinity]',
  undefined: '[undefined]',
  'single quotes': "{'a':1}",
  'no quotes': '{a:1}',
  'a number with a leading zero': '[01]',
  'a number with a plus': '[+1]',
  'a hexadecimal number': '[0x10]',
  'a number without digits before the point': '[.5]',
  'a raw line feed in text': '["a\nb"]',
  'a raw tab in text': '["a\tb"]',
  'a bad escape': '["\\x41"]',
  'half an escape': '["\\u00"]',
  'text without an end': '["abc',
  'an object without an end': '{"payload":"a"',
  'a closing bracket too many': '[]]',
  'a key without a value': '{"a"}',
  'a key that is a number': '{1:1}',
  'a form feed between values': '[1,\f2]',
  'a no-break space between values': '[1,\u00a02]',
  'a backslash at the end': '"\\',
}).map(([name, text]) => body('malformed-json', name, 'json.syntax', text));

const shapes: readonly AttackCase[] = Object.entries({
  null: 'null',
  'a number': '1',
  text: '"a"',
  'a list': '[]',
  'an empty object': '{}',
  'a list of a message': '[{"protected":"a","payload":"a","signature":"a"}]',
  'a general JWS with two signatures':
    '{"payload":"a","signatures":[{"protected":"a","signature":"a"},{"protected":"a","signature":"a"}]}',
  'an unprotected header': '{"protected":"a","payload":"a","signature":"a","header":{"alg":"none"}}',
  'a payload that is an object': '{"protected":"a","payload":{},"signature":"a"}',
  'text of 900 kilobytes': JSON.stringify({ protected: 'a'.repeat(900_000), payload: 'a', signature: 'a' }),
  'a list of 200,000': `[${'0,'.repeat(200_000)}0]`,
  '50,000 members': JSON.stringify(
    Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`k${n}`, 0])),
  ),
  '2,000 disclosures': JSON.stringify({
    protected: 'a',
    payload: 'a',
    signature: 'a',
    disclosures: Array(2000).fill({}),
  }),
}).map(([name, text]) => body('schema-bomb', `in place of a message: ${name}`, 'schema.invalid', text));

const feature = (
  threat: Threat,
  name: string,
  change: object,
  code: 'schema.invalid' | 'feature.invalid' = 'schema.invalid',
): AttackCase => ({
  name,
  threat,
  attack: forged({ feature: change }),
  expect: signed(code),
});
const features: readonly AttackCase[] = [
  feature('schema-bomb', 'a feature that brings a schema', { $schema: 'http://127.0.0.1/x', $ref: '#/x' }),
  feature('schema-bomb', 'a feature with a member too many', { admin: true }),
  feature('schema-bomb', 'a confidence that is text', { confidence: '80' }),
  feature('schema-bomb', 'a confidence of 101', { confidence: 101 }),
  feature('schema-bomb', 'a type that is a method of objects', { type: 'toString' }),
  feature('schema-bomb', "a type that is nobody's", { type: 'hasOwnProperty' }),
  feature('redos', 'a domain of a long run of letters', { value: `${'a'.repeat(50_000)}!` }),
  feature('redos', 'a domain of many labels', { value: `${'a-'.repeat(120)}!` }, 'feature.invalid'),
  feature('redos', 'a domain of dots and hyphens', { value: `${'a.'.repeat(120)}-` }, 'feature.invalid'),
  feature('redos', 'a time of digits', { firstSeen: `2026-01-01T00:00:00.${'0'.repeat(50_000)}Z` }),
  feature('redos', 'an id of hyphens', { id: '-'.repeat(50_000) }),
  feature(
    'log-injection',
    'a value with a line feed',
    { value: 'x.example\n{"level":30}' },
    'feature.invalid',
  ),
  feature(
    'log-injection',
    'a value with an escape sequence',
    { value: '\u001b[31mx.example' },
    'feature.invalid',
  ),
  feature(
    'ssrf',
    'a value that is an internal URL',
    { type: 'domain', value: 'http://169.254.169.254/latest/meta-data' },
    'feature.invalid',
  ),
];

const schema = (
  name: string,
  code: 'schema.unknown' | 'envelope.invalid',
  content: Readonly<Record<string, unknown>>,
  threat: Threat = 'schema-bomb',
): AttackCase => ({
  name,
  threat,
  attack: forged({ content, ...(code === 'envelope.invalid' ? { claims: { sch: '-' } } : {}) }),
  expect: signed(code),
});
const schemas: readonly AttackCase[] = [
  schema('the digest of another schema', 'schema.unknown', {
    schema: { id: BATCH_SCHEMA, sha256: 'ab'.repeat(32) },
  }),
  schema('a version that does not exist', 'schema.unknown', {
    schema: { id: BATCH_SCHEMA.replace('1.0.0', '1.0.1'), sha256: 'ab'.repeat(32) },
  }),
  schema('a schema id that is a URL', 'envelope.invalid', {
    schema: { id: 'http://127.0.0.1/schema', sha256: 'ab'.repeat(32) },
  }),
  schema('a schema id that climbs', 'envelope.invalid', {
    schema: { id: 'urn:lianzheng:schema:../feature:1.0.0', sha256: 'ab'.repeat(32) },
  }),
  schema('a schema with its text', 'envelope.invalid', {
    schema: { id: BATCH_SCHEMA, sha256: 'ab'.repeat(32), pattern: '^(a|a)*$' },
  }),
  {
    name: 'the schema of the erasure for a batch of features',
    threat: 'schema-bomb',
    attack: forged(({ schemas: known }) => {
      const id = 'urn:lianzheng:schema:erasure:1.0.0';
      return { content: { schema: { id, sha256: known.digest(id) } } };
    }),
    expect: signed('envelope.invalid'),
  },
];

export const jsonCases: readonly AttackCase[] = [
  ...duplicates,
  ...pollution,
  nestedPollution,
  ...depths,
  ...numbers,
  longNumber,
  ...texts,
  ...syntax,
  ...shapes,
  ...features,
  ...schemas,
];
