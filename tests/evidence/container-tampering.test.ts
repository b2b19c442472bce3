import assert from 'node:assert/strict';
import { mkdtemp, open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '../../src/core/digest.ts';
import { writeAsicManifest } from '../../src/evidence/container/asic-manifest.ts';
import { writeCustody, custodyOf } from '../../src/evidence/packet/custody.ts';
import { listContainer } from '../../src/evidence/container/read-container.ts';
import { scanContainer } from '../../src/evidence/container/scan-container.ts';
import { verifyBundle } from '../../src/evidence/verify-bundle.ts';
import { signDetached } from '../../src/pki/cms.ts';
import { officer, people, type People } from '../pki/people.ts';
import {
  archiveOf,
  bundleOf,
  failures,
  filesOf,
  flow,
  inputOf,
  itemOf,
  PACKET_ID,
  packetOf,
  planned,
  signatory,
  trustOf,
  verifyBytes,
  type NamedFile,
} from './bundle-world.ts';

describe('verification of a bundle', () => {
  let world: People;
  let bundle: Buffer;
  let files: NamedFile[];
  const item = `${PACKET_ID}/data/items/0001/flow.csv`;

  before(async () => {
    world = await people();
    bundle = await bundleOf(inputOf(packetOf(world)), [world.zhang, world.li]);
    files = filesOf(bundle);
  });

  const withFile = (name: string, change: (content: Buffer) => Buffer): Buffer =>
    archiveOf(files.map((file) => (file.name === name ? { name, content: change(file.content) } : file)));
  const failing = async (bytes: Buffer): Promise<string[]> => failures(await verifyBytes(bytes));

  it('rebuilds the archive from its files byte for byte (the helper proves itself)', () => {
    assert.ok(archiveOf(files).equals(bundle));
  });

  it('names path, expected and actual digest of an altered item', async () => {
    const report = await verifyBytes(
      withFile(item, (content) => Buffer.from(content.toString().replace('6', '7'))),
    );
    assert.deepEqual(failures(report), ['E-ASIC-DIGEST', 'E-BAG-DIGEST', 'E-ITEM', 'E-SM3']);
    const row = report.checks.find(({ code }) => code === 'E-BAG-DIGEST');
    assert.equal(row?.path, item);
    assert.equal(row.expected, sha256Hex(flow));
    assert.notEqual(row.actual, row.expected);
  });

  it('finds an item that was altered together with all manifests of the bag, because people signed', async () => {
    const other = Buffer.from('时间,金额\n2026-01-05,70000000\n');
    const packet = packetOf(world, { items: [itemOf(other)] });
    const forged = await bundleOf(inputOf(packet, { files: [planned('items/0001/flow.csv', other)] }), [
      world.wang,
    ]);
    const signature = files.find(({ name }) => name.endsWith('.p7s'));
    const swapped = filesOf(forged).map((file) => (file.name === signature?.name ? signature : file));
    assert.deepEqual(await failing(archiveOf(swapped)), ['E-SIG-INVALID']);
  });

  it('finds a missing file, an extra file, a file under META-INF and a fetch.txt', async () => {
    assert.deepEqual(await failing(archiveOf(files.filter(({ name }) => name !== item))), [
      'E-ASIC-DIGEST',
      'E-BAG-FORM',
      'E-BAG-MISSING',
      'E-ITEM',
    ]);
    const extra = (name: string): Buffer => {
      const head = files.slice(0, 3);
      const rest = [...files.slice(3), { name, content: Buffer.from('x') }];
      return archiveOf([...head, ...rest.sort((a, b) => (a.name < b.name ? -1 : 1))]);
    };
    assert.deepEqual(await failing(extra(`${PACKET_ID}/data/items/0002/x.csv`)), [
      'E-ASIC-UNCOVERED',
      'E-BAG-EXTRA',
      'E-BAG-FORM',
      'E-ITEM',
    ]);
    assert.deepEqual(await failing(extra(`${PACKET_ID}/fetch.txt`)), ['E-ASIC-UNCOVERED', 'E-BAG-EXTRA']);
    assert.deepEqual(await failing(extra('META-INF/signature002.p7s')), ['E-ASIC-UNCOVERED', 'E-BAG-EXTRA']);
    assert.deepEqual(await failing(extra('zzz/readme.txt')), ['E-ASIC-UNCOVERED', 'E-BAG-EXTRA']);
  });

  it('finds an altered SM3 manifest and another mimetype', async () => {
    const flip = (content: Buffer): Buffer =>
      Buffer.from(content.toString().replace(/^./, (c) => (c === '0' ? '1' : '0')));
    const codes = await failing(withFile(`${PACKET_ID}/manifest-sm3.txt`, flip));
    assert.deepEqual(codes, ['E-ASIC-DIGEST', 'E-BAG-DIGEST', 'E-SM3']);
    assert.deepEqual(await failing(withFile('mimetype', () => Buffer.from('application/zip'))), ['E-MIME']);
  });

  it('refuses a signed manifest that leaves a file out', async () => {
    const references = files
      .slice(3)
      .filter(({ name }) => name !== item)
      .map(({ name, content }) => ({ name, sha256: sha256Hex(content) }));
    const manifest = writeAsicManifest(references);
    const codes = await failing(withFile('META-INF/ASiCManifest001.xml', () => manifest));
    assert.ok(codes.includes('E-ASIC-UNCOVERED'), codes.join());
  });

  it('refuses unsafe archives before reading a file', async () => {
    const named = (name: string): Promise<string[]> =>
      failing(archiveOf([{ name, content: Buffer.from('x') }]));
    for (const name of ['../x', '/x', 'a\\b', 'C:x', 'a/./b', 'x\u0000y']) {
      assert.deepEqual(await named(name), ['E-ZIP-NAME'], name);
    }
    const twice = [...files, { name: item, content: Buffer.from('x') }];
    assert.deepEqual(await failing(archiveOf(twice)), ['E-ZIP-DUPLICATE']);
    const folded = [...files, { name: item.toUpperCase(), content: Buffer.from('x') }];
    assert.deepEqual(await failing(archiveOf(folded)), ['E-ZIP-DUPLICATE']);
    const central = bundle.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
    const patched = (offset: number, value: number): Buffer => {
      const copy = Buffer.from(bundle);
      copy.writeUInt16LE(value, central + offset);
      return copy;
    };
    assert.deepEqual(await failing(patched(40, 0o120777)), ['E-ZIP-TYPE']);
    assert.deepEqual(await failing(patched(8, 0x801)), ['E-ZIP-ENCRYPTED']);
    assert.deepEqual(await failing(patched(10, 8)), ['E-ZIP-METHOD']);
  });

  it('finds bytes before, between and after the records', async () => {
    const stray = Buffer.from('stray');
    const second = bundle.indexOf(Buffer.from('PK\u0003\u0004', 'latin1'), 4);
    const inserted = [Buffer.concat([stray, bundle]), Buffer.concat([bundle, stray])];
    inserted.push(Buffer.concat([bundle.subarray(0, second), stray, bundle.subarray(second)]));
    const commented = Buffer.concat([bundle, stray]);
    commented.writeUInt16LE(stray.length, bundle.length - 2);
    for (const bytes of [...inserted, commented, bundle.subarray(0, -1), bundle.subarray(1)]) {
      assert.equal((await verifyBytes(bytes)).ok, false);
    }
    assert.deepEqual(await failing(commented), ['E-ZIP-FORM']);
  });

  it('finds a broken chain, a digest jump, a gap in seq and time that runs backwards in the custody log', async () => {
    const packet = packetOf(world);
    const events = custodyOf(packet, []);
    const signed = async (custody: string): Promise<string[]> =>
      failing(await bundleOf(inputOf(packet, { custody }), [world.zhang, world.li]));
    assert.deepEqual(await signed(writeCustody(events)), []);
    const lines = writeCustody(events).split('\n');
    assert.deepEqual(await signed(lines.filter((_, index) => index !== 2).join('\n')), ['E-CUSTODY-GAP']);
    const jump = events.map((event) =>
      event.type === 'STORE' ? { ...event, digestBefore: 'cd'.repeat(32) } : event,
    );
    assert.deepEqual(await signed(writeCustody(jump)), ['E-CUSTODY-GAP']);
    const back = events.map((event) =>
      event.type === 'STORE' ? { ...event, at: '2025-01-01T00:00:00Z' } : event,
    );
    assert.deepEqual(await signed(writeCustody(back)), ['E-CUSTODY-GAP']);
    const reworded = writeCustody(events).replace('"type":"HASH"', '"type":"MASH"');
    assert.deepEqual(await signed(reworded), ['E-CUSTODY-GAP']);
  });

  it('refuses a packet that breaks its schema and one of another id', async () => {
    const broken = packetOf(world, { purpose: 'curiosity' });
    assert.deepEqual(await failing(await bundleOf(inputOf(broken), [world.zhang, world.li])), ['E-SCHEMA']);
    const foreign = packetOf(world, { packetId: 'urn:uuid:018f3b1e-7a00-7000-8000-0000000000ff' });
    assert.deepEqual(await failing(await bundleOf(inputOf(foreign), [world.zhang, world.li])), ['E-ID']);
  });

  describe('judges the people', () => {
    const signedBy = async (
      packet: ReturnType<typeof packetOf>,
      ...who: People['zhang'][]
    ): Promise<string[]> => failing(await bundleOf(inputOf(packet), who));

    it('a signatory who has not signed, and a signer who is no signatory', async () => {
      assert.deepEqual(await signedBy(packetOf(world), world.zhang), ['E-SIG-MISSING']);
      assert.deepEqual(await signedBy(packetOf(world), world.zhang, world.li, world.wang), [
        'E-SIG-STRANGER',
      ]);
    });

    it('a role that the registry does not give', async () => {
      const signatories = [
        signatory('HANDLER', '张三', world.zhang),
        signatory('HANDLER', '王五', world.wang),
      ];
      assert.deepEqual(await signedBy(packetOf(world, { signatories }), world.zhang, world.wang), [
        'E-SIG-ROLE',
      ]);
    });

    it('too few handlers, and one certificate in two roles', async () => {
      const one = [signatory('HANDLER', '张三', world.zhang)];
      const broken = await signedBy(packetOf(world, { signatories: one }), world.zhang);
      assert.deepEqual(broken, ['E-SCHEMA']);
      const twice = [...one, signatory('HANDLER', '张三', world.zhang)];
      assert.deepEqual(await signedBy(packetOf(world, { signatories: twice }), world.zhang), ['E-SIG-ROLE']);
    });

    it('one person with two certificates, and a person of another member', async () => {
      const again = await officer(world.authority, '张三', 'zhang');
      const signatories = [signatory('HANDLER', '张三', world.zhang), signatory('HANDLER', '张三', again)];
      const made = await bundleOf(inputOf(packetOf(world, { signatories })), [world.zhang, again]);
      const trust = await trustOf();
      const listed = await verifyBytes(made, {
        ...trust,
        registryAt: (serial, digest) => {
          const found = trust.registryAt(serial, digest);
          const registered = { member: 'regulator', roles: ['HANDLER'], nbf: 0, exp: 4e9 };
          return found === undefined ? undefined : { ...found, signer: () => registered };
        },
      });
      assert.deepEqual(failures(listed), ['E-SIG-PERSON']);
      assert.deepEqual(failures(await verifyBytes(made)), ['E-SIG-PERSON', 'E-SIG-UNREGISTERED']);
    });

    it('a signature outside the registered time', async () => {
      const early = new Date('2020-01-01T00:00:00Z');
      const made = await bundleOf(inputOf(packetOf(world)), [world.zhang, world.li], early);
      assert.ok((await failing(made)).includes('E-SIG-VALIDITY'));
    });

    it('a registry or a CA that is not trusted', async () => {
      const trust = await trustOf();
      const none = await verifyBytes(bundle, { ...trust, registryAt: () => undefined });
      assert.deepEqual(failures(none), ['E-REGISTRY']);
      const foreign = await verifyBytes(bundle, {
        ...trust,
        registryAt: (serial, digest) => ({
          signer: () => undefined,
          ...trust.registryAt(serial, digest),
          cas: [],
        }),
      });
      assert.ok(failures(foreign).includes('E-SIG-CHAIN'));
    });

    it('no signature at all, and one that stands for another manifest', async () => {
      assert.deepEqual(await failing(withFile('META-INF/signature001.p7s', () => Buffer.alloc(0))), [
        'E-SIG-FORM',
        'E-SIG-MISSING',
      ]);
      const other = await signDetached(Buffer.from('other'), world.zhang, new Date());
      const codes = await failing(withFile('META-INF/signature001.p7s', () => other));
      assert.deepEqual(codes, ['E-SIG-INVALID', 'E-SIG-MISSING']);
    });
  });

  it('tells a file that is wrong from one that cannot be read', async () => {
    const trust = await trustOf();
    const missing = await verifyBundle('/nonexistent/x.asice', trust);
    assert.deepEqual([missing.ok, missing.checked], [false, false]);
    const directory = await verifyBundle('/tmp', trust);
    assert.deepEqual([directory.ok, directory.checked], [false, false]);
    for (const bytes of [Buffer.alloc(0), Buffer.from('no archive'), bundle.subarray(0, 500)]) {
      const report = await verifyBytes(bytes);
      assert.deepEqual([report.ok, report.checked], [false, true]);
    }
  });

  it('finds every single altered byte of the file by walking the archive', async function () {
    this.timeout(60_000);
    const path = join(await mkdtemp(join(tmpdir(), 'lz-flip-')), 'x.asice');
    await writeFile(path, bundle);
    const texts = contentBytes();
    const accepted: number[] = [];
    const handle = await open(path, 'r+');
    for (const [index, byte] of bundle.entries()) {
      if (texts.has(index) && index % 29 !== 0) continue;
      await handle.write(Buffer.from([byte ^ (1 << (index % 8))]), 0, 1, index);
      const { entries, faults } = await listContainer(handle.fd, bundle.length);
      const container = { handle, size: bundle.length };
      const found = faults.length > 0 ? faults : (await scanContainer(container, entries)).faults;
      if (found.length === 0) accepted.push(index);
      await handle.write(bundle, index, 1, index);
    }
    await handle.close();
    assert.deepEqual(accepted, []);
  });

  it('finds an altered byte of any file when its CRC was made right again', async function () {
    this.timeout(60_000);
    const accepted: string[] = [];
    for (const { name, content } of files) {
      const step = Math.ceil(content.length / 6);
      for (let index = 0; index < content.length; index += step) {
        const bytes = withFile(name, (old) => {
          const copy = Buffer.from(old);
          copy[index] = (copy[index] ?? 0) ^ 1;
          return copy;
        });
        if ((await verifyBytes(bytes)).ok) accepted.push(`${name} ${String(index)}`);
      }
    }
    assert.deepEqual(accepted, []);
  });

  /** Offsets inside files; the rest, every byte of the records, is altered one by one. */
  function contentBytes(): Set<number> {
    const found = new Set<number>();
    for (const { name, content } of files) {
      const start = bundle.indexOf(content, bundle.indexOf(name, 0, 'latin1'));
      for (let index = start; index < start + content.length; index += 1) found.add(index);
    }
    return found;
  }
});
