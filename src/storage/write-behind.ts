/** Starts syncing a file while it is still being written, so that the last sync finds little left to do. */
import type { FileHandle } from 'node:fs/promises';

export interface WriteBehind {
  wrote(bytes: number): void;
  /** Waits for the sync under way; throws when one failed. To be called before the file is closed. */
  settle(): Promise<void>;
}

const STEP_BYTES = 32 * 1024 * 1024;

export function createWriteBehind(handle: FileHandle): WriteBehind {
  let unsynced = 0;
  let failure: { readonly error: unknown } | undefined;
  let running: Promise<void> | undefined;
  const sync = async (): Promise<void> => {
    try {
      await handle.datasync();
    } catch (error) {
      // The kernel reports a lost write once: who syncs last must not take the file for whole.
      failure ??= { error };
    } finally {
      running = undefined;
    }
  };
  return {
    wrote: (bytes) => {
      unsynced += bytes;
      if (unsynced < STEP_BYTES || running !== undefined) return;
      unsynced = 0;
      running = sync();
    },
    settle: async () => {
      await running;
      if (failure !== undefined) throw failure.error;
    },
  };
}
