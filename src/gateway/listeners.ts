/** Opens and closes the two listeners of a gateway. */
import { readFile } from 'node:fs/promises';
import type { Server, ServerResponse } from 'node:http';
import type { GatewayConfig } from '../config.ts';
import { GatewayError } from '../core/errors.ts';
import { peerLimitsOf } from './limits.ts';
import { readPrivateFile } from '../pki/private-file.ts';

const GRACE_MS = 20_000;
const IDLE_LOOK_MS = 50;

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

/** Once a stop is announced every answer asks its caller to connect elsewhere, so that no request meets a closing socket. */
export function sendAwayOnStop<S extends Server>(server: S, stop: { readonly stopping: boolean }): S {
  const mark = (_request: unknown, response: ServerResponse): void => {
    if (stop.stopping) response.shouldKeepAlive = false;
  };
  return server.prependListener('request', mark).prependListener('checkContinue', mark);
}

/** Running requests may end; idle connections close now and as soon as they are, the rest after the grace period. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
    const force = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}

export function memberUrlOf({ memberPlane: { tls, host, port } }: GatewayConfig): string {
  return `${tls === undefined ? 'http' : 'https'}://${host}:${port}`;
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

/** What the configuration may change of the peer plane's defaults. */
export function peerSettings(config: GatewayConfig) {
  const { allowedSkewSeconds } = config.peer;
  return {
    limits: peerLimitsOf(config),
    ...(allowedSkewSeconds === undefined ? {} : { allowedSkewSeconds }),
  };
}
