/** Envelopes of proven callers that are not theirs, not what was signed, or break the schema of their kind. */
import { canonicalBytes } from '../../../src/core/canonical.ts';
import { newId } from '../../../src/core/ids.ts';
import { generateSealKey, importSigningKey } from '../../../src/wire/jws.ts';
import { BATCH_SCHEMA, plainFeature, type Change } from '../forge.ts';
import type { Case, Cases } from '../refusal.ts';
import type { WireWorld } from '../wire-world.ts';

const zeros = '0'.repeat(64);
const hours = (world: WireWorld, n: number): string =>
  new Date(world.clock().getTime() + n * 3_600_000).toISOString();
const registered = (world: WireWorld, name: string) => {
  const id = `urn:lianzheng:schema:${name}:1.0.0`;
  return { id, sha256: world.schemas.digest(id) };
};
const feature = (name: string, code: Case[1], change: object): Case => [name, code, { feature: change }];

export const envelopeCases: Cases = {
  signed: [
    [
      "another issuer under the sender's seal",
      'envelope.issuer-mismatch',
      ({ receiver }) => ({ content: { issuer: receiver.config.member } }),
    ],
    [
      'an envelope that another member issued and sealed',
      'envelope.issuer-mismatch',
      ({ receiver, keys }) => ({ content: { issuer: receiver.config.member }, envelopeKey: keys.receiver }),
    ],
    ['an issuer that is no member', 'envelope.issuer-mismatch', { content: { issuer: 'nobody-n' } }],
    [
      'an altered signature',
      'envelope.signature-invalid',
      { message: (sealed) => ({ ...sealed, signature: flip(sealed.signature) }) },
    ],
    [
      'content altered after sealing',
      'envelope.signature-invalid',
      {
        message: (sealed) => {
          const text = Buffer.from(sealed.payload, 'base64url').toString().replace('"grade":2', '"grade":1');
          return { ...sealed, payload: Buffer.from(text).toString('base64url') };
        },
      },
    ],
    [
      'a seal by an unregistered key',
      'envelope.signature-invalid',
      async () => ({ envelopeKey: await importSigningKey((await generateSealKey()).privateJwk) }),
    ],
    [
      "a seal by another member's key",
      'envelope.signature-invalid',
      ({ keys }) => ({ envelopeKey: keys.receiver }),
    ],
    [
      'a seal from before its key was valid',
      'envelope.signature-invalid',
      (world) => ({ content: { createdAt: hours(world, -24) } }),
    ],
    ['a seal of typ token', 'envelope.invalid', { envelopeHeader: { typ: 'lzx-req+jwt' } }],
    ['a seal with alg none', 'envelope.invalid', { envelopeHeader: { alg: 'none' } }],
    ['an embedded key', 'envelope.invalid', { envelopeHeader: { jwk: {} } }],
    [
      'bytes that are not canonical',
      'envelope.invalid',
      { payload: (bytes) => Buffer.from(` ${bytes.toString()}`) },
    ],
    [
      'a key twice in the signed bytes',
      'json.duplicate-key',
      { payload: (bytes) => Buffer.from(bytes.toString().replace('"version":1', '"version":1,"version":1')) },
    ],
    ['signed bytes that are no JSON', 'json.syntax', { payload: () => Buffer.from('sealed') }],
    ['signed bytes that are no object', 'envelope.invalid', { payload: () => canonicalBytes([1]) }],
    ['another version', 'envelope.invalid', { content: { version: 2 } }],
    ['a member too many', 'envelope.invalid', { content: { onward: 'anyone' } }],
    ['no legal basis', 'envelope.invalid', { content: { legalBasis: undefined } }],
    ['another group than the token', 'envelope.invalid', { claims: { grp: 'audit-desk' } }],
    ['another purpose than the token', 'envelope.invalid', { claims: { pur: 'MARKETING' } }],
    ['another schema than the token', 'envelope.invalid', { claims: { sch: `${BATCH_SCHEMA}#${zeros}` } }],
    ['no schema in the token', 'envelope.invalid', { claims: { sch: '-' } }],
    [
      'a registry digest that is not ours',
      'envelope.invalid',
      { content: { registry: { serial: 1, sha256: zeros } } },
    ],
    [
      'a registry that nobody has seen',
      'token.registry-unknown',
      { content: { registry: { serial: 99, sha256: zeros } } },
    ],
    [
      "an offer in another member's ledger",
      'token.claims-refused',
      ({ receiver, offer }) => ({ claims: { ofr: { ...offer, origin: receiver.ledger.origin } } }),
    ],
  ],
};

export const schemaCases: Cases = {
  signed: [
    [
      'an unknown schema digest',
      'schema.unknown',
      { content: { schema: { id: BATCH_SCHEMA, sha256: zeros } } },
    ],
    [
      'an unknown version of the schema',
      'schema.unknown',
      ({ schemas }) => ({
        content: {
          schema: { id: BATCH_SCHEMA.replace('1.0.0', '9.0.0'), sha256: schemas.digest(BATCH_SCHEMA) },
        },
      }),
    ],
    [
      'the schema of another kind',
      'envelope.invalid',
      (world): Change => ({ content: { schema: registered(world, 'packet-offer') } }),
    ],
    [
      'a kind without schema',
      'schema.unknown',
      {
        content: {
          kind: 'wire-transfer',
          schema: { id: 'urn:lianzheng:schema:wire-transfer:1.0.0', sha256: zeros },
        },
      },
    ],
    [
      'a kind that no handler knows',
      'exchange.kind-unknown',
      (world): Change => ({
        content: {
          kind: 'status-request',
          schema: registered(world, 'status-request'),
          body: { ids: [newId()] },
        },
      }),
    ],
    ['a kind named like a method of objects', 'envelope.invalid', { content: { kind: 'to-string' } }],
    ['no features', 'schema.invalid', { content: { body: { features: [] } } }],
    ['no body of its kind', 'schema.invalid', { content: { body: {} } }],
    [
      'one bad feature among good ones',
      'schema.invalid',
      (world): Change => {
        const good = plainFeature(world);
        return { content: { body: { features: [good, { ...plainFeature(world), confidence: 101 }] } } };
      },
    ],
    feature('an unknown type', 'schema.invalid', { type: 'horoscope' }),
    feature('a personal value in the signed bytes', 'schema.invalid', {
      type: 'phone',
      value: '13800138000',
    }),
    feature('a member that the schema does not know', 'schema.invalid', { note: 'call me' }),
    feature('an id that injects', 'schema.invalid', { id: "'; DROP TABLE feature; --" }),
    feature('a value that is not in its normal form', 'feature.invalid', { value: 'LOAN.example' }),
    feature('a value that is none of its type', 'feature.invalid', { type: 'ip', value: 'loan.example' }),
    [
      'times that run backwards',
      'feature.invalid',
      (world) => ({ feature: { firstSeen: hours(world, 0), lastSeen: hours(world, -1) } }),
    ],
    ['a sighting in the future', 'feature.invalid', (world) => ({ feature: { lastSeen: hours(world, 48) } })],
  ],
};

/** Of the first character, whose bits all count. */
function flip(text: string): string {
  return (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
}
