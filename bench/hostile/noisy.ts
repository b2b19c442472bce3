/**
 * `npm run bench -- noisy`: one member sends twenty times its rate. The p99 of the others, in milliseconds, against
 * theirs while that member keeps to its rate; phases alternate and the medians count.
 */
import type { BenchResult } from '../main.ts';
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

const RATE = 20;
const TIMES = 20;
const SECONDS = 4;
const ROUNDS = 3;

export function benchNoisy(): Promise<BenchResult> {
  const rate = { perSecond: RATE, burst: RATE };
  return underAttack({ rates: { messages: rate } }, async (setting) => {
    await phase(setting, 1);
    const [quiet, noisy]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      quiet.push((await phase(setting, 1)).p99);
      const { p99: slowest, noise } = await phase(setting, TIMES);
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

/** Honest members at four fifths of their rate, the third at `times` its own. */
async function phase(setting: Hostility, times: number): Promise<{ p99: number; noise: Sent }> {
  const send = async (from: Sender, perSecond: number, connections: number): Promise<() => Promise<Sent>> => {
    const messages = await setting.sign(from, Math.floor(perSecond * SECONDS));
    const { authority } = setting;
    const identity = await setting.identity(from);
    return () =>
      sentBy(setting.start('./sender.ts', { authority, identity, messages, perSecond, connections }));
  };
  const ready = await Promise.all([
    ...HONEST.map((from) => send(from, RATE * 0.8, 4)),
    send('bank-a', RATE * times * 0.8, 16),
  ]);
  const sent = await Promise.all(ready.map((begin) => begin()));
  const noise = sent.pop() as Sent;
  return { p99: p99(sent.flatMap((one) => one.times)), noise };
}
