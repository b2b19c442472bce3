import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { sha256Hex, sm3Hex } from '../../src/core/digest.ts';
import { incomingName } from '../../src/storage/blob-directory.ts';
import { openBlobStore } from '../../src/storage/blob-store.ts';

describe('blob store', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lianzheng-blobs-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const open = (quotaBytes = 1_000_000) => openBlobStore({ directory, quotaBytes, reserveBytes: 0 });
  const files = (): string[] =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);

  it('keeps a file under its SHA-256 and knows its SM3', async () => {
    const store = await open();
    const info = await store.put(Readable.from([Buffer.from('ledger '), Buffer.from('book')]));
    assert.deepEqual(info, { sha256: sha256Hex('ledger book'), sm3: sm3Hex('ledger book'), size: 11 });
    assert.equal(await text(store.read(info.sha256)), 'ledger book');
    assert.equal((await buffer(store.read(info.sha256, { start: 7, end: 11 }))).toString(), 'book');
    assert.deepEqual(await (await open()).describe(info.sha256), info);
    assert.equal(await (await open()).used(), 11);
  });

  it('stores the same content once', async () => {
    const store = await open();
    await store.put(Readable.from([Buffer.from('same')]));
    await store.put(Readable.from([Buffer.from('same')]));
    assert.equal(await store.used(), 4);
  });

  it('refuses a file that differs from its announced digest and leaves nothing', async () => {
    const store = await open();
    const put = store.put(Readable.from([Buffer.from('altered')]), { sha256: sha256Hex('original') });
    await assert.rejects(put, { code: 'blob.digest-mismatch' });
    assert.deepEqual(files(), []);
    assert.equal(await store.used(), 0);
  });

  it('stops at the quota while bytes still come and leaves nothing', async () => {
    const store = await open(10);
    const put = store.put(Readable.from([Buffer.alloc(8), Buffer.alloc(8)]));
    await assert.rejects(put, { code: 'blob.quota' });
    assert.deepEqual(files(), []);
    assert.equal(await store.used(), 0);
  });

  it('keeps nothing of an upload that broke off', async () => {
    const store = await open();
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('half');
        throw new Error('connection lost');
      })(),
    );
    await assert.rejects(store.put(broken), /connection lost/);
    assert.deepEqual(files(), []);
  });

  it('sweeps at open what a killed process left behind', async () => {
    await open();
    const [host = ''] = incomingName().split('.');
    writeFileSync(join(directory, 'incoming', `${host}.4194303.0011`), 'half');
    await open();
    assert.deepEqual(files(), []);
  });

  it('leaves running uploads of another host that shares the directory, until they have rested for a day', async () => {
    await open();
    const upload = join(directory, 'incoming', '0123456789ab.4194303.0011');
    writeFileSync(upload, 'half');
    await open();
    assert.ok(existsSync(upload), 'the upload of another host is still there');

    const dayBefore = new Date(Date.now() - 25 * 3_600_000);
    utimesSync(upload, dayBefore, dayBefore);
    await open();
    assert.ok(!existsSync(upload), 'the upload that rested for a day is gone');
  });

  it('refuses a name that is no digest', async () => {
    const store = await open();
    assert.throws(() => store.read('../../etc/passwd'), { code: 'blob.not-found' });
    await assert.rejects(store.describe('0'.repeat(64)), { code: 'blob.not-found' });
  });

  it('hides a partial file until it is committed and counts its bytes', async () => {
    const store = await open();
    const first = await store.partial('0192');
    await first.write(4, Buffer.from('book'));
    await first.close();
    assert.equal(await store.stat(sha256Hex('cashbook')), undefined);
    assert.equal(await (await open()).used(), 8);

    const again = await store.partial('0192');
    assert.equal(again.size(), 8);
    await again.write(0, Buffer.from('cash'));
    await again.commit({ sha256: sha256Hex('cashbook'), size: 8 });
    assert.equal(await text(store.read(sha256Hex('cashbook'))), 'cashbook');
    assert.equal((await store.describe(sha256Hex('cashbook'))).sm3, sm3Hex('cashbook'));
    assert.equal(await store.used(), 8);
  });

  it('does not let a partial file grow past the quota', async () => {
    const store = await open(6);
    const partial = await store.partial('0193');
    await assert.rejects(partial.write(0, Buffer.alloc(8)), { code: 'blob.quota' });
    await partial.discard();
    assert.equal(await store.used(), 0);
  });
});
