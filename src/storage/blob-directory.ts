/** What the blob store does to directories: sync, measure, clear what a crash left behind. */
import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A rename is durable only once its directory is. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function directorySize(path: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) total += await directorySize(inside);
    else if (!entry.name.endsWith('.sm3')) total += (await stat(inside).catch(() => ({ size: 0 }))).size;
  }
  return total;
}

/** Uploads are named `<pid>.<random>`; those of processes that are gone can never finish. */
export async function sweepIncoming(path: string): Promise<void> {
  for (const name of await readdir(path)) {
    if (!isAlive(Number(name.split('.')[0]))) await rm(join(path, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  // A restarted container often gets its old pid again: at open, our own pid owns nothing yet.
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
