import assert from 'node:assert/strict';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import {
  signerWithLibsodium,
  signerWithOpenssl,
  verifyWithLibsodium,
  verifyWithOpenssl,
  type Ed25519Key,
} from '../../../src/wire/keys/ed25519.ts';

/** RFC 8032 section 7.1, tests 1 to 3: seed, public key, message, signature. */
const RFC_8032 = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const;

const SMALL = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa';
const PLAIN = 'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43';
const MIXED = 'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d';
/**
 * Key, message, signature, verdict, after Chalkias, Garillot, Nikolaenko 2020, "Taming the many EdDSAs": what the
 * libraries of the world disagree on.
 */
const DISPUTED = [
  [
    'key and R of small order',
    SMALL,
    '8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6',
    `c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a${'00'.repeat(32)}`,
    false,
  ],
  [
    'key of small order',
    SMALL,
    '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04',
    false,
  ],
  [
    'R of small order',
    PLAIN,
    'aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e',
    false,
  ],
  [
    'key and R of mixed order, the equation holds',
    MIXED,
    '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    '9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009',
    true,
  ],
  [
    'the equation holds times eight only',
    MIXED,
    'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    '160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09',
    false,
  ],
  [
    'the same, S reduced beforehand',
    MIXED,
    'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    '21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405',
    false,
  ],
  [
    'S not below the group order',
    '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623',
    '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    'e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514',
    false,
  ],
  [
    'S far above the group order',
    '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623',
    '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    '8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa19427e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22',
    false,
  ],
  [
    'R in a longer form, of small order',
    PLAIN,
    'fdaebc429f4a735932a160da1301080c13280eea8bc280d1b392c6b9e6ba3a5a',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f454d370c8d9fc323a41450f8d513eafeb5b0697390c1e505a0d4ddc71f566607',
    false,
  ],
  [
    'the same, hashed in its shortest form',
    PLAIN,
    '84b698d39be126ff55fe45079e6c8bf64a0d7db6994560b4e96b7021eb39c1a1',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f084d5b99c2a9463d9c8bd5026916996984eeec87ddf1d3be329006ace1b37b09',
    false,
  ],
] as const;

const verifiers = { OpenSSL: verifyWithOpenssl, libsodium: verifyWithLibsodium };
const signers = { OpenSSL: signerWithOpenssl, libsodium: signerWithLibsodium };
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

function publicKey(raw: Buffer): Ed25519Key {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  return { raw, object: createPublicKey({ key: jwk, format: 'jwk' }) };
}

function privateKey(seed: Buffer, raw: Buffer): KeyObject {
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: seed.toString('base64url'), x: raw.toString('base64url') };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

describe('Ed25519', () => {
  it('has libsodium on the platforms that its package brings a binary for', () => {
    const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
    const [major = 0, minor = 0] = (header.glibcVersionRuntime ?? '').split('.').map(Number);
    const expected = process.platform === 'linux' && process.arch === 'x64' && (major > 2 || minor >= 33);
    assert.ok(!expected || verifyWithLibsodium !== undefined, 'sodium-native did not load');
  });

  for (const library of ['OpenSSL', 'libsodium'] as const) {
    const [verify, signerOf] = [verifiers[library], signers[library]];
    if (verify === undefined || signerOf === undefined) continue;

    it(`signs and verifies with ${library} as RFC 8032 says`, async () => {
      for (const [seed, raw, message, signature] of RFC_8032) {
        const signed = signerOf(privateKey(bytes(seed), bytes(raw)))(bytes(message));
        assert.equal(signed.toString('hex'), signature);
        assert.equal(await verify(publicKey(bytes(raw)), bytes(message), bytes(signature)), true);
      }
    });

    it(`refuses with ${library} each signature with one bit changed`, async () => {
      const [, raw, message, signature] = RFC_8032[1];
      for (let bit = 0; bit < 512; bit += 1) {
        const changed = bytes(signature);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        assert.equal(await verify(publicKey(bytes(raw)), bytes(message), changed), false, `bit ${bit}`);
      }
    });

    for (const [what, key, message, signature, verdict] of DISPUTED) {
      it(`${verdict ? 'takes' : 'refuses'} with ${library}: ${what}`, async () => {
        assert.equal(await verify(publicKey(bytes(key)), bytes(message), bytes(signature)), verdict);
      });
    }

    it(`refuses with ${library} a key that is not in its shortest form`, async () => {
      for (let low = 0xed; low <= 0xff; low += 1)
        for (const high of [0x7f, 0xff]) {
          const raw = Buffer.concat([Buffer.of(low), Buffer.alloc(30, 0xff), Buffer.of(high)]);
          assert.equal(await verify(publicKey(raw), bytes('72'), bytes(RFC_8032[1][3])), false);
        }
    });
  }

  it('signs the same with either library, and each verifies the other', async function () {
    if (signerWithLibsodium === undefined || verifyWithLibsodium === undefined) return this.skip();
    for (let round = 0; round < 200; round += 1) {
      const pair = generateKeyPairSync('ed25519');
      const raw = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
      const message = randomBytes(round * 7);
      const signed = signerWithLibsodium(pair.privateKey)(message);
      assert.ok(signed.equals(signerWithOpenssl(pair.privateKey)(message)), `round ${round}`);
      const key = { raw, object: pair.publicKey };
      assert.equal(await verifyWithOpenssl(key, message, signed), true);
      assert.equal(verifyWithLibsodium(key, message, signed), true);
    }
  });
});
