/** Messages of one member that arrive while its transactions are under way share the next one. */
import { Gathering } from '../../core/gathering.ts';
import { acceptMessages, type Acceptable } from './accept-messages.ts';
import type { InboxDeps } from '../inbox.ts';

/** Resolves after the commit with the canonical JSON of the handler's result; rejects with why it is refused. */
export type Acceptor = (message: Acceptable) => Promise<string | null>;

const MAX_TOGETHER = 64;
/** Of all envelopes in one transaction; a large one goes alone. */
const MAX_PAYLOAD = 256 * 1024;

export function createAcceptor(deps: InboxDeps): Acceptor {
  // One member's messages of one kind, one transaction at a time: what fails here delays nobody else.
  const lanes = new Map<string, Gathering<Acceptable, string | null>>();
  const gathered = {
    take: countTogether,
    work: (messages: readonly Acceptable[]) => acceptTogether(deps, messages),
  };

  return async (message) => {
    const { handler, message: inbound, quotas } = message.opened;
    // Several counts in one transaction would lock rows of grants in no common order.
    if (handler.acceptTogether === undefined || quotas !== undefined) return acceptAlone(deps, message);
    const name = `${inbound.from} ${inbound.content.kind}`;
    const lane = lanes.get(name) ?? new Gathering(gathered);
    lanes.set(name, lane);
    return lane.add(message);
  };
}

async function acceptAlone(deps: InboxDeps, message: Acceptable): Promise<string | null> {
  return (await acceptMessages(deps, [message]))[0] ?? null;
}

function countTogether(waiting: readonly Acceptable[]): number {
  let count = 0;
  let bytes = 0;
  for (const { opened } of waiting.slice(0, MAX_TOGETHER)) {
    bytes += opened.message.sealed.payload.length;
    if (count > 0 && bytes > MAX_PAYLOAD) break;
    count += 1;
  }
  return count;
}

/** One bad message must not refuse its neighbours: after a failure each is tried alone. */
async function acceptTogether(
  deps: InboxDeps,
  messages: readonly Acceptable[],
): Promise<readonly (string | null | Promise<string | null>)[]> {
  try {
    return await acceptMessages(deps, messages);
  } catch (error) {
    if (messages.length === 1) throw error;
    return messages.map((message) => acceptAlone(deps, message));
  }
}
