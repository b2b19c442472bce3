/** Keeps refused requests as `lianzheng diagnose` reads them. They hold tokens and bodies: off unless asked for, and few. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RefusedCall } from '../http/peer/observe.ts';

export interface CaptureOptions {
  readonly directory: string;
  readonly onFull: (directory: string) => void;
  readonly onError: (error: unknown) => void;
  /** Most files in the directory, those of earlier runs included; default 100, of 1.5 MB at most each. */
  readonly limit?: number;
}

const LIMIT = 100;

/** Returns what takes refusals; it never throws, and waits for no disk. */
export async function keepCaptures(options: CaptureOptions): Promise<(refused: RefusedCall) => void> {
  const { directory, limit = LIMIT, onFull, onError } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  let kept = (await readdir(directory)).length;
  return (refused) => {
    if (kept > limit) return;
    kept += 1;
    if (kept > limit) return onFull(directory);
    const { at, code, correlationId } = refused;
    const name = `${at.toISOString().replaceAll(':', '')}-${code}-${correlationId}.json`;
    writeFile(join(directory, name), JSON.stringify(captureOf(refused)), { mode: 0o600, flag: 'wx' }).catch(
      onError,
    );
  };
}

function captureOf({ at, rawHeaders, body, certificate, ...refused }: RefusedCall): object {
  const headers = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? '']] : []));
  return {
    ...refused,
    at: at.toISOString(),
    headers,
    body: body?.toString('base64') ?? null,
    ...(certificate === undefined ? {} : { clientCertificate: certificate }),
  };
}
