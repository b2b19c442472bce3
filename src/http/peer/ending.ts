/** Connections on which the last answer is under way: whatever bytes still come are nobody's request. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const ending = new WeakSet<object>();

/** True for the first who ends it: the parser and the checks may both stumble over one request, and it is one refusal. */
export function claimEnd(on: Duplex | IncomingMessage): boolean {
  // A request whose body was given up has lost its socket: then it is the first.
  const socket = 'socket' in on ? ((on.socket as Duplex | null) ?? on) : on;
  if (ending.has(socket)) return false;
  ending.add(socket);
  return true;
}
