import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, open, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { isGatewayError } from '../../src/core/errors.ts';
import { planContainer } from '../../src/evidence/making/container-plan.ts';
import { listContainer } from '../../src/evidence/container/read-container.ts';
import { centralRecord, endRecords, localHeader } from '../../src/evidence/container/zip-records.ts';
import { containerSize, writeContainer } from '../../src/evidence/making/write-container.ts';
import { mergeSignatures, signDetached } from '../../src/pki/cms.ts';
import { people, type People } from '../pki/people.ts';
import {
  bundleOf,
  failures,
  filesOf,
  flow,
  inputOf,
  PACKET_ID,
  packetOf,
  planned,
  verifyBytes,
} from './bundle-world.ts';

const run = promisify(execFile);

describe('the container', () => {
  let world: People;
  let bundle: Buffer;
  before(async () => {
    world = await people();
    bundle = await bundleOf(inputOf(packetOf(world)), [world.zhang, world.li]);
  });

  it('verifies, and says for each check what it has shown', async () => {
    const report = await verifyBytes(bundle);
    assert.deepEqual(
      report.checks.filter(({ ok }) => !ok),
      [],
    );
    assert.equal(report.ok, true);
    assert.equal(report.packetId, PACKET_ID);
    const codes = new Set(report.checks.map(({ code }) => code));
    for (const code of [
      'E-ZIP',
      'E-ZIP-FORM',
      'E-MIME',
      'E-BAG-DIGEST',
      'E-SM3',
      'E-ASIC-UNCOVERED',
      'E-SIG',
    ]) {
      assert.ok(codes.has(code), code);
    }
    assert.ok(report.checks.some(({ message }) => message.includes('HANDLER 张三 signed at')));
  });

  it('has mimetype first at byte 38, stored, without extra field, as ASiC readers look for it', () => {
    assert.equal(bundle.toString('latin1', 30, 38), 'mimetype');
    assert.equal(bundle.toString('latin1', 38, 69), 'application/vnd.etsi.asic-e+zip');
    assert.equal(bundle.readUInt16LE(6) & 0x08, 0);
  });

  it('has the same bytes for the same input, whatever the time zone and the order of files', async () => {
    const files = [planned('items/0001/flow.csv', flow), planned('proof/lead.txt', Buffer.from('x'))];
    const input = inputOf(packetOf(world), { files });
    const backwards = { ...input, files: [...files].reverse() };
    const at = new Date('2026-02-01T02:00:00Z');
    const zone = process.env['TZ'];
    const first = await bundleOf(input, [world.zhang, world.li], at);
    process.env['TZ'] = 'Asia/Shanghai';
    const second = await bundleOf(backwards, [world.li, world.zhang], at);
    process.env['TZ'] = zone ?? 'UTC';
    assert.ok(first.equals(second));
  });

  it('knows its size before it is written', async () => {
    const plan = planContainer(inputOf(packetOf(world)));
    const signature = mergeSignatures([await signDetached(plan.manifest, world.zhang, new Date())]);
    const path = join(await mkdtemp(join(tmpdir(), 'lz-size-')), 'x.asice');
    await writeContainer(plan, signature, createWriteStream(path));
    assert.equal((await stat(path)).size, containerSize(plan, signature));
  });

  it('is opened by the zipfile of Python, its manifests by sha256sum, its signature by stock OpenSSL', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lz-tools-'));
    await writeFile(join(directory, 'x.asice'), bundle);
    await writeFile(join(directory, 'ca.crt'), world.authority.certPem);
    const python =
      'import zipfile; z = zipfile.ZipFile("x.asice"); assert z.testzip() is None; z.extractall(".")';
    await run('python3', ['-c', python], { cwd: directory });
    const bag = join(directory, PACKET_ID);
    await run('sha256sum', ['-c', '--strict', 'manifest-sha256.txt', 'tagmanifest-sha256.txt'], { cwd: bag });
    const sm3 = await run('openssl', ['dgst', '-sm3', '-r', 'data/items/0001/flow.csv'], { cwd: bag });
    const listed = await readFile(join(bag, 'manifest-sm3.txt'), 'utf8');
    assert.ok(listed.includes(`${sm3.stdout.slice(0, 64)}  data/items/0001/flow.csv\n`));
    const { stderr } = await run(
      'openssl',
      'cms -verify -cades -binary -inform DER -in META-INF/signature001.p7s -content META-INF/ASiCManifest001.xml -CAfile ca.crt -out /dev/null'.split(
        ' ',
      ),
      { cwd: directory },
    );
    assert.match(stderr, /successful/i);
  });

  it('refuses names that could leave the bag or collide, before anything is written', () => {
    const names = [
      '../x',
      '/x',
      'a\\b',
      'a//b',
      './x',
      'a/.x',
      '流水.csv',
      'a b',
      'c:x',
      'items/',
      'nul.txt',
      'x.',
      '',
    ];
    for (const name of [...names, 'x'.repeat(300), 'packet.json', 'PACKET.json']) {
      const input = inputOf(packetOf(world), { files: [planned(name, flow)] });
      assert.throws(
        () => planContainer(input),
        (error: unknown) => isGatewayError(error, 'packet.invalid'),
        name,
      );
    }
  });

  it('stops when a file is no longer what was planned', async () => {
    const changed = {
      ...planned('items/0001/flow.csv', flow),
      open: () => Readable.from([Buffer.from('other')]),
    };
    const input = inputOf(packetOf(world), { files: [changed] });
    await assert.rejects(bundleOf(input, [world.zhang]), (error: unknown) =>
      isGatewayError(error, 'bundle.digest-mismatch'),
    );
  });

  it('holds a file larger than a chunk, and an empty one', async () => {
    const large = Buffer.alloc(2_500_000, 'lianzheng');
    const files = [
      planned('items/0001/flow.csv', flow),
      planned('proof/a.bin', large),
      planned('proof/b.bin', Buffer.alloc(0)),
    ];
    const made = await bundleOf(inputOf(packetOf(world), { files }), [world.zhang, world.li]);
    assert.deepEqual(failures(await verifyBytes(made)), []);
    assert.ok(filesOf(made).some(({ name, content }) => name.endsWith('a.bin') && content.equals(large)));
  });

  it('gives ZIP64 fields to a file over 4 GiB and to what follows it (a sparse file, read by us and by Python)', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'lz-zip64-')), 'x.zip');
    const large = { name: 'large.bin', size: 5 * 2 ** 30, crc32: 0, offset: 0 };
    const small = { name: 'small.bin', size: 0, crc32: 0, offset: localHeader(large).length + large.size };
    const start = small.offset + localHeader(small).length;
    const central = Buffer.concat([centralRecord(large), centralRecord(small)]);
    const end = Buffer.concat([central, endRecords(2, start, central.length)]);
    const handle = await open(path, 'w+');
    await handle.write(localHeader(large), 0, undefined, 0);
    await handle.write(localHeader(small), 0, undefined, small.offset);
    await handle.write(end, 0, undefined, start);
    const listing = await listContainer(handle.fd, start + end.length);
    await handle.close();
    assert.deepEqual(listing.faults, []);
    assert.deepEqual(
      listing.entries.map(({ size, offset }) => [size, offset]),
      [
        [large.size, 0],
        [0, small.offset],
      ],
    );
    const python =
      'import sys, zipfile; print([(i.file_size, i.header_offset) for i in zipfile.ZipFile(sys.argv[1]).infolist()])';
    const { stdout } = await run('python3', ['-c', python, path]);
    assert.equal(stdout.trim(), `[(${String(large.size)}, 0), (0, ${String(small.offset)})]`);
  });
});
