/**
 * `npm run bench -- noisy`: one member sends twenty times its rate. The p99 of the others, in milliseconds, against
 * theirs while that member keeps to its rate; phases alternate and the medians count.
 */
import type { ChildProcess } from 'node:child_process';
import type { BenchResult } from '../main.ts';
import type { SendOrder } from './sender.ts';
import {
  HONEST,
  median,
  p99,
  sentBy,
  underAttack,
  type Hostility,
  type Sender,
  type Sent,
} from './setting.ts';

const RATE = 15;
const TIMES = 20;
const SECONDS = 3;
const NOISY = 'bank-a';
const ROUNDS = 3;

export function benchNoisy(): Promise<BenchResult> {
  const rate = { perSecond: RATE, burst: RATE };
  return underAttack({ rates: { messages: rate } }, async (setting) => {
    const senders = new Map<Sender, ChildProcess>();
    for (const from of [...HONEST, NOISY] as const) senders.set(from, setting.start('./sender.ts'));
    await phase(setting, senders, 1);
    const [quiet, noisy]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      quiet.push((await phase(setting, senders, 1)).p99);
      const { p99: slowest, noise } = await phase(setting, senders, TIMES);
      noisy.push(slowest);
      const met = JSON.stringify(noise.statuses);
      process.stderr.write(
        `noisy ${round + 1}/${ROUNDS}: p99 ${slowest.toFixed(1)} against ${quiet.at(-1)?.toFixed(1)} ms; the noisy one got ${met}\n`,
      );
    }
    const [ours, baseline] = [median(noisy), median(quiet)];
    return { name: 'noisy', ours, baseline, ratio: ours / baseline, unit: 'ms p99' };
  });
}

/** Honest members at four fifths of their rate, the third at `times` as much. */
async function phase(
  setting: Hostility,
  senders: ReadonlyMap<Sender, ChildProcess>,
  times: number,
): Promise<{ p99: number; noise: Sent }> {
  const { authority } = setting;
  const orders = await Promise.all(
    [...senders.keys()].map(async (from) => {
      const perSecond = RATE * 0.8 * (from === NOISY ? times : 1);
      const messages = await setting.sign(from, Math.floor(perSecond * SECONDS));
      const connections = from === NOISY ? 16 : 4;
      return { authority, identity: await setting.identity(from), messages, perSecond, connections };
    }),
  );
  const sent = await Promise.all(
    [...senders.values()].map((child, at) => sentBy(child, orders[at] as SendOrder)),
  );
  const noise = sent.pop() as Sent;
  return { p99: p99(sent.flatMap((one) => one.times)), noise };
}
