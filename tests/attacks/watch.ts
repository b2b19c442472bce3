/** Watches what a refused request must not cause: calls to others, connections to the attacker, broken log lines. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type AddressInfo } from 'node:net';

export interface LogSink {
  write(line: string): void;
}

export interface Watch {
  readonly logs: LogSink & { readonly lines: readonly string[] };
  /** Signed calls that any of the gateways has begun; what witnesses ask is not signed. */
  outbound(): number;
  /** A listener that no gateway has a reason to call. */
  readonly canary: { readonly port: number; readonly hits: () => number };
  close(): Promise<void>;
}

const CHANNEL = 'undici:client:sendHeaders';

export async function openWatch(): Promise<Watch> {
  const lines: string[] = [];
  let calls = 0;
  const onRequest = (message: unknown): void => {
    const { headers } = message as { headers: string };
    if (/^POST \/x\/[^]*^exchange-token:/im.test(headers)) calls += 1;
  };
  subscribe(CHANNEL, onRequest);
  let hits = 0;
  const canary = createServer((socket) => {
    hits += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  return {
    logs: { lines, write: (line) => void lines.push(line) },
    outbound: () => calls,
    canary: { port: (canary.address() as AddressInfo).port, hits: () => hits },
    close: async () => {
      unsubscribe(CHANNEL, onRequest);
      await new Promise((resolve) => canary.close(resolve));
    },
  };
}
