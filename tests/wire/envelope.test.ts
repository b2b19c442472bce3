import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { canonicalBytes, type JsonObject } from '../../src/core/canonical.ts';
import { sha256Hex } from '../../src/core/digest.ts';
import { isGatewayError, type ErrorCode } from '../../src/core/errors.ts';
import { newId } from '../../src/core/ids.ts';
import { commit, matchDisclosures, newDisclosure } from '../../src/wire/disclosure.ts';
import { openEnvelope, sealEnvelope } from '../../src/wire/envelope.ts';
import type { EnvelopeContent, SealedEnvelope } from '../../src/wire/envelope.ts';
import { generateSealKey, importSigningKey, signFlattened } from '../../src/wire/jws.ts';
import type { GeneratedKey, SigningKey, VerificationKey } from '../../src/wire/jws.ts';
import { loadSchemas } from '../../src/wire/schema-registry.ts';

const content: EnvelopeContent = {
  id: newId(),
  kind: 'feature-batch',
  version: 1,
  issuer: 'bank-a',
  group: 'loan-fraud',
  createdAt: '2026-11-23T08:00:00.000Z',
  purpose: 'fraud-prevention',
  legalBasis: ['反洗钱法 7'],
  schema: { id: 'urn:lianzheng:schema:feature-batch:1.0.0', sha256: sha256Hex('schema') },
  registry: { serial: 3, sha256: sha256Hex('registry') },
  body: { features: [{ type: 'domain', value: 'loan.example' }] },
};

const malformed: readonly (readonly [string, object])[] = [
  ['a missing id', without('id')],
  ['an unknown member', { ...content, note: 'x' }],
  ['an id that is no UUIDv7', { ...content, id: '5f0d8f0e-1d5b-4c5b-9d3e-0123456789ab' }],
  ['a kind in capitals', { ...content, kind: 'Feature' }],
  ['another version', { ...content, version: 2 }],
  ['an issuer that is no member id', { ...content, issuer: 'Bank A' }],
  ['a local time', { ...content, createdAt: '2026-11-23T08:00:00+08:00' }],
  ['a purpose with a line break', { ...content, purpose: 'a\nb' }],
  ['a legal basis that is no list', { ...content, legalBasis: 'law' }],
  ['33 legal bases', { ...content, legalBasis: Array.from({ length: 33 }, () => 'law') }],
  ['a schema without digest', { ...content, schema: { id: content.schema.id } }],
  ['a schema digest in capitals', { ...content, schema: { ...content.schema, sha256: 'A'.repeat(64) } }],
  ['a negative serial', { ...content, registry: { ...content.registry, serial: -1 } }],
  ['a body that is a list', { ...content, body: [] }],
];

describe('envelopes', () => {
  let pair: GeneratedKey;
  let key: SigningKey;
  const find = (): VerificationKey => ({ kid: pair.kid, alg: 'Ed25519', jwk: pair.publicJwk });
  before(async () => {
    pair = await generateSealKey();
    key = await importSigningKey(pair.privateJwk);
  });

  it('opens what it sealed, and the payload is the canonical content', async () => {
    const opened = await openEnvelope(await sealEnvelope(content, key), (issuer, kid) => {
      assert.deepEqual([issuer, kid], ['bank-a', pair.kid]);
      return find();
    });
    assert.deepEqual(opened.content, content);
    assert.deepEqual(opened.payload, canonicalBytes(content));
  });

  for (const [name, value] of malformed) {
    it(`refuses ${name}`, async () => {
      await refuses(await signFlattened('lz-env+jws', canonicalBytes(value), key), find, 'envelope.invalid');
    });
  }

  it('refuses a well-signed payload that is not canonical: order, space, escapes, number form', async () => {
    const canonical = canonicalBytes(content).toString();
    const texts = [
      JSON.stringify(content),
      canonical.replace('{"body"', '{ "body"'),
      canonical.replace('loan.example', '\\u006coan.example'),
      canonical.replace('"serial":3', '"serial":3.0'),
      `${canonical}\n`,
    ];
    for (const text of texts) {
      assert.notEqual(text, canonical);
      await refuses(await signFlattened('lz-env+jws', Buffer.from(text), key), find, 'envelope.invalid');
    }
  });

  it('refuses another typ, a further header member, stray bits and a broken signature', async () => {
    const sealed = await sealEnvelope(content, key);
    const head = { typ: 'lz-env+jws', alg: 'Ed25519', kid: pair.kid, jwk: pair.publicJwk };
    const embedded = Buffer.from(JSON.stringify(head)).toString('base64url');
    await refuses(
      await signFlattened('lz-registry+jws', canonicalBytes(content), key),
      find,
      'envelope.invalid',
    );
    await refuses({ ...sealed, protected: embedded }, find, 'envelope.invalid');
    await refuses({ ...sealed, payload: `${sealed.payload}=` }, find, 'envelope.invalid');
    await refuses({ ...sealed, signature: `${sealed.signature}=` }, find, 'envelope.invalid');
    const zero = Buffer.alloc(64).toString('base64url');
    await refuses({ ...sealed, signature: zero }, find, 'envelope.signature-invalid');
  });

  it('refuses a key that the issuer does not have, and one of another algorithm', async () => {
    const sealed = await sealEnvelope(content, key);
    await refuses(sealed, () => undefined, 'envelope.signature-invalid');
    await refuses(sealed, () => ({ ...find(), alg: 'ES256' }), 'envelope.signature-invalid');
  });

  it('reads every body back byte for byte, and one changed byte never verifies', async () => {
    const body = fc.dictionary(fc.string({ minLength: 1, maxLength: 6 }).filter(isSafeKey), leafValue());
    await fc.assert(
      fc.asyncProperty(body, fc.nat(), async (value, pick) => {
        const sealed = await sealEnvelope({ ...content, body: value as JsonObject }, key);
        const opened = await openEnvelope(sealed, find);
        assert.deepEqual(canonicalBytes(opened.content), Buffer.from(sealed.payload, 'base64url'));
        const bytes = Buffer.from(sealed.payload, 'base64url');
        bytes[pick % bytes.length] = (bytes[pick % bytes.length] as number) ^ 1;
        await assert.rejects(openEnvelope({ ...sealed, payload: bytes.toString('base64url') }, find));
      }),
      { numRuns: 60 },
    );
  });

  it('agrees with schemas/envelope.json about every malformed content', () => {
    const directory = mkdtempSync(join(tmpdir(), 'lz-schemas-'));
    try {
      cpSync('schemas/envelope.json', join(directory, 'envelope.json'));
      const schemas = loadSchemas(directory);
      const id = 'urn:lianzheng:schema:envelope:1.0.0';
      schemas.validate(id, content);
      for (const [name, value] of malformed) {
        assert.throws(
          () => schemas.validate(id, value),
          (error) => isGatewayError(error, 'schema.invalid'),
          name,
        );
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('disclosures', () => {
  it('commits to salt and value', () => {
    const salt = 'AAAAAAAAAAAAAAAAAAAAAA';
    const bytes = Buffer.concat([Buffer.alloc(16), Buffer.from('13800000000')]);
    assert.equal(commit({ salt, value: '13800000000' }), sha256Hex(bytes));
    assert.notEqual(commit(newDisclosure('13800000000')), commit(newDisclosure('13800000000')));
  });

  it('matches one disclosure to each commitment', () => {
    const disclosures = [newDisclosure('a'), newDisclosure('b')] as const;
    const [a, b] = disclosures.map(commit) as [string, string];
    assert.equal(matchDisclosures([b, a], disclosures).get(a)?.value, 'a');
    const bad = [
      () => matchDisclosures([a], disclosures),
      () => matchDisclosures([a, b], [disclosures[0]]),
      () => matchDisclosures([a], [disclosures[0], disclosures[0]]),
      () => matchDisclosures([a], [{ ...disclosures[0], value: 'c' }]),
      () => commit({ salt: 'AAAA', value: 'a' }),
      () => commit({ salt: `${'A'.repeat(21)}B`, value: 'a' }),
    ];
    for (const work of bad)
      assert.throws(work, (error) => isGatewayError(error, 'envelope.disclosure-invalid'));
  });
});

async function refuses(
  sealed: SealedEnvelope,
  find: () => VerificationKey | undefined,
  code: ErrorCode,
): Promise<void> {
  await assert.rejects(openEnvelope(sealed, find), (error) => isGatewayError(error, code));
}

function without(name: keyof EnvelopeContent): object {
  return Object.fromEntries(Object.entries(content).filter(([member]) => member !== name));
}

function isSafeKey(key: string): boolean {
  return !['__proto__', 'constructor', 'prototype'].includes(key) && !key.includes('\0') && isWellFormed(key);
}

function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}

function leafValue(): fc.Arbitrary<unknown> {
  const text = fc.string().filter((value) => isWellFormed(value) && !value.includes('\0'));
  const number = fc.oneof(
    fc.maxSafeInteger(),
    fc.float({ noNaN: true, noDefaultInfinity: true, max: 1e6, min: -1e6 }),
  );
  const scalar = fc.oneof(
    text,
    fc.boolean(),
    fc.constant(null),
    number.map((value) => (value === 0 ? 0 : value)),
  );
  return fc.oneof(scalar, fc.array(scalar, { maxLength: 4 }));
}
