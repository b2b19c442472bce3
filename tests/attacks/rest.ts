/** Brings the gateways to rest between attacks: what is found after one is this one's, and nothing comes late unseen. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Entry } from '../../src/ledger/entry.ts';
import { entriesFrom } from '../exchange/oracle.ts';
import type { AttackWorld } from './attack-world.ts';

type Victim = Pick<Gateway, 'database' | 'config'>;

/** The ledger of the last victim, as the judge left it. */
let left: { readonly victim: Victim; readonly size: number; readonly after: string } | undefined;

export function leaveAt(victim: Victim, size: number, after: string): void {
  left = { victim, size, after };
}

const REST_MS = 60_000;
/** An attack may not run into the end of the statement that calls the registry fresh. */
const SPARE_MS = 5 * 60_000;

/**
 * Deliveries have ended, refusals that were only counted are written and the counting begins anew
 * (docs/decisions/0005), and the registry is fresh for longer than an attack takes.
 */
export async function comeToRest(world: AttackWorld): Promise<void> {
  const gateways = Object.values(world.gateways);
  for (const { delivery, config } of gateways)
    await inTime(delivery.idle(), `the deliveries of ${config.member}`);
  await assertNothingLate();
  await Promise.all(gateways.map(({ refusals }) => refusals.flush()));
  await keepFresh(world);
}

/**
 * The victim's entries from this index on, but for what its peers' collectors ask of its witness each second, whatever
 * an attack does: while the registry is stale or forked, that is refused and logged as well.
 */
export async function attackEntries(victim: Victim, index: number): Promise<readonly Entry[]> {
  const entries = await entriesFrom(victim, index);
  return entries.filter(({ kind, code, subject }) => {
    const isCollector = kind === 'exchange.refused' && subject.type.startsWith('request:/witness/');
    return !(isCollector && (code === 'registry.stale' || code === 'registry.fork'));
  });
}

/** Without it an entry that comes after the verdict would be nobody's. */
async function assertNothingLate(): Promise<void> {
  if (left === undefined) return;
  const { victim, size, after } = left;
  left = undefined;
  await untilSequenced(victim);
  const late = await attackEntries(victim, size);
  const told = JSON.stringify(late.map(({ kind, code }) => [kind, code]));
  assert.equal(late.length, 0, `after the attack "${after}" was judged, there came: ${told}`);
}

/** An entry is written with what it tells of and comes into the log a moment later. */
export async function untilSequenced({ database, config }: Victim): Promise<void> {
  const open = async (): Promise<boolean> =>
    (await database.query('SELECT 1 FROM ledger_intake LIMIT 1')).rows.length > 0;
  const sequenced = async (): Promise<void> => {
    while (await open()) await sleep(5);
  };
  await inTime(sequenced(), `the intake of ${config.member}'s ledger`);
}

async function inTime(rest: Promise<void>, what: string): Promise<void> {
  const waiting = new AbortController();
  const late = sleep(REST_MS, 'late', { signal: waiting.signal }).catch(() => undefined);
  assert.notEqual(await Promise.race([rest, late]), 'late', `${what}: no end within ${REST_MS} ms`);
  waiting.abort();
}

async function keepFresh(world: AttackWorld): Promise<void> {
  const then = new Date(world.clock().getTime() + SPARE_MS);
  try {
    for (const { registry } of Object.values(world.gateways)) registry.assertFresh(then);
  } catch {
    await world.refresh();
  }
}

/** What was sent within the minute before is not replayed into this one, and refusals count anew. */
export async function startMinute(world: AttackWorld): Promise<void> {
  world.nextMinute();
  await world.refresh();
}
