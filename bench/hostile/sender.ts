/** A process that sends signed messages at a fixed pace, whether answers come or not, and tells how long each took. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { SignedMessage } from '../signed-messages.ts';
import type { Identity } from './setting.ts';

export interface SendOrder {
  readonly authority: string;
  readonly identity: Identity;
  readonly messages: readonly SignedMessage[];
  readonly perSecond: number;
  readonly connections: number;
}

process.on('message', (order: SendOrder) => {
  send(order).then(
    (sent) => process.send?.(sent),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.once('SIGTERM', () => process.exit(0));

async function send({ authority, identity, messages, perSecond, connections }: SendOrder) {
  const pool = new Pool(`https://${authority}`, {
    connections,
    pipelining: 1,
    connect: { ...identity, servername: 'localhost', minVersion: 'TLSv1.3' } as never,
  });
  // Connections are opened before the pace begins: a handshake is not what is measured.
  const warm = (): Promise<unknown> =>
    pool.request({ method: 'GET', path: '/ledger/checkpoint' }).then(({ body }) => body.dump());
  await Promise.all(Array.from({ length: connections }, warm));

  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const one = async ({ headers, body }: SignedMessage, due: number): Promise<void> => {
    let status = 0;
    try {
      const answer = await pool.request({
        method: 'POST',
        path: '/x/v1/messages',
        headers,
        body: Buffer.from(body),
      });
      await answer.body.dump();
      status = answer.statusCode;
      if (status === 200) times.push(performance.now() - due);
    } catch {
      // Counted as no answer.
    }
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  const begun = performance.now();
  const running: Promise<void>[] = [];
  for (const [n, message] of messages.entries()) {
    const due = begun + (n * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 1) await sleep(early);
    running.push(one(message, due));
  }
  await Promise.race([Promise.all(running), sleep(10_000)]);
  await pool.destroy();
  return { times, statuses };
}
