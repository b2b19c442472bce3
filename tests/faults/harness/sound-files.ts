/** Every file of a blob store is whole, has the digest it is named by, and somebody's row knows it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FaultWorld } from './fault-world.ts';
import { MEMBERS, type Member } from './found-world.ts';

export async function assertFilesSound(world: FaultWorld): Promise<void> {
  for (const member of MEMBERS) {
    const { dir } = world.place(member).config.blobs;
    const files = filesBelow(join(dir, 'blobs')).filter((path) => !path.endsWith('.sm3'));
    for (const path of files)
      assert.equal(await digestOf(path), basename(path), `${member}: a file differs from its digest`);
    assert.deepEqual(filesBelow(join(dir, 'quarantine')), [], `${member}: a pull left its file behind`);
    await assertReceived(world, member, new Set(files.map((path) => basename(path))));
  }
}

/** A packet that counts as received has its bundle; a rejected or failed one says why. */
async function assertReceived(world: FaultWorld, member: Member, files: ReadonlySet<string>): Promise<void> {
  const { rows } = await world.asAdministrator(member, (db) =>
    db.query<{ id: string; state: string; reason: string | null; sha256: string }>(
      'SELECT packet_id AS id, state, reason, bundle_sha256 AS sha256 FROM packet_inbound',
    ),
  );
  for (const { id, state, reason, sha256 } of rows) {
    if (state === 'received' || state === 'receipted')
      assert.ok(files.has(sha256), `${id}: its bundle is missing`);
    else assert.ok(reason !== null, `${id} is ${state} without a reason`);
  }
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
