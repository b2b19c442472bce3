import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleOf, inputOf, PACKET_ID, packetOf } from '../evidence/bundle-world.ts';
import { people } from '../pki/people.ts';

const run = promisify(execFile);

/** Installs the Library of Congress validator into a virtual environment of its own: needs Python and its registry. */
describe('bagit.py', function () {
  this.timeout(180_000);
  let directory: string;
  let validate: () => Promise<{ stderr: string }>;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lz-bagit-'));
    const venv = join(directory, 'venv');
    await run('python3', ['-m', 'venv', venv]);
    await run(join(venv, 'bin', 'pip'), ['install', '--quiet', 'bagit==1.9.0']);
    const world = await people();
    await writeFile(
      join(directory, 'x.zip'),
      await bundleOf(inputOf(packetOf(world)), [world.zhang, world.li]),
    );
    await run('python3', ['-m', 'zipfile', '-e', join(directory, 'x.zip'), directory]);
    validate = () => run(join(venv, 'bin', 'bagit.py'), ['--validate', join(directory, PACKET_ID)]);
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('finds the unpacked bag valid', async () => {
    assert.match((await validate()).stderr, /is valid/);
  });

  it('finds an altered SM3 manifest, which its SHA-256 tag manifest covers', async () => {
    await appendFile(join(directory, PACKET_ID, 'manifest-sm3.txt'), '\n');
    await assert.rejects(validate(), /manifest-sm3\.txt/);
  });
});
