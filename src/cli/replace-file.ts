/** Writes a file so that readers and a crash see the old one or the new one, never half of it. */
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = await writeAside(path, text);
  await rename(temporary, path);
  await syncDirectory(path);
}

/** False when the file was there already: it is left as it is. */
export async function createFile(path: string, text: string): Promise<boolean> {
  const temporary = await writeAside(path, text);
  try {
    // A link, unlike a rename, does not take the place of what another process has just put there.
    await link(temporary, path);
    await syncDirectory(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeAside(path: string, text: string): Promise<string> {
  const temporary = `${path}.${process.pid}.new`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return temporary;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
