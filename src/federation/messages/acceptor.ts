/** Messages of one member that arrive while its transactions are under way share the next one. */
import { acceptMessages, type Acceptable } from '../accept-messages.ts';
import type { InboxDeps } from '../inbox.ts';

/** Resolves after the commit with the canonical JSON of the handler's result; rejects with why it is refused. */
export type Acceptor = (message: Acceptable) => Promise<string | null>;

interface Waiting {
  readonly message: Acceptable;
  readonly resolve: (result: string | null) => void;
  readonly reject: (error: unknown) => void;
}

/** One member's messages of one kind: what fails here delays nobody else. */
interface Lane {
  readonly waiting: Waiting[];
  running: number;
}

/** One commits while the other gathers. */
const TRANSACTIONS_PER_LANE = 1;
const MAX_TOGETHER = 64;
/** Of all envelopes in one transaction; a large one goes alone. */
const MAX_PAYLOAD = 256 * 1024;

export function createAcceptor(deps: InboxDeps): Acceptor {
  const lanes = new Map<string, Lane>();

  const drain = async (name: string, lane: Lane): Promise<void> => {
    lane.running += 1;
    while (lane.waiting.length > 0) await acceptTogether(deps, takeTogether(lane.waiting));
    lane.running -= 1;
    if (lane.running === 0) lanes.delete(name);
  };

  return async (message) => {
    const { handler, message: inbound } = message.opened;
    if (handler.acceptTogether === undefined) return acceptAlone(deps, message);
    const name = `${inbound.from} ${inbound.content.kind}`;
    const lane = lanes.get(name) ?? { waiting: [], running: 0 };
    lanes.set(name, lane);
    return new Promise((resolve, reject) => {
      lane.waiting.push({ message, resolve, reject });
      if (lane.running < TRANSACTIONS_PER_LANE) void drain(name, lane);
    });
  };
}

async function acceptAlone(deps: InboxDeps, message: Acceptable): Promise<string | null> {
  return (await acceptMessages(deps, [message]))[0] ?? null;
}

function takeTogether(waiting: Waiting[]): Waiting[] {
  let count = 0;
  let bytes = 0;
  for (const { message } of waiting.slice(0, MAX_TOGETHER)) {
    bytes += message.opened.message.sealed.payload.length;
    if (count > 0 && bytes > MAX_PAYLOAD) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

/** Never rejects. One bad message must not refuse its neighbours: after a failure each is tried alone. */
async function acceptTogether(deps: InboxDeps, together: readonly Waiting[]): Promise<void> {
  try {
    const results = await acceptMessages(
      deps,
      together.map(({ message }) => message),
    );
    together.forEach(({ resolve }, i) => resolve(results[i] ?? null));
  } catch (error) {
    if (together.length === 1) return together[0]?.reject(error);
    for (const { message, resolve, reject } of together)
      await acceptAlone(deps, message).then(resolve, reject);
  }
}
