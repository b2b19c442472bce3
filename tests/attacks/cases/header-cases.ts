/** JOSE headers that bring a key, point to one, or are read in two ways. */
import { unsigned, type AttackCase, type Expectation } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import type { Threat } from '../threats.ts';
import { encode, segments, tampered } from '../token-forgery.ts';

const adding =
  (members: (world: AttackWorld) => object) =>
  ({ header, claims }: { header: string; claims: string }, world: AttackWorld) => ({
    header: JSON.stringify({ ...(JSON.parse(header) as object), ...members(world) }),
    claims,
  });
const headerCase = (
  threat: Threat,
  name: string,
  members: (world: AttackWorld) => object,
  expect: Expectation = unsigned('token.header-refused'),
): AttackCase => ({
  name,
  threat,
  attack: tampered({ text: adding(members) }),
  expect,
});
/** The whole header as text. */
const textCase = (
  threat: Threat,
  name: string,
  make: (header: string) => string,
  expect: Expectation = unsigned('token.header-refused'),
): AttackCase => ({
  name,
  threat,
  attack: tampered({ text: ({ header, claims }) => ({ header: make(header), claims }) }),
  expect,
});
const canary = ({ watch }: AttackWorld): string => `http://127.0.0.1:${watch.canary.port}/keys`;
const ownJwk = ({ stock }: AttackWorld): object => stock.listedKeys[0]!.jwk;

const brought: readonly AttackCase[] = [
  headerCase('embedded-key', 'an embedded jwk', (w) => ({ jwk: ownJwk(w) })),
  headerCase('embedded-key', 'an embedded jwk in place of the kid', (w) => ({
    jwk: ownJwk(w),
    kid: undefined,
  })),
  headerCase('embedded-key', 'jku at a listener of the attacker', (w) => ({ jku: canary(w) })),
  headerCase('embedded-key', 'jku in place of the kid', (w) => ({ jku: canary(w), kid: undefined })),
  headerCase('embedded-key', 'jku to a file', () => ({ jku: 'file:///etc/passwd' })),
  headerCase('embedded-key', 'x5u at a listener of the attacker', (w) => ({ x5u: canary(w) })),
  headerCase('embedded-key', 'x5c of the attacker', ({ stock }) => ({
    x5c: [stock.certificates['unregistered']!.cert.replaceAll(/-----.*?-----|\s/g, '')],
  })),
  headerCase('embedded-key', 'x5t of the attacker', () => ({ x5t: 'A'.repeat(27) })),
  headerCase('embedded-key', 'x5t#S256 of the attacker', ({ stock }) => ({
    'x5t#S256': stock.certificates['unregistered']!.x5t,
  })),
  headerCase('embedded-key', 'crit of an unknown extension', () => ({ crit: ['exp'] })),
  headerCase('embedded-key', 'crit and b64 false', () => ({ crit: ['b64'], b64: false })),
  headerCase('embedded-key', 'b64 false alone', () => ({ b64: false })),
  headerCase('embedded-key', 'an empty crit', () => ({ crit: [] })),
  headerCase('embedded-key', 'zip', () => ({ zip: 'DEF' })),
  headerCase('embedded-key', 'enc, as if encrypted', () => ({ enc: 'A128GCM' })),
  headerCase('embedded-key', 'cty of a nested token', () => ({ cty: 'JWT' })),
  headerCase('embedded-key', 'url and nonce, as ACME has them', () => ({
    url: 'https://x.example',
    nonce: 'x',
  })),
];

const wrongTypes = [
  'JWT',
  'jwt',
  'lzx-res+jwt',
  'lz-env+jws',
  'lz-registry+jws',
  'lz-fresh+jws',
  'application/lzx-req+jwt',
  'LZX-REQ+JWT',
  'lzx-req+jwt ',
  '',
  null,
  ['lzx-req+jwt'],
  1,
];
const types = wrongTypes.map((typ) =>
  headerCase('algorithm-confusion', `typ ${JSON.stringify(typ)}`, () => ({ typ })),
);

const doubles: readonly AttackCase[] = [
  textCase('duplicate-keys', 'alg twice, none first', (h) => h.replace('{', '{"alg":"none",')),
  textCase('duplicate-keys', 'alg twice, none last', (h) => h.replace('}', ',"alg":"none"}')),
  textCase('duplicate-keys', 'alg twice, once escaped', (h) => h.replace('}', ',"\\u0061lg":"none"}')),
  textCase('duplicate-keys', 'kid twice', (h) => h.replace('}', `,"kid":"${'A'.repeat(43)}"}`)),
  textCase('duplicate-keys', 'typ twice', (h) => h.replace('}', ',"typ":"JWT"}')),
  textCase('duplicate-keys', 'alg in capitals beside alg', (h) => h.replace('}', ',"ALG":"none"}')),
  textCase('prototype-pollution', '__proto__ with an alg', (h) =>
    h.replace('}', ',"__proto__":{"alg":"none","polluted":1}}'),
  ),
  textCase('prototype-pollution', '__proto__ in place of the alg', (h) =>
    h.replace('"alg"', '"__proto__":{"alg":"none"},"alg2"'),
  ),
  textCase('prototype-pollution', 'constructor', (h) =>
    h.replace('}', ',"constructor":{"prototype":{"polluted":1}}}'),
  ),
  textCase('malformed-token', 'a header that is a list', (h) => `[${h}]`),
  textCase('malformed-token', 'a header that is null', () => 'null'),
  textCase('malformed-token', 'a header that is text', () => '"none"'),
  textCase('malformed-token', 'an empty object', () => '{}'),
  textCase('malformed-token', 'a header and more', (h) => `${h} {}`),
  textCase('malformed-token', 'a header cut short', (h) => h.slice(0, -1)),
  textCase('malformed-token', 'a comment in the header', (h) => h.replace('{', '{/**/')),
  textCase('text-encoding', 'a byte-order mark before the header', (h) => `\ufeff${h}`),
  textCase('text-encoding', 'NUL in the typ', (h) => h.replace('lzx-req', 'lzx-req\\u0000')),
  textCase('deep-nesting', 'a header 65 levels deep', () => `{"typ":${'['.repeat(65)}${']'.repeat(65)}}`),
  textCase('deep-nesting', 'a header of a thousand brackets', () => '['.repeat(1000)),
];

const kids: Readonly<Record<string, unknown>> = {
  'a path': '../../../../../../etc/passwd',
  'a path to nothing': '/dev/null',
  'a path of the right length': '../'.repeat(14) + 'x',
  SQL: `' OR 1=1 --`,
  'SQL of the right length': `' OR 1=1 OR 'a'='`.padEnd(43, 'a'),
  'a SQL union': `x' UNION SELECT 'key' --`,
  'a URL': 'http://attacker.example/key',
  'a shell command': '$(touch /tmp/polluted)',
  'a template': '{{7*7}}${7*7}',
  NUL: 'A'.repeat(42) + '\u0000',
  'text after NUL': `${'A'.repeat(43)}\u0000x`,
  'a line feed after a good form': `${'A'.repeat(43)}\n`,
  __proto__: '__proto__',
  constructor: 'constructor',
  toString: 'toString',
  nothing: '',
  null: null,
  'a number': 1,
  'a list with a good kid': ['A'.repeat(43)],
  'an object': { toString: 'x' },
  'too long by one': 'A'.repeat(44),
  'too short by one': 'A'.repeat(42),
  'full-width letters': '\uff21'.repeat(43),
  'three kilobytes': 'A'.repeat(2000),
};

const kidCases: readonly AttackCase[] = [
  ...Object.entries(kids).map(([name, kid]) =>
    headerCase('kid-injection', `a kid that is ${name}`, () => ({ kid })),
  ),
  headerCase(
    'kid-injection',
    "a kid of the right form that is nobody's",
    () => ({ kid: 'A'.repeat(43) }),
    unsigned('token.key-unknown'),
  ),
  headerCase(
    'kid-injection',
    "another member's kid",
    ({ keys }) => ({ kid: keys.receiver.kid }),
    unsigned('token.key-unknown'),
  ),
  headerCase('kid-injection', "a kid with another member's name before it", ({ keys }) => ({
    kid: `regulator-r ${keys.receiver.kid}`,
  })),
  {
    name: 'a kid of a megabyte',
    threat: 'kid-injection',
    attack: tampered({
      compact: (compact) =>
        segments(compact)
          .with(0, encode(`{"typ":"lzx-req+jwt","alg":"Ed25519","kid":"${'A'.repeat(9000)}"}`))
          .join('.'),
    }),
    expect: unsigned('token.too-large'),
  },
];

export const joseHeaderCases: readonly AttackCase[] = [...brought, ...types, ...doubles, ...kidCases];
