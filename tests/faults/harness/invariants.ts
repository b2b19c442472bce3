/** What must hold once everything is healed and quiet, whatever happened before. */
import assert from 'node:assert/strict';
import type { FaultWorld } from './fault-world.ts';
import { MEMBERS, type Member } from './found-world.ts';
import { assertFilesSound } from './sound-files.ts';
import { assertLedgersAgree } from './agreeing-ledgers.ts';

interface Sent {
  readonly mid: string;
  readonly from: string;
  readonly to: string;
  readonly state: string;
  readonly code: string | null;
  readonly receipt: string | null;
  readonly payload: string;
}

interface Received {
  readonly mid: string;
  readonly from: string;
  readonly to: string;
  readonly payload: string;
  /** Position of the acceptance in the receiver's ledger. */
  readonly index: string | null;
  readonly leaf: string | null;
}

/** Heals and waits first. Everything since the world was opened is looked at, not only what happened last. */
export async function assertInvariants(world: FaultWorld): Promise<void> {
  await world.quiesce();
  const sent = (await Promise.all(MEMBERS.map((member) => sentBy(world, member)))).flat();
  const received = (await Promise.all(MEMBERS.map((member) => receivedBy(world, member)))).flat();
  assertEachEnded(sent, received);
  assertNothingInvented(sent, received);
  await assertPushesArrived(world);
  for (const member of MEMBERS) await assertNoSecondEffect(world, member);
  await assertFilesSound(world);
  await assertLedgersAgree(world);
}

/** Acknowledged on one side means accepted on the other, where the receipt says; refused has a reason and no effect. */
function assertEachEnded(sent: readonly Sent[], received: readonly Received[]): void {
  const arrived = new Map(received.map((one) => [`${one.from} ${one.mid}`, one]));
  for (const { mid, from, to, state, code, receipt } of sent) {
    const there = arrived.get(`${from} ${mid}`);
    if (state !== 'acked') {
      assert.ok(code !== null || state === 'expired', `${mid} ended ${state} without a reason`);
      assert.equal(there, undefined, `${mid} ended ${state} at ${from} and was accepted by ${to}`);
      continue;
    }
    assert.ok(there !== undefined, `${mid} is acknowledged at ${from}, and ${to} does not have it`);
    const { index, leaf } = JSON.parse(receipt ?? '{}') as { index?: number; leaf?: string };
    assert.deepEqual(
      [String(index), leaf],
      [there.index, there.leaf],
      `the receipt of ${mid} names another entry`,
    );
  }
}

function assertNothingInvented(sent: readonly Sent[], received: readonly Received[]): void {
  const offered = new Map(sent.map((one) => [`${one.from} ${one.to} ${one.mid}`, one]));
  for (const { mid, from, to, payload, index } of received) {
    const offer = offered.get(`${from} ${to} ${mid}`);
    assert.ok(offer !== undefined, `${to} accepted ${mid}, which ${from} never offered to it`);
    assert.equal(payload, offer.payload, `${mid} was changed on its way`);
    assert.ok(index !== null, `${to} accepted ${mid} without an entry in its ledger`);
  }
}

/** A push that was answered 200 is with every member of the group; one that failed is with nobody. */
async function assertPushesArrived(world: FaultWorld): Promise<void> {
  const pushes = world.recorder.operations.filter(({ act }) => act === 'push');
  for (const member of MEMBERS) {
    const counts = await featuresAt(world, member);
    for (const { key, member: from, outcome, detail } of pushes) {
      const count = counts.get(key) ?? 0;
      const why = `${key}, pushed by ${from}: ${outcome} (${detail}), stands ${count} times at ${member}`;
      if (outcome === 'ok') assert.equal(count, 1, why);
      else if (outcome === 'fail') assert.equal(count, 0, why);
      else assert.ok(count <= 1, why);
    }
    const known = new Set(pushes.map(({ key }) => key));
    for (const value of counts.keys())
      assert.ok(known.has(value), `${value} at ${member} was pushed by nobody`);
  }
}

/** Values are unique here: a message that took effect twice would leave a sighting. */
async function featuresAt(world: FaultWorld, member: Member): Promise<Map<string, number>> {
  const { rows } = await world.asAdministrator(member, (db) =>
    db.query<{ value: string; count: string }>(
      `SELECT value, 1 + (SELECT count(*) FROM feature_sighting s
         WHERE s.type = f.type AND s.lookup = f.lookup AND s.group_id = f.group_id) AS count
       FROM feature f WHERE value IS NOT NULL`,
    ),
  );
  return new Map(rows.map(({ value, count }) => [value, Number(count)]));
}

/** Unique indices say the same; a harness that trusted them would not see that one is gone. */
async function assertNoSecondEffect(world: FaultWorld, member: Member): Promise<void> {
  const twice = [
    `SELECT issuer || ' ' || mid AS what FROM inbox GROUP BY issuer, mid HAVING count(*) > 1`,
    `SELECT issuer || ' ' || id FROM feature_batch GROUP BY issuer, id HAVING count(*) > 1`,
    `SELECT issuer || ' ' || jti FROM token_id GROUP BY issuer, jti HAVING count(*) > 1`,
    `SELECT token FROM inbox GROUP BY token HAVING count(*) > 1`,
    `SELECT body::json->>'mid' FROM ledger_entry WHERE body::json->>'kind' = 'message.accepted'
       GROUP BY body::json->>'mid', body::json->>'peer' HAVING count(*) > 1`,
    `SELECT body::json->>'id' FROM ledger_entry GROUP BY body::json->>'id' HAVING count(*) > 1`,
  ];
  const { rows } = await world.asAdministrator(member, (db) =>
    db.query<{ what: string }>(twice.join(' UNION ALL ')),
  );
  assert.deepEqual(
    rows.map(({ what }) => what),
    [],
    `these stand twice at ${member}`,
  );
}

async function sentBy(world: FaultWorld, member: Member): Promise<Sent[]> {
  const { rows } = await world.asAdministrator(member, (db) =>
    db.query<Omit<Sent, 'from'>>(
      `SELECT mid, recipient AS to, state, code, receipt, e.sealed::json->>'payload' AS payload
       FROM delivery d JOIN outbox_envelope e ON e.id = d.envelope_id`,
    ),
  );
  return rows.map((row) => ({ ...row, from: member }));
}

async function receivedBy(world: FaultWorld, member: Member): Promise<Received[]> {
  const { rows } = await world.asAdministrator(member, (db) =>
    db.query<Omit<Received, 'to'>>(
      `SELECT i.mid, i.issuer AS from, i.envelope::json->>'payload' AS payload, e.seq AS index, encode(e.leaf, 'hex') AS leaf
       FROM inbox i LEFT JOIN ledger_entry e ON e.key = i.ledger_key`,
    ),
  );
  return rows.map((row) => ({ ...row, to: member }));
}
