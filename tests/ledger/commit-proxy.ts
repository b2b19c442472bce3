/** A wire between gateway and PostgreSQL that can lose the answer to one COMMIT, or go dead under the sequencer. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CommitProxy {
  readonly url: string;
  /** The COMMIT of the next batch that wrote something (or of any work) reaches the server, its answer does not come back. */
  arm(): void;
  dropped(): number;
  /** Connections that wrote batches pass on nothing more and are not closed: so it looks when the server's machine is gone. */
  vanish(): void;
  close(): Promise<void>;
}

/** Simple query message: 'Q', length 4 + 6 + 1, text, NUL. */
const COMMIT = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1');

export async function answerlessCommits(
  databaseUrl: string,
  of: 'batch' | 'anything' = 'batch',
): Promise<CommitProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isArmed = false;
  let dropped = 0;
  const batching = new Set<() => void>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let isDeaf = false;
    let isGone = false;
    const vanish = (): void => void (isGone = true);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => (client.destroy(), upstream.destroy(), batching.delete(vanish)));
    }
    let hasWritten = of === 'anything';
    client.on('data', (bytes) => {
      if (isGone) return false;
      if (bytes.includes('ledger_write_batch')) {
        hasWritten = true;
        batching.add(vanish);
      }
      if (!bytes.includes(COMMIT)) return upstream.write(bytes);
      if (isArmed && hasWritten) {
        isArmed = false;
        isDeaf = true;
        dropped += 1;
      }
      hasWritten = of === 'anything';
      return upstream.write(bytes);
    });
    upstream.on('data', (bytes) => isGone || (isDeaf ? client.destroy() : client.write(bytes)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    arm: () => (isArmed = true),
    dropped: () => dropped,
    vanish: () => {
      for (const vanish of batching) vanish();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
