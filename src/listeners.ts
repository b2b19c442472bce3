/** Opens and closes the two listeners of a gateway. */
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { GatewayConfig } from './config.ts';
import { GatewayError } from './core/errors.ts';
import { readPrivateFile } from './pki/private-file.ts';

const GRACE_MS = 20_000;

/** Resolves once the port is bound. Throws config.invalid. */
export function listen(
  server: Server,
  at: { readonly host: string; readonly port: number },
): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new GatewayError('config.invalid', `cannot listen on ${at.host}:${at.port}: ${cause.message}`, {
          cause,
        }),
      );
    });
    server.listen(at.port, at.host, () => resolve(server));
  });
}

/** Running requests may end; idle connections close now, the rest after the grace period. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** Key and certificate of the member plane, where it is not behind a proxy of its own. */
export async function memberTls({ memberPlane }: GatewayConfig) {
  if (memberPlane.tls === undefined) return {};
  const [key, cert] = await Promise.all([
    readPrivateFile(memberPlane.tls.key).then(String),
    readFile(memberPlane.tls.cert, 'utf8'),
  ]);
  return { tls: { key, cert } };
}
