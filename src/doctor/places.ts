/** Where the gateway writes and listens: blob directory, disk, ports. */
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { existsSync } from 'node:fs';
import type { GatewayConfig } from '../config.ts';
import { examined, fail, ok, warn, type Finding } from './finding.ts';

export async function examinePlaces(config: GatewayConfig): Promise<readonly Finding[]> {
  const remedy = 'make it, owned by the user that runs the gateway';
  return [
    ...(await examined('blobs', remedy, () => examineBlobs(config.blobs))),
    await examinePort('peer port', config.peer),
    await examinePort('member port', config.memberPlane),
  ];
}

async function examineBlobs({ dir, reserveBytes = 0 }: GatewayConfig['blobs']): Promise<readonly Finding[]> {
  // The gateway makes the directory itself: then its parent must let it.
  const place = existsSync(dir) ? dir : dirname(dir);
  await access(place, constants.R_OK | constants.W_OK | constants.X_OK);
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const message = `${dir} is writable, ${gigabytes(free)} free, ${gigabytes(reserveBytes)} in reserve`;
  if (free < reserveBytes) return [fail('blobs', message, 'free space, or lower blobs.reserveBytes')];
  if (free < 2 * reserveBytes) return [warn('blobs', message, 'free space soon')];
  return [ok('blobs', message)];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

/** Taken for a moment when it is free; one in use is the running gateway's, as far as can be seen from here. */
function examinePort(check: string, { host, port }: { host: string; port: number }): Promise<Finding> {
  const where = `${host}:${port}`;
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        return resolve(ok(check, `${where} is in use, by the gateway if it runs`));
      resolve(
        fail(
          check,
          `cannot listen on ${where}: ${error.code ?? error.message}`,
          'set another host or port, or allow it',
        ),
      );
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => resolve(ok(check, `${where} is free`)));
    });
  });
}
