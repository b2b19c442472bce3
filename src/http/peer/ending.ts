/** Connections on which the last answer is under way: whatever bytes still come are nobody's request. */
import type { Duplex } from 'node:stream';

const ending = new WeakSet<Duplex>();

/** True for the first who ends it: the parser and the checks may both stumble over one request, and it is one refusal. */
export function endConnection(socket: Duplex): boolean {
  if (ending.has(socket)) return false;
  ending.add(socket);
  return true;
}
