/** Runs an attack and judges everything it may have left behind. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Entry } from '../../src/ledger/entry.ts';
import { assertSameBusiness, snapshot, type Snapshot } from '../exchange/oracle.ts';
import type { AttackCase, Expectation, Outcome } from './attack.ts';
import type { AttackWorld } from './attack-world.ts';
import { attackEntries, comeToRest, leaveAt, untilSequenced } from './rest.ts';

interface Observed {
  readonly rows: Snapshot;
  readonly lines: number;
  readonly outbound: number;
  readonly canary: number;
}

/** Only a case that fails waits so long: others go on with the entry. */
const LATE_MS = 30_000;
/** No raw control character may stand in a line of the log but its end. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

export async function assertHarmless(world: AttackWorld, one: AttackCase): Promise<void> {
  await comeToRest(world);
  await judge(world, one);
}

async function judge(world: AttackWorld, one: AttackCase): Promise<void> {
  const victim = one.victim?.(world) ?? world.receiver;
  const before = await observe(world, victim);
  const outcome = await one.attack(world);
  assertOutcome(outcome, one.expect);
  await assertEntries(await entriesWhen(victim, before, one.expect), one.expect);
  const after = await observe(world, victim);
  leaveAt(victim, after.rows.ledgerSize, one.name);
  if (one.expect.honest !== true) {
    assertSameBusiness(before.rows, after.rows);
    const calls = after.outbound - before.outbound;
    assert.equal(calls, one.expect.calls ?? 0, 'a refused request causes no call to another member');
  }
  assert.equal(after.canary, before.canary, 'nobody called the attacker');
  assertLogs(world.watch.logs.lines.slice(before.lines), outcome);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined, 'no prototype is polluted');
}

async function observe(
  { watch }: AttackWorld,
  victim: Pick<Gateway, 'database' | 'config'>,
): Promise<Observed> {
  const rows = await snapshot(victim);
  return { rows, lines: watch.logs.lines.length, outbound: watch.outbound(), canary: watch.canary.hits() };
}

function assertOutcome(outcome: Outcome, expect: Expectation): void {
  const seen = { status: outcome.status, code: outcome.code };
  assert.deepEqual(seen, { status: expect.status, code: expect.code });
  if (expect.signed !== undefined) {
    assert.equal(
      outcome.signed,
      expect.signed,
      expect.signed ? 'the answer is signed' : 'the answer is unsigned',
    );
  }
}

function kindsOf(expect: Expectation): readonly string[] {
  return expect.entries ?? ['exchange.refused'];
}

/** A refusal whose caller hung up is written a moment later. */
async function entriesWhen(
  victim: Pick<Gateway, 'database' | 'config'>,
  { rows }: Observed,
  expect: Expectation,
): Promise<readonly Entry[]> {
  const wanted = kindsOf(expect).length;
  for (const deadline = Date.now() + LATE_MS; ; await sleep(10)) {
    await untilSequenced(victim);
    const entries = await attackEntries(victim, rows.ledgerSize);
    if (entries.length >= wanted || Date.now() > deadline) return entries;
  }
}

async function assertEntries(entries: readonly Entry[], expect: Expectation): Promise<void> {
  const kinds = entries.map(({ kind }) => kind).sort();
  const other = [...(expect.orEntries ?? [])].sort();
  const wanted = kinds.join() === other.join() ? other : [...kindsOf(expect)].sort();
  assert.deepEqual(
    kinds,
    wanted,
    `ledger entries: ${JSON.stringify(entries.map(({ kind, code }) => [kind, code]))}`,
  );
  for (const { kind, code, peer } of entries) {
    if (kind !== 'exchange.refused') continue;
    if (expect.entries === undefined) assert.equal(code, expect.code, 'the entry names the code');
    if (expect.signed !== undefined)
      assert.equal(peer !== undefined, expect.signed, 'the entry names a proven peer only');
  }
}

function assertLogs(lines: readonly string[], { secrets = [] }: Outcome): void {
  for (const line of lines) {
    assert.doesNotMatch(line.trimEnd(), CONTROL);
    assert.equal(line.trimEnd().split('\n').length, 1, 'one event, one line');
    assert.equal(typeof JSON.parse(line), 'object');
    for (const secret of secrets) assert.ok(!line.includes(secret), 'no part of a token stands in the log');
  }
}
