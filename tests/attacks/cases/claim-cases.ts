/** Claims that are missing, of another form, or about another time, member, place or request. */
import { newId, newNonce } from '../../../src/core/ids.ts';
import type { Change } from '../../exchange/forge.ts';
import {
  ACCEPTED,
  forged,
  signed,
  unsigned,
  type AttackCase,
  type Expectation,
  type Making,
} from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import type { Threat } from '../threats.ts';
import { tampered } from '../token-forgery.ts';

const refused = unsigned('token.claims-refused');
const claim = (threat: Threat, name: string, claims: Making, expect: Expectation = refused): AttackCase => ({
  name,
  threat,
  attack: forged(claims),
  expect,
});
const set = (claims: Readonly<Record<string, unknown>>): Change => ({ claims });
const seconds = (world: AttackWorld): number => Math.floor(world.clock().getTime() / 1000);
const times =
  (make: (now: number) => object) =>
  (world: AttackWorld): Change => ({ claims: make(seconds(world)) as never });
const life = (offset: number, length = 60) =>
  times((now) => ({ iat: now + offset, nbf: now + offset, exp: now + offset + length }));

const names = 'iss aud grp pur iat nbf exp jti mid htm htu cty cdg len cnf sch reg ofr'.split(' ');
const missing = names.map((name) => claim('malformed-token', `no ${name}`, set({ [name]: undefined })));
const nulls = names
  .filter((name) => name !== 'ofr')
  .map((name) => claim('malformed-token', `${name} null`, set({ [name]: null })));
const unknown = ['sub', 'scope', 'azp', 'act', 'admin', 'events', 'AUD', 'nonce'].map((name) =>
  claim('malformed-token', `an unknown claim ${name}`, set({ [name]: 'regulator-r' })),
);

const time: readonly AttackCase[] = [
  claim('clock-skew', 'expired by 11 s', life(-71), unsigned('token.expired')),
  claim('clock-skew', 'expired by an hour', life(-3660), unsigned('token.expired')),
  claim('clock-skew', 'expired by ten years', life(-315_360_000), unsigned('token.expired')),
  claim('clock-skew', 'from 13 s ahead', life(13), unsigned('token.expired')),
  claim('clock-skew', 'from 61 s ahead', life(61), unsigned('token.expired')),
  claim('clock-skew', 'from a year ahead', life(31_536_000), unsigned('token.expired')),
  claim('clock-skew', 'from 8 s ahead, within the skew', life(8), ACCEPTED),
  claim('clock-skew', 'expired 8 s ago, within the skew', life(-68), ACCEPTED),
  claim('clock-skew', 'a life of 61 s', life(0, 61)),
  claim('clock-skew', 'a life of a year', life(0, 31_536_000)),
  claim('clock-skew', 'no life', life(0, 0)),
  claim('clock-skew', 'a life that runs backwards', life(0, -1)),
  claim(
    'clock-skew',
    'nbf before iat',
    times((now) => ({ iat: now, nbf: now - 1, exp: now + 60 })),
  ),
  claim(
    'clock-skew',
    'iat a float',
    times((now) => ({ iat: now + 0.5 })),
  ),
  claim(
    'clock-skew',
    'exp as text',
    times((now) => ({ exp: String(now + 60) })),
  ),
  claim('clock-skew', 'iat negative', set({ iat: -1, nbf: -1, exp: 59 })),
  claim(
    'clock-skew',
    'times in milliseconds',
    times((now) => ({ iat: now * 1000, nbf: now * 1000, exp: now * 1000 + 60 })),
    unsigned('token.expired'),
  ),
  claim('clock-skew', 'times at zero', set({ iat: 0, nbf: 0, exp: 60 }), unsigned('token.expired')),
  claim('clock-skew', 'exp at 2^53 − 1', set({ exp: Number.MAX_SAFE_INTEGER })),
  claim(
    'clock-skew',
    'exp a list',
    times((now) => ({ exp: [now + 60] })),
  ),
];

const place: readonly AttackCase[] = [
  claim(
    'reuse-elsewhere',
    'the audience of a third member',
    set({ aud: 'police-p' }),
    unsigned('token.audience-mismatch'),
  ),
  claim('reuse-elsewhere', 'a list of audiences, ours among them', set({ aud: ['police-p', 'regulator-r'] })),
  claim('reuse-elsewhere', 'the audience in capitals', set({ aud: 'REGULATOR-R' })),
  claim('reuse-elsewhere', 'the audience with a blank', set({ aud: 'regulator-r ' })),
  claim('reuse-elsewhere', 'the audience as a URL', set({ aud: 'https://regulator-r' })),
  claim('reuse-elsewhere', 'every audience', set({ aud: '*' })),
  claim(
    'reuse-elsewhere',
    'the issuer of a third member',
    set({ iss: 'police-p' }),
    unsigned('token.issuer-mismatch'),
  ),
  claim(
    'reuse-elsewhere',
    'the receiver as issuer',
    set({ iss: 'regulator-r' }),
    unsigned('token.issuer-mismatch'),
  ),
  claim('reuse-elsewhere', 'method GET', set({ htm: 'GET' }), unsigned('token.target-mismatch')),
  claim('reuse-elsewhere', 'method in small letters', set({ htm: 'post' })),
];

const targets: Readonly<Record<string, (authority: string) => string>> = {
  'another host': () => 'https://gw.other.example/x/v1/messages',
  'another port': (a) => `https://${a.split(':')[0]}:1/x/v1/messages`,
  'no port': (a) => `https://${a.split(':')[0]}/x/v1/messages`,
  'another name of the same host': (a) => `https://localhost:${a.split(':')[1]}/x/v1/messages`,
  'another path': (a) => `https://${a}/x/v1/status`,
  'a path in capitals': (a) => `https://${a}/X/V1/MESSAGES`,
  'an encoded path': (a) => `https://${a}/x/v1/%6dessages`,
  'a path that climbs': (a) => `https://${a}/x/v1/y/../messages`,
  'a slash too many': (a) => `https://${a}//x/v1/messages`,
  'a slash at the end': (a) => `https://${a}/x/v1/messages/`,
  'a query': (a) => `https://${a}/x/v1/messages?x=1`,
  'a fragment': (a) => `https://${a}/x/v1/messages#`,
  'a user before the host': (a) => `https://regulator-r@${a}/x/v1/messages`,
};
const targetCases = Object.entries(targets).map(([name, make]) =>
  claim(
    'reuse-elsewhere',
    `htu with ${name}`,
    (world) => set({ htu: make(world.receiver.config.peer.authority) }),
    unsigned('token.target-mismatch'),
  ),
);
const targetForms = [
  claim('downgrade', 'htu over plain http', ({ receiver }) =>
    set({ htu: `http://${receiver.config.peer.authority}/x/v1/messages` }),
  ),
  claim('reuse-elsewhere', 'htu of the path alone', set({ htu: '/x/v1/messages' })),
  claim('oversize', 'htu of a kilobyte', set({ htu: `https://${'a'.repeat(1000)}` })),
  claim('text-encoding', 'htu with a line feed', ({ receiver }) =>
    set({ htu: `https://${receiver.config.peer.authority}/x/v1/messages\n` }),
  ),
];

const hash = `${'A'.repeat(42)}A`;
const bindings: readonly AttackCase[] = [
  claim(
    'stolen-seal-key',
    "the binding of the receiver's certificate",
    ({ identities }) => set({ cnf: { 'x5t#S256': identities.receiver.x5t } }),
    unsigned('token.binding-mismatch'),
  ),
  claim(
    'stolen-seal-key',
    'the binding of nobody',
    set({ cnf: { 'x5t#S256': hash } }),
    unsigned('token.binding-mismatch'),
  ),
  claim(
    'stolen-seal-key',
    'the binding of another certificate of the sender',
    ({ stock }) => set({ cnf: { 'x5t#S256': stock.certificates['ca-as-leaf']!.x5t } }),
    unsigned('token.binding-mismatch'),
  ),
  claim('stolen-seal-key', 'an empty binding', set({ cnf: {} })),
  claim('stolen-seal-key', 'a binding by jkt', set({ cnf: { jkt: hash } })),
  claim('stolen-seal-key', 'two bindings', ({ identities }) =>
    set({ cnf: { 'x5t#S256': identities.sender.x5t, jkt: hash } }),
  ),
  claim('stolen-seal-key', 'a list of bindings', ({ identities }) =>
    set({ cnf: [{ 'x5t#S256': identities.sender.x5t }] }),
  ),
  claim('stolen-seal-key', 'a binding in plain base64', ({ identities }) =>
    set({ cnf: { 'x5t#S256': `${identities.sender.x5t.replaceAll('-', '+').replaceAll('_', '/')}=` } }),
  ),
  claim('base64-malleability', 'a binding with stray bits', ({ identities }) =>
    set({ cnf: { 'x5t#S256': stray(identities.sender.x5t) } }),
  ),
];

/** The same bytes, as a lenient decoder reads them. */
function stray(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(text.at(-1)!);
  return text.slice(0, -1) + alphabet[last + 1]!;
}

const body: readonly AttackCase[] = [
  claim(
    'swapped-answer',
    'the digest of other bytes',
    set({ cdg: `sha-256=${hash}` }),
    unsigned('exchange.digest-mismatch'),
  ),
  claim('malformed-token', 'a digest by MD5', set({ cdg: 'md5=AAAAAAAAAAAAAAAAAAAAAA' })),
  claim('malformed-token', 'a digest without its name', set({ cdg: hash })),
  claim('malformed-token', 'an empty digest', set({ cdg: '' })),
  claim('oversize', 'a length of one', set({ len: 1 }), unsigned('exchange.length-mismatch')),
  claim('oversize', 'a length below zero', set({ len: -1 })),
  claim('oversize', 'a length as text', set({ len: '1' })),
  claim('oversize', 'half a byte', set({ len: 1.5 })),
  claim('malformed-token', 'another media type', set({ cty: 'text/plain' })),
  claim('malformed-token', 'a media type with a line feed', set({ cty: 'application/json\n' })),
];

const identity: readonly AttackCase[] = [
  claim('replay', 'a jti of 21 letters', set({ jti: newNonce().slice(1) })),
  claim('replay', 'a jti of 23 letters', set({ jti: `A${newNonce()}` })),
  claim('base64-malleability', 'a jti with stray bits', set({ jti: `${newNonce().slice(0, 21)}B` })),
  claim('replay', 'a jti that is a list', set({ jti: [newNonce()] })),
  claim('kid-injection', 'a jti that injects', set({ jti: "'; DELETE FROM a;--   " })),
  claim('replay', 'a mid unlike Exchange-Id', set({ mid: newId() }), unsigned('token.id-mismatch')),
  claim('replay', 'a mid of version 4', set({ mid: crypto.randomUUID() })),
  claim('replay', 'a mid in capitals', ({}) => set({ mid: newId().toUpperCase() })),
  claim(
    'replay',
    'an Exchange-Id of version 4, in token and header alike',
    { mid: crypto.randomUUID() },
    unsigned('http.header-invalid'),
  ),
  claim(
    'replay',
    'an Exchange-Id of zeros',
    { mid: '00000000-0000-0000-0000-000000000000' },
    unsigned('http.header-invalid'),
  ),
];

const position = ({ offer }: AttackWorld, change: object): Change => set({ ofr: { ...offer, ...change } });
const rest: readonly AttackCase[] = [
  ...[-1, 1.5, '2', null, [2], true].map((reg) =>
    claim('registry-rollback', `registry serial ${JSON.stringify(reg)}`, set({ reg })),
  ),
  claim(
    'registry-rollback',
    'a registry from the far future',
    set({ reg: Number.MAX_SAFE_INTEGER }),
    ACCEPTED,
  ),
  claim('registry-rollback', 'the registry before the current', set({ reg: 1 }), ACCEPTED),
  claim('schema-bomb', 'no schema id', set({ sch: 'feature-batch' })),
  claim('schema-bomb', 'a schema at a URL', ({ watch }) =>
    set({ sch: `http://127.0.0.1:${watch.canary.port}/schema` }),
  ),
  claim('schema-bomb', 'a schema with a digest in capitals', ({ schemas }) =>
    set({
      sch: `urn:lianzheng:schema:feature-batch:1.0.0#${schemas.digest('urn:lianzheng:schema:feature-batch:1.0.0').toUpperCase()}`,
    }),
  ),
  claim('malformed-token', 'an empty offer', set({ ofr: {} })),
  claim('malformed-token', 'an offer at a negative index', (w) => position(w, { index: -1 })),
  claim('malformed-token', 'an offer with a leaf that is no digest', (w) => position(w, { leaf: 'zz' })),
  claim('malformed-token', 'an offer with a member too many', (w) => position(w, { note: 'x' })),
  claim('malformed-token', 'an offer with a line feed in its origin', (w) => position(w, { origin: 'a\nb' })),
  claim(
    'confused-deputy',
    "an offer in the receiver's own ledger",
    (w) => position(w, { origin: w.receiver.ledger.origin }),
    signed('token.claims-refused'),
  ),
];

const text = (threat: Threat, name: string, make: (claims: string) => string): AttackCase => ({
  name,
  threat,
  attack: tampered({ text: ({ header, claims }) => ({ header, claims: make(claims) }) }),
  expect: refused,
});
const textCases: readonly AttackCase[] = [
  text('duplicate-keys', 'aud twice', (c) => c.replace('{', '{"aud":"police-p",')),
  text('duplicate-keys', 'iss twice, once escaped', (c) => c.replace('{', '{"\\u0069ss":"police-p",')),
  text('duplicate-keys', 'x5t#S256 twice inside cnf', (c) =>
    c.replace('"cnf":{', `"cnf":{"x5t#S256":"${hash}",`),
  ),
  text('prototype-pollution', '__proto__ among the claims', (c) =>
    c.replace('{', '{"__proto__":{"polluted":1},'),
  ),
  text('prototype-pollution', 'constructor inside cnf', (c) =>
    c.replace('"cnf":{', '"cnf":{"constructor":{"prototype":{"polluted":1}},'),
  ),
  text('lossy-numbers', 'exp written 1e400', (c) => c.replace(/"exp":\d+/, '"exp":1e400')),
  text('lossy-numbers', 'iat written 1e3', (c) => c.replace(/"iat":\d+/, '"iat":1e3')),
  text('lossy-numbers', 'len beyond 2^53', (c) => c.replace(/"len":\d+/, '"len":9007199254740993')),
  text('lossy-numbers', 'reg −0', (c) => c.replace(/"reg":\d+/, '"reg":-0')),
  text('text-encoding', 'a lone surrogate in pur', (c) => c.replace(/"pur":"[^"]*"/, '"pur":"\\ud800"')),
  text('text-encoding', 'NUL in pur', (c) => c.replace(/"pur":"[^"]*"/, '"pur":"\\u0000"')),
  text('log-injection', 'a line feed in pur', (c) =>
    c.replace(/"pur":"[^"]*"/, '"pur":"x\\n{\\"level\\":30}"'),
  ),
  text('log-injection', 'an escape sequence in pur', (c) => c.replace(/"pur":"[^"]*"/, '"pur":"\\u001b[2J"')),
  text('text-encoding', 'a byte-order mark before the claims', (c) => `\ufeff${c}`),
  text('malformed-token', 'claims that are a list', (c) => `[${c}]`),
  text('malformed-token', 'claims and more', (c) => `${c}{}`),
  text('malformed-token', 'claims that are null', () => 'null'),
  text('malformed-token', 'no claims', () => '{}'),
  text('deep-nesting', 'brackets in place of claims', () => '['.repeat(2000)),
];

export const claimCases: readonly AttackCase[] = [
  ...missing,
  ...nulls,
  ...unknown,
  ...time,
  ...place,
  ...targetCases,
  ...targetForms,
  ...bindings,
  ...body,
  ...identity,
  ...rest,
  ...textCases,
];
