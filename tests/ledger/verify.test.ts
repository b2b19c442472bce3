import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointText, readCheckpoint } from '../../src/ledger/notes/checkpoint.ts';
import { signNote } from '../../src/ledger/notes/note.ts';
import { withLength } from '../../src/ledger/serving/source.ts';
import { leafHash } from '../../src/ledger/tree/merkle.ts';
import { TILE_WIDTH, tileAt, tilePath } from '../../src/ledger/tree/tiles.ts';
import { verifyLedgers, type LedgerTrust } from '../../src/ledger/verify.ts';
import { draft, ledgerKey, offer } from './drafts.ts';
import { SyntheticLog } from './synthetic-log.ts';

const SIZE = 600;

describe('offline verification', () => {
  const log = new SyntheticLog('bank-a');
  let directory: string;
  let trust: LedgerTrust;

  before(() => {
    const drafts = Array.from({ length: SIZE }, (_, i) => (i % 3 === 0 ? offer(`peer-${i % 2}`) : draft()));
    log.append(...drafts);
    trust = { ledgers: [log.trusted()], registryDigests: new Map([[1, 'ab'.repeat(32)]]) };
  });
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'lianzheng-ledger-'));
    await log.export(directory);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const fileOf = (level: number | 'entries', index: number, size = SIZE): string => {
    const tile = tileAt(level, Math.floor(index / TILE_WIDTH), size);
    assert.ok(tile);
    return join(directory, tilePath(tile));
  };

  /** Rewrites the bundle that holds `index`. */
  function editBundle(index: number, edit: (bodies: string[], at: number) => void): void {
    const start = index - (index % TILE_WIDTH);
    const bodies = log.bodies.slice(start, start + TILE_WIDTH);
    edit(bodies, index % TILE_WIDTH);
    writeFileSync(fileOf('entries', index), Buffer.concat(bodies.map(withLength)));
  }

  function editHash(level: number, index: number, hash: Buffer): void {
    const bytes = readFileSync(fileOf(level, index));
    hash.copy(bytes, (index % TILE_WIDTH) * 32);
    writeFileSync(fileOf(level, index), bytes);
  }

  async function failures(): Promise<string[]> {
    const report = await verifyLedgers([directory], trust);
    assert.equal(report.ok, false);
    assert.equal(report.checked, true);
    return report.ledgers[0]?.failures.map(({ class: name, index }) => `${name} ${index ?? '-'}`) ?? [];
  }

  it('accepts a whole ledger and reports its size and root', async () => {
    const seen: number[] = [];
    const report = await verifyLedgers([directory], trust, { onProgress: ({ done }) => seen.push(done) });
    assert.deepEqual(report.ledgers[0]?.failures, []);
    assert.equal(report.ok, true);
    const { root } = readCheckpoint(readFileSync(join(directory, 'checkpoint'), 'utf8'));
    assert.equal(report.ledgers[0].root, root.toString('hex'));
    assert.equal(report.ledgers[0].size, SIZE);
    assert.equal(seen.at(-1), SIZE);
  });

  it('accepts the empty ledger and every size around a tile', async () => {
    for (const size of [0, 1, 2, 255, 256, 257]) {
      const small = new SyntheticLog('bank-a');
      if (size > 0) small.append(...Array.from({ length: size }, () => offer('peer-1')));
      const target = join(directory, String(size));
      await small.export(target);
      const report = await verifyLedgers([target], { ...trust, ledgers: [small.trusted()] });
      assert.equal(report.ok, true, JSON.stringify(report));
    }
  });

  for (const index of [0, 1, 255, 256, 300, SIZE - 1]) {
    it(`names entry ${index} when its body was edited`, async () => {
      editBundle(index, (bodies, at) => {
        bodies[at] = bodies[at]?.replace('"actor":"system"', '"actor":"nobody"') ?? '';
      });
      assert.deepEqual(await failures(), [`entry-altered ${index}`]);
    });

    it(`names entry ${index} when its leaf hash in the tile was edited`, async () => {
      editHash(0, index, leafHash('other'));
      assert.deepEqual(await failures(), [`tile-mismatch ${index}`]);
    });

    it(`names entry ${index} when body and leaf hash were edited consistently`, async () => {
      let leaf: Buffer = Buffer.alloc(0);
      editBundle(index, (bodies, at) => {
        bodies[at] = bodies[at]?.replace('"actor":"system"', '"actor":"nobody"') ?? '';
        leaf = leafHash(bodies[at]);
      });
      editHash(0, index, leaf);
      const found = await failures();
      assert.ok(found.includes('root-mismatch -'), found.join());
      if (index < SIZE - 1) assert.ok(found.includes(`chain-broken ${index + 1}`), found.join());
    });
  }

  it('names a deleted entry in the middle', async () => {
    editBundle(300, (bodies, at) => bodies.splice(at, 1));
    assert.equal((await failures())[0], 'gap 300');
  });

  it('names a deleted entry although tile and counters were mended', async () => {
    const cut = new SyntheticLog('bank-a');
    // The administrator rebuilds everything below the signed checkpoint, and numbers as before.
    cut.append(...Array.from({ length: SIZE - 1 }, () => draft()));
    rmSync(join(directory, 'tile'), { recursive: true });
    await cut.export(directory);
    const note = await log.source().checkpoint();
    writeFileSync(join(directory, 'checkpoint'), note);
    const found = await failures();
    assert.ok(found.includes(`gap ${SIZE - 1}`), found.join());
    assert.ok(found.includes('root-mismatch -'), found.join());
  });

  it('names the first entry that a truncated tail lacks', async () => {
    const cutAt = 590;
    const shorter = tileAt('entries', 2, cutAt);
    assert.ok(shorter);
    const bundle = Buffer.concat(log.bodies.slice(512, cutAt).map(withLength));
    rmSync(fileOf('entries', 512));
    writeFileSync(join(directory, tilePath(shorter)), bundle);
    assert.deepEqual(await failures(), [`gap ${cutAt}`]);
  });

  it('names a missing bundle, and gives up at the end of what is there', async () => {
    rmSync(fileOf('entries', 256));
    assert.equal((await failures())[0], 'gap 256');
    rmSync(fileOf(0, 256));
    assert.equal((await failures())[0], 'gap 256');
    const huge = checkpointText({ origin: log.origin, size: 2 ** 50, root: Buffer.alloc(32) });
    writeFileSync(join(directory, 'checkpoint'), signNote(huge, log.key));
    assert.ok((await failures()).includes('gap 256'));
  });

  it('names swapped entries', async () => {
    editBundle(300, (bodies, at) => bodies.splice(at, 2, bodies[at + 1] ?? '', bodies[at] ?? ''));
    const found = await failures();
    assert.equal(found[0], 'gap 300');
    assert.ok(found.includes('entry-altered 300'), found.join());
    assert.ok(found.includes('chain-broken 300'), found.join());
  });

  it('names an entry that is not canonical or has an unknown member', async () => {
    editBundle(10, (bodies, at) => (bodies[at] = ` ${bodies[at]}`));
    assert.equal((await failures())[0], 'entry-altered 10');
    editBundle(10, (bodies, at) => (bodies[at] = bodies[at]?.replace('"v":1}', '"v":1,"x":1}') ?? ''));
    assert.equal((await failures())[0], 'entry-altered 10');
  });

  it('names bytes that are no UTF-8, even when the operator signed them', async () => {
    const entry = Buffer.from(log.bodies[0] ?? '');
    entry[entry.indexOf('system')] = 0xff;
    const target = join(directory, 'one');
    mkdirSync(join(target, 'tile/entries/000.p'), { recursive: true });
    mkdirSync(join(target, 'tile/0/000.p'), { recursive: true });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.length);
    writeFileSync(join(target, 'tile/entries/000.p/1'), Buffer.concat([length, entry]));
    writeFileSync(join(target, 'tile/0/000.p/1'), leafHash(entry));
    const text = checkpointText({ origin: log.origin, size: 1, root: leafHash(entry) });
    writeFileSync(join(target, 'checkpoint'), signNote(text, log.key));
    const report = await verifyLedgers([target], trust);
    assert.deepEqual(
      report.ledgers[0]?.failures.map((f) => `${f.class} ${f.index}`),
      ['entry-altered 0'],
    );
  });

  it('names an act with a peer that the operator left out before signing', async () => {
    const peer = { peer: 'peer-1', dir: 'out' as const };
    const made = async (n: number, leaf: string): Promise<string[]> => {
      const own = new SyntheticLog('bank-a');
      const first = own.append(offer('peer-1'));
      own.pretendPair({ ...peer, n, leaf: Buffer.from(leaf === '' ? first.leaf : leaf, 'hex') });
      own.append(offer('peer-1'), draft());
      const target = await own.export(join(directory, `${n}-${leaf}`));
      const report = await verifyLedgers([target], { ...trust, ledgers: [own.trusted()] });
      return report.ledgers[0]?.failures.map((f) => `${f.class} ${f.index ?? '-'}`) ?? [];
    };
    assert.deepEqual(await made(1, ''), []);
    assert.deepEqual(await made(2, ''), ['gap 1']);
    assert.deepEqual(await made(0, ''), ['chain-broken 1']);
    assert.deepEqual(await made(1, 'ab'.repeat(32)), ['chain-broken 1']);
  });

  it('names an entry of another member', async () => {
    const [trusted] = trust.ledgers;
    assert.ok(trusted);
    const other = { ...trust, ledgers: [{ ...trusted, member: 'bank-z' }] };
    const report = await verifyLedgers([directory], other);
    assert.equal(report.ledgers[0]?.failures[0]?.class, 'entry-altered');
  });

  it('names a hash of a higher tile that is not that of the tree', async () => {
    editHash(1, 1, leafHash('other'));
    assert.deepEqual(await failures(), ['tile-mismatch 256']);
    rmSync(fileOf(1, 0));
    assert.deepEqual(await failures(), ['tile-mismatch 0']);
  });

  it('names bytes smuggled in behind the last entry of a bundle', async () => {
    const bytes = readFileSync(fileOf('entries', 0));
    writeFileSync(fileOf('entries', 0), Buffer.concat([bytes, Buffer.of(0)]));
    assert.deepEqual(await failures(), ['tile-mismatch 0']);
  });

  it('names a checkpoint whose root is not that of the entries', async () => {
    const text = checkpointText({ origin: log.origin, size: SIZE, root: leafHash('other') });
    writeFileSync(join(directory, 'checkpoint'), signNote(text, log.key));
    assert.deepEqual(await failures(), ['root-mismatch -']);
  });

  it('names a checkpoint that no trusted key signed, or that is no note', async () => {
    const note = readFileSync(join(directory, 'checkpoint'), 'utf8');
    const forged = signNote(note.slice(0, note.indexOf('\n\n') + 1), ledgerKey(log.origin));
    writeFileSync(join(directory, 'checkpoint'), forged);
    assert.deepEqual(await failures(), ['signature -']);
    writeFileSync(join(directory, 'checkpoint'), note.replace('\n\n', '\n'));
    assert.deepEqual(await failures(), ['signature -']);
    writeFileSync(join(directory, 'checkpoint'), note);
    trust = { ...trust, ledgers: [] };
    assert.deepEqual(await failures(), ['signature -']);
    trust = { ...trust, ledgers: [log.trusted()] };
  });

  it('names a key that was not registered when the last entry was made', async () => {
    const { vkey } = log.key;
    const at = (nbf: string, exp: string) => ({ ...log.trusted(), vkeys: [{ vkey, nbf, exp }] });
    trust = { ...trust, ledgers: [at('2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z')] };
    assert.deepEqual(await failures(), ['key-not-valid-then -']);
    trust = { ...trust, ledgers: [at('2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z')] };
    assert.equal((await verifyLedgers([directory], trust)).ok, true);
    trust = { ...trust, ledgers: [log.trusted()] };
  });

  it('names an entry made under another registry than the alliance published', async () => {
    trust = { ...trust, registryDigests: new Map([[1, 'cd'.repeat(32)]]) };
    assert.deepEqual(await failures(), ['fork 0']);
    trust = { ...trust, registryDigests: new Map() };
    assert.equal((await verifyLedgers([directory], trust)).ok, true);
  });

  it('says that a directory it cannot read was not checked', async () => {
    const report = await verifyLedgers([directory, join(directory, 'nowhere')], trust);
    assert.equal(report.checked, false);
    assert.equal(report.ok, false);
    assert.match(report.ledgers[1]?.problem ?? '', /ENOENT/);
    assert.deepEqual(report.ledgers[0]?.failures, []);
  });
});
