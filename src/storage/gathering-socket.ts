/** A socket that sends what is written in one turn of the event loop in one system call. */
import { Socket } from 'node:net';

/**
 * The pg client writes every statement by itself; statements that are issued together then travel together.
 * Under TLS the secured stream writes past it, and nothing is gathered.
 */
export function gatheringSocket(): Socket {
  const socket = new Socket();
  // Socket.connect() puts its own write back, hence after the connection.
  socket.once('connect', () => gatherWrites(socket));
  return socket;
}

function gatherWrites(socket: Socket): void {
  const write = socket.write.bind(socket) as (...chunk: readonly unknown[]) => boolean;
  let gathering = false;
  socket.write = (...chunk: readonly unknown[]): boolean => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      process.nextTick(() => {
        gathering = false;
        socket.uncork();
      });
    }
    return write(...chunk);
  };
}
