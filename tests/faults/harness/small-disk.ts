/** A disk of a few MiB: a tmpfs with a size, which only root may mount. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';

export interface SmallDisk {
  readonly path: string;
  free(): number;
  /** Takes space until only so many bytes are left. */
  fill(leaveBytes: number): void;
  /** Gives back what `fill` took. */
  clear(): void;
  remove(): void;
}

/** Undefined where mounting is not permitted: the experiment is skipped with a word then. */
export function mountSmallDisk(mebibytes: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'lianzheng-disk-'));
  const options = `size=${mebibytes}m,mode=0755`;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'lianzheng-faults', path]);
  if (mounted.status !== 0) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  // Lazily: whoever still has a file open there must not keep the mount alive.
  const unmount = (): void => {
    spawnSync('umount', ['-l', path]);
    rmSync(path, { recursive: true, force: true });
  };
  const forget = atExit(unmount);
  const ballast = join(path, 'ballast');
  const free = (): number => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
  return {
    path,
    free,
    fill: (leaveBytes) => {
      try {
        writeFileSync(ballast, Buffer.alloc(Math.max(0, free() - leaveBytes), 1), { flag: 'a' });
      } catch (error) {
        // Somebody else took the rest meanwhile.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    clear: () => rmSync(ballast, { force: true }),
    remove: () => {
      forget();
      unmount();
    },
  };
}
