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

/** One member's messages of one kind, one transaction at a time: what fails here delays nobody else. */
interface Lane {
  readonly waiting: Waiting[];
  running: boolean;
}

const MAX_TOGETHER = 64;
/** Of all envelopes in one transaction; a large one goes alone. */
const MAX_PAYLOAD = 256 * 1024;

export function createAcceptor(deps: InboxDeps): Acceptor {
  const lanes = new Map<string, Lane>();

  const drain = async (name: string, lane: Lane): Promise<void> => {
    lane.running = true;
    while (lane.waiting.length > 0) await acceptTogether(deps, takeTogether(lane.waiting));
    lanes.delete(name);
  };

  return async (message) => {
    const { handler, message: inbound, quotas } = message.opened;
    // Several counts in one transaction would lock rows of grants in no common order.
    if (handler.acceptTogether === undefined || quotas !== undefined) return acceptAlone(deps, message);
    const name = `${inbound.from} ${inbound.content.kind}`;
    const lane = lanes.get(name) ?? { waiting: [], running: false };
    lanes.set(name, lane);
    return new Promise((resolve, reject) => {
      lane.waiting.push({ message, resolve, reject });
      if (!lane.running) void drain(name, lane);
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
