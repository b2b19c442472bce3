import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isGatewayError } from '../../src/core/errors.ts';
import { decodeBase64url } from '../../src/wire/base64url.ts';
import { contentDigestHeader, readContentDigest } from '../../src/wire/content-digest.ts';
import { sha256 } from '../../src/core/digest.ts';

describe('base64url', () => {
  const malleable: Readonly<Record<string, string>> = {
    padding: 'QQ==',
    'stray trailing bits of one byte': 'QR',
    'stray trailing bits of two bytes': 'QUJ',
    'a single character': 'Q',
    'white space': 'QU JD',
    'a line break': 'QUJD\n',
    'a leading space': ' QUJD',
    'the standard alphabet': '+/+/',
    'a dot': 'QUJD.',
    'a NUL': 'QUJD\0',
    'full-width letters': 'ＱＱ',
    'a letter beyond ASCII': 'QUJDé',
  };
  for (const [name, text] of Object.entries(malleable)) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => decodeBase64url(text),
        (error) => isGatewayError(error, 'token.base64-invalid'),
      );
    });
  }

  it('decodes what it encodes, and nothing else decodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.string({ maxLength: 3 }), (bytes, noise) => {
        const text = Buffer.from(bytes).toString('base64url');
        assert.deepEqual(decodeBase64url(text), Buffer.from(bytes));
        if (noise === '') return;
        const other = readOrUndefined(text + noise);
        assert.ok(other === undefined || !other.equals(Buffer.from(bytes)));
      }),
    );
  });
});

describe('Content-Digest', () => {
  it('reads the header it writes', () => {
    const digest = sha256('body');
    assert.deepEqual(readContentDigest(contentDigestHeader(digest)), digest);
  });

  const good = contentDigestHeader(sha256('body'));
  const refused: Readonly<Record<string, string>> = {
    'another algorithm': good.replace('sha-256', 'sha-512'),
    'two digests': `${good}, ${good}`,
    parameters: `${good};q=1`,
    'no colons': good.replaceAll(':', ''),
    base64url: 'sha-256=:__________________________________________8=:',
    'stray trailing bits': `sha-256=:${'A'.repeat(42)}B=:`,
    nothing: '',
  };
  for (const [name, header] of Object.entries(refused)) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => readContentDigest(header),
        (error) => isGatewayError(error, 'http.header-invalid'),
      );
    });
  }
});

function readOrUndefined(text: string): Buffer | undefined {
  try {
    return decodeBase64url(text);
  } catch {
    return undefined;
  }
}
