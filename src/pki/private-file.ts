/** Files that hold private keys: made 0600, synced, never overwritten, refused when others may read them. */
import { open, readFile, rm, stat } from 'node:fs/promises';
import { GatewayError } from '../core/errors.ts';

/** Throws `pki.key-invalid` when the file exists: a key that was overwritten is lost. */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    throw new GatewayError('pki.key-invalid', `cannot create ${path}; a key file is never overwritten`, {
      cause,
    });
  });
  try {
    await handle.writeFile(content);
    await handle.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** Throws `pki.key-invalid` when the file is missing or its mode lets group or others in. */
export async function readPrivateFile(path: string): Promise<Buffer> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new GatewayError('pki.key-invalid', `cannot read ${path}`, { cause });
  });
  if ((found.mode & 0o077) !== 0) {
    throw new GatewayError('pki.key-invalid', `${path} may be read by others; run: chmod 600 ${path}`);
  }
  return readFile(path);
}
