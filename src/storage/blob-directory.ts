/** What the blob store does to directories: sync, measure, clear what a crash left behind. */
import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
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

/** Of this machine or container: process numbers say nothing beyond it. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 12);
/** An upload writes all the time; one that has rested so long is nobody's. */
const ABANDONED_MS = 24 * 3_600_000;

/** A new name for an upload of this process. */
export function incomingName(): string {
  return `${HOST}.${process.pid}.${randomBytes(12).toString('hex')}`;
}

/**
 * Removes uploads that can never finish: of processes of this host that are gone, and what has rested for a day.
 * Several hosts may share the directory.
 */
export async function sweepIncoming(path: string): Promise<void> {
  for (const name of await readdir(path)) {
    const file = join(path, name);
    const [host, pid] = name.split('.');
    const isGone = host === HOST ? !isAlive(Number(pid)) : await isAbandoned(file);
    if (isGone) await rm(file, { force: true });
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS;
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
