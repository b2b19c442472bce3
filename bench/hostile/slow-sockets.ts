/**
 * `npm run bench -- slow-sockets`: p99 of honest members, in milliseconds, while another member keeps 500 slow sockets
 * open, against their p99 alone; phases alternate and the medians count.
 */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopProcess } from '../../src/demo/processes.ts';
import type { BenchResult } from '../main.ts';
import { HONEST, median, p99, sentBy, underAttack, type Hostility, type Sender } from './setting.ts';

const SOCKETS = 500;
const PER_SECOND = 20;
const SECONDS = 3;
const ROUNDS = 3;
/** The attackers' first wave is over, and their sockets stand. */
const SETTLE_MS = 4000;

export function benchSlowSockets(): Promise<BenchResult> {
  return underAttack({}, async (setting) => {
    const senders = HONEST.map((from) => [from, setting.start('./sender.ts')] as const);
    await honest(setting, senders);
    const [alone, attacked]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      alone.push(await honest(setting, senders));
      const attacker = await attack(setting);
      attacked.push(await honest(setting, senders));
      await stopProcess(attacker);
      process.stderr.write(
        `slow-sockets ${round + 1}/${ROUNDS}: p99 ${attacked.at(-1)?.toFixed(1)} against ${alone.at(-1)?.toFixed(1)} ms\n`,
      );
    }
    const [ours, baseline] = [median(attacked), median(alone)];
    return { name: 'slow-sockets', ours, baseline, ratio: ours / baseline, unit: 'ms p99' };
  });
}

/** Throws when an honest message is not accepted. */
async function honest(
  setting: Hostility,
  senders: readonly (readonly [Sender, ChildProcess])[],
): Promise<number> {
  const { authority } = setting;
  const begun = await Promise.all(
    senders.map(async ([from, child]) => {
      const messages = await setting.sign(from, PER_SECOND * SECONDS);
      const identity = await setting.identity(from);
      return () => sentBy(child, { authority, identity, messages, perSecond: PER_SECOND, connections: 4 });
    }),
  );
  const sent = await Promise.all(begun.map((begin) => begin()));
  const refused = sent.flatMap(({ statuses }) => Object.keys(statuses)).filter((status) => status !== '200');
  if (refused.length > 0)
    throw new Error(`honest members were answered ${JSON.stringify(sent.map((one) => one.statuses))}`);
  return p99(sent.flatMap(({ times }) => times));
}

async function attack(setting: Hostility) {
  const [host, port] = setting.authority.split(':');
  const messages = await setting.sign('bank-a', 1);
  const identity = await setting.identity('bank-a');
  const order = { host, port: Number(port), identity, sockets: SOCKETS, messages };
  const child = setting.start('./slow-client.ts');
  child.send(order);
  await sleep(SETTLE_MS);
  return child;
}
