/** Open sockets of the peer plane: those whose certificate does not count any more are destroyed; old identities run out. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { x5t } from '../../pki/thumbprint.ts';
import { peerSecureContext } from '../https-options.ts';
import { registeredMember } from './checks/caller.ts';
import { connectionOf } from './connection.ts';
import type { PeerPlane } from './peer-plane.ts';
import type { RunningExchanges } from './running-exchanges.ts';

/** A certificate or a key may reach its end between two changes of the registry. */
const SWEEP_MS = 1_000;

/** A registry change counts at once: new roots for new handshakes, and no open upload of a revoked certificate goes on. */
export function followRegistry(server: Server, plane: PeerPlane, running: RunningExchanges): void {
  /** Whether the certificate has counted since: one that never did gets its refusals instead, and can do nothing. */
  const open = new Map<TLSSocket, boolean>();
  server.on('secureConnection', (socket) => {
    open.set(socket, isListed(socket, plane));
    socket.once('close', () => open.delete(socket));
  });
  const sweep = (): void => {
    for (const [socket, counted] of open) {
      const counts = isListed(socket, plane);
      if (counted && !counts) socket.destroy();
      else if (counts) open.set(socket, true);
    }
    running.judge();
  };
  const renew = (): void =>
    server.setSecureContext(peerSecureContext(plane.tls, plane.registry.current().body.cas));
  plane.registry.onChange(() => {
    renew();
    sweep();
  });
  plane.tls.onChange?.(renew);
  endOldConnections(server, plane);
  const sweeping = setInterval(sweep, SWEEP_MS).unref();
  server.once('close', () => clearInterval(sweeping));
}

/** A connection that shows our old certificate ends with its next answer, so that nobody is cut off when it is delisted. */
function endOldConnections(server: Server, { tls }: PeerPlane): void {
  let own = x5t(tls.cert);
  tls.onChange?.(() => (own = x5t(tls.cert)));
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    try {
      if (connectionOf(request.socket).own !== own) response.shouldKeepAlive = false;
    } catch {
      // Who shows no certificate is refused by the first check.
    }
  });
}

function isListed(socket: TLSSocket, { registry, clock }: PeerPlane): boolean {
  try {
    registeredMember(connectionOf(socket), registry.current(), clock());
    return true;
  } catch {
    return false;
  }
}
