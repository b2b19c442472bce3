/** Open sockets of the peer plane: those whose certificate the registry no longer lists are destroyed. */
import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { RegistryView } from '../../federation/registry-view.ts';
import { peerSecureContext } from '../https-options.ts';
import { registeredMember } from './checks/caller.ts';
import { connectionOf } from './connection.ts';
import type { PeerPlane } from './peer-plane.ts';

/** A registry change counts at once: new roots for new handshakes, and no open upload of a revoked certificate goes on. */
export function followRegistry(server: Server, plane: PeerPlane): void {
  const open = new Set<TLSSocket>();
  server.on('secureConnection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  plane.registry.onChange((view) => {
    server.setSecureContext(peerSecureContext(plane.tls, view.body.cas));
    for (const socket of open) if (!isListed(socket, view, plane.clock())) socket.destroy();
  });
}

function isListed(socket: TLSSocket, view: RegistryView, now: Date): boolean {
  try {
    registeredMember(connectionOf(socket), view, now);
    return true;
  } catch {
    return false;
  }
}
