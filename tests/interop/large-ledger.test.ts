import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEMBER, offer } from '../ledger/drafts.ts';
import { SyntheticLog } from '../ledger/synthetic-log.ts';
import { foreignVerifiers } from './foreign-verifiers.ts';
import { flip } from './spoilings.ts';

/** Three levels of tiles, and more than a thousand tiles in the lowest. */
const SIZE = 256_300;
const TILES = 1002 + 4 + 1;

describe('large exported ledger', function () {
  this.timeout(300_000);
  let home: string;
  let vkey: string;
  let exported: string;

  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'lz-large-'));
    const log = new SyntheticLog(MEMBER);
    for (let i = 0; i < SIZE; i += 100) log.append(...Array.from({ length: 100 }, () => offer('bank-b')));
    exported = await log.export(join(home, 'ledger'));
    vkey = log.key.vkey;
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  for (const { name, prepare } of foreignVerifiers) {
    it(`is true to ${name}, and refused when its highest tile was altered`, async () => {
      const verify = await prepare(mkdtempSync(join(home, 'work-')));
      const { stdout, stderr } = await verify(['--log', vkey, exported]);
      assert.match(stdout, new RegExp(`tree: ${SIZE} entries and ${TILES} hash tiles give the root`), stderr);
      flip(join(exported, 'tile/2/000.p/3'), 0);
      const refused = await verify(['--log', vkey, exported]);
      flip(join(exported, 'tile/2/000.p/3'), 0);
      assert.equal(refused.exitCode, 1);
      assert.match(refused.stderr, /tile\/2\/000\.p\/3: hash 0\b/);
    });
  }
});
