/** A wire between gateway and PostgreSQL that stops at one step of the sequencer's next batch. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What does not pass any more: the batch's statement, its COMMIT, or the answer to that. */
export type BatchStep = 'write' | 'commit' | 'answer';

export interface BatchProxy {
  readonly url: string;
  /** Resolves when the next batch stands at `step`; everything before that has been done by the server. */
  holdAt(step: BatchStep): Promise<void>;
  /** Cuts every connection; new ones pass. */
  cut(): void;
  close(): Promise<void>;
}

/** Simple query message: 'Q', length 4 + 6 + 1, text, NUL. */
const COMMIT = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1');
const WRITE = 'ledger_write_batch';

interface Hold {
  readonly step: BatchStep;
  readonly reached: () => void;
}

export async function batchProxy(databaseUrl: string): Promise<BatchProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let hold: Hold | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => (client.destroy(), upstream.destroy()));
    }
    passBatches({ client, upstream, take: () => [hold, (hold = undefined)][0] });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = Object.assign(new URL(databaseUrl), { port: String((server.address() as AddressInfo).port) });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: url.href,
    cut,
    holdAt: (step) => new Promise((reached) => (hold = { step, reached })),
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Wire {
  readonly client: Socket;
  readonly upstream: Socket;
  /** The hold that waits for a batch, once. */
  readonly take: () => Hold | undefined;
}

function passBatches({ client, upstream, take }: Wire): void {
  /** Of a batch that is held: its bytes from the write to COMMIT, which ends them. */
  let kept: Buffer[] = [];
  let held: Hold | undefined;
  let isDeaf = false;
  client.on('data', (bytes) => {
    if (held === undefined && bytes.includes(WRITE)) held = take();
    if (held === undefined) return upstream.write(bytes);
    kept.push(bytes);
    const batch = Buffer.concat(kept);
    if (!batch.subarray(-COMMIT.length).equals(COMMIT)) return;
    kept = [];
    if (held.step === 'write') return held.reached();
    if (held.step === 'answer') isDeaf = true;
    upstream.write(held.step === 'answer' ? batch : batch.subarray(0, -COMMIT.length));
  });
  upstream.on('data', (bytes) => {
    if (held === undefined) return client.write(bytes);
    // The server has done what it was sent: the write, or the COMMIT too.
    if (held.step === 'commit' || (isDeaf && bytes.includes('COMMIT\0'))) held.reached();
  });
}
