import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGatewayError } from '../../src/core/errors.ts';
import { decodeSignedData } from '../../src/pki/cms-form.ts';
import { mergeSignatures, signDetached, verifyDetached } from '../../src/pki/cms.ts';
import { x5t } from '../../src/pki/thumbprint.ts';
import { ecOfficer, people, run, type People, type Person } from './people.ts';

const content = Buffer.from('<asic:ASiCManifest/>');

describe('CAdES-BES signatures', () => {
  let world: People;
  let zhao: Person & { readonly caPem: string };
  let cas: string[];
  let merged: Buffer;
  let one: Buffer;

  before(async () => {
    world = await people();
    zhao = await ecOfficer();
    cas = [world.authority.certPem, zhao.caPem];
    one = await signDetached(content, world.zhang, new Date());
    merged = mergeSignatures([
      one,
      await signDetached(content, world.li, new Date()),
      await signDetached(content, zhao, new Date()),
    ]);
  });

  async function openssl(cms: Buffer, data: Buffer): Promise<{ stderr: string }> {
    const directory = await mkdtemp(join(tmpdir(), 'lz-cms-'));
    const at = (name: string): string => join(directory, name);
    await Promise.all([
      writeFile(at('s.p7s'), cms),
      writeFile(at('m.xml'), data),
      writeFile(at('ca.crt'), cas.join('')),
    ]);
    const input = ['-inform', 'DER', '-in', at('s.p7s'), '-content', at('m.xml'), '-CAfile', at('ca.crt')];
    return run('openssl', ['cms', '-verify', '-cades', '-binary', ...input, '-out', at('out')]);
  }

  it('verifies three signers, RSA and EC, here and with stock OpenSSL', async () => {
    const checks = await verifyDetached(merged, content, cas);
    assert.deepEqual(
      checks.map(({ ok }) => ok),
      [true, true, true],
    );
    assert.match((await openssl(merged, content)).stderr, /successful/i);
    const uris = checks.map(({ uri }) => uri?.split(':').at(-1)).sort();
    assert.deepEqual(uris, ['li', 'zhang', 'zhao']);
  });

  it('is refused by OpenSSL too when the content differs', async () => {
    await assert.rejects(openssl(merged, Buffer.from('<asic:ASiCManifest />')));
  });

  it('merges to the same bytes whatever the order', async () => {
    const second = await signDetached(content, world.li, new Date());
    assert.deepEqual(mergeSignatures([one, second]), mergeSignatures([second, one]));
    assert.deepEqual(mergeSignatures([one]), one);
  });

  it('refuses the same signer twice', async () => {
    const again = await signDetached(content, world.zhang, new Date(Date.now() + 5000));
    assert.throws(
      () => mergeSignatures([one, again]),
      (error: unknown) => isGatewayError(error, 'packet.signature-invalid'),
    );
  });

  it('takes in a signature that OpenSSL made', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lz-cms-'));
    const at = (name: string): string => join(directory, name);
    await writeFile(at('m.xml'), content);
    await writeFile(at('c.pem'), world.wang.certPem);
    await writeFile(at('k.pem'), world.wang.keyPem, { mode: 0o600 });
    const signer = ['-signer', at('c.pem'), '-inkey', at('k.pem')];
    const files = ['-in', at('m.xml'), '-outform', 'DER', '-out', at('s.p7s')];
    await run('openssl', ['cms', '-sign', '-cades', '-binary', ...signer, ...files]);
    const { stdout } = await run('cat', [at('s.p7s')], { encoding: 'buffer' });
    const both = mergeSignatures([one, stdout]);
    const checks = await verifyDetached(both, content, cas);
    assert.deepEqual(
      checks.map(({ problem }) => problem),
      [undefined, undefined],
    );
    assert.ok(checks.some((check) => check.x5t === x5t(world.wang.certPem)));
    assert.match((await openssl(both, content)).stderr, /successful/i);
  });

  it('names what is wrong: other content, unknown CA, time outside the certificate', async () => {
    const reason = async (cms: Buffer, data: Buffer, trust: string[]): Promise<unknown> =>
      (await verifyDetached(cms, data, trust))[0]?.reason;
    assert.equal(await reason(one, Buffer.from('x'), cas), 'content');
    assert.equal(await reason(one, content, [zhao.caPem]), 'chain');
    const late = await signDetached(content, world.zhang, new Date('2051-01-01T00:00:00Z'));
    assert.equal(await reason(late, content, cas), 'validity');
    const early = await signDetached(content, world.zhang, new Date('2020-01-01T00:00:00Z'));
    assert.equal(await reason(early, content, cas), 'validity');
  });

  it('finds an altered byte anywhere, in the parts that no signature covers too', async function () {
    this.timeout(60_000);
    const cms = await signDetached(content, zhao, new Date());
    // The attributes stand in the CMS under another tag than the one they are signed with.
    const protectedParts = decodeSignedData(cms).flatMap(({ certificate, signedAttributes, signature }) => [
      certificate,
      signedAttributes.subarray(1),
      signature,
    ]);
    const inside = (index: number): boolean =>
      protectedParts.some((part) => index >= cms.indexOf(part) && index < cms.indexOf(part) + part.length);
    const accepted: number[] = [];
    for (let index = 0; index < cms.length; index += 1) {
      if (inside(index) && index % 9 !== 0) continue;
      const altered = Buffer.from(cms);
      altered[index] = (altered[index] ?? 0) ^ (1 << (index % 8));
      const checks = await verifyDetached(altered, content, cas).catch(() => []);
      if (checks.length === 1 && checks.every(({ ok }) => ok)) accepted.push(index);
    }
    assert.deepEqual(accepted, []);
  });

  it('refuses an unsigned attribute or a certificate more', async () => {
    const stuffed = Buffer.concat([merged, Buffer.from([0])]);
    const checks = await verifyDetached(stuffed, content, cas).catch(() => []);
    assert.ok(!checks.some(({ ok }) => ok));
  });
});
