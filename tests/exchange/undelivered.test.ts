import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalBytes, type JsonObject } from '../../src/core/canonical.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import type { UndeliveredFile } from '../../src/federation/undelivered/evidence-file.ts';
import {
  verifyUndelivered,
  type UndeliveredReport,
} from '../../src/federation/undelivered/verify-evidence.ts';
import { run } from '../cli/console.ts';
import { openTwoMembers, schemas, type TwoMembers } from './two-members.ts';

describe('a message that does not arrive', function () {
  this.timeout(90_000);
  let two: TwoMembers;
  let mid: string;
  let file: Buffer;

  before(async () => {
    two = await openTwoMembers();
    await two.alliance.stop('insurer-b');
    mid = (await two.push({ type: 'domain', value: 'lost.example' })) ?? '';
    const tried = async (): Promise<boolean> =>
      (await listDeliveries(two.bank().database, { limit: 1 }))[0]?.code !== null;
    while (!(await tried())) await new Promise((done) => setTimeout(done, 20));
  });
  after(() => two.close());

  const judge = (bytes: Uint8Array): Promise<UndeliveredReport> =>
    verifyUndelivered(bytes, { anchors: two.anchors(), schemas });
  const stateOf = async (): Promise<string | undefined> =>
    (await listDeliveries(two.bank().database, { limit: 1 }))[0]?.state;

  it('shows the circuit of the peer, with the code of its last failure', async () => {
    const deadline = Date.now() + 30_000;
    const open = () =>
      two
        .bank()
        .desk.worker.circuits()
        .find(({ state }) => state !== 'closed');
    while (open() === undefined && Date.now() < deadline) await new Promise((done) => setTimeout(done, 20));
    const { peer, code, failures } = open() ?? {};
    assert.deepEqual([peer, code], ['insurer-b', 'exchange.peer-unreachable']);
    assert.ok((failures ?? 0) >= 5, String(failures));
  });

  it('has no statement while it is open', async () => {
    await assert.rejects(two.bank().desk.evidence(mid), { code: 'delivery.state' });
    await assert.rejects(two.bank().desk.evidence(crypto.randomUUID()), { code: 'delivery.not-found' });
  });

  it('leaves a signed statement that a stranger can verify when its time is over', async () => {
    await two
      .bank()
      .database.query('UPDATE delivery SET expires_at = now(), due_at = now() WHERE mid = $1', [mid]);
    while ((await stateOf()) !== 'expired') await new Promise((done) => setTimeout(done, 20));
    file = await two.bank().desk.evidence(mid);
    const report = await judge(file);
    assert.ok(report.ok, JSON.stringify(report.checks));
    assert.equal(report.member, 'bank-a');
    const { mid: stated, recipient, end, outcome, lastCode } = report.statement ?? {};
    assert.deepEqual(
      [stated, recipient, end, outcome, lastCode],
      [mid, 'insurer-b', 'expired', 'not-accepted', 'exchange.peer-unreachable'],
    );
    const path = join(two.alliance.directory, 'undelivered.json');
    const anchors = join(two.alliance.directory, 'anchors-now.json');
    writeFileSync(path, file);
    writeFileSync(anchors, JSON.stringify(two.anchors()));
    const verified = await run(['queue', 'verify', path, '--anchors', anchors, '--json']);
    assert.deepEqual([verified.code, verified.json.ok], [0, true]);
  });

  it('is no longer believed when a word of its statement, entry, or proof is another', async () => {
    const whole = JSON.parse(file.toString()) as UndeliveredFile & JsonObject;
    const jws = JSON.parse(whole.statement) as { payload: string };
    const payload = Buffer.from(jws.payload, 'base64url').toString().replace('not-accepted', 'unknown');
    const forged = JSON.stringify({ ...jws, payload: Buffer.from(payload).toString('base64url') });
    const other = (part: 'message' | 'logged', name: string): JsonObject => {
      const held = whole[part][name] as { readonly entry: string };
      return { ...whole[part], [name]: { ...held, entry: held.entry.replace('bank-a', 'bank-x') } };
    };
    const bad: readonly JsonObject[] = [
      { ...whole, statement: forged },
      { ...whole, message: other('message', 'offer') },
      { ...whole, logged: other('logged', 'entry') },
      { ...whole, logged: whole.message },
      { ...whole, message: whole.logged },
      { ...whole, format: 'lianzheng-undelivered@v2' },
      { ...whole, answer: { token: 'a.b.c', body: '{}' } },
    ];
    for (const [at, one] of bad.entries())
      assert.equal((await judge(canonicalBytes(one))).ok, false, `case ${at}`);
    assert.equal((await judge(Buffer.concat([file, Buffer.from(' ')]))).ok, false);
  });

  it('can be tried again under its own id, and the statement of its day stays true', async () => {
    assert.deepEqual(
      (await listDeliveries(two.bank().database, { dead: true })).map((one) => one.mid),
      [mid],
    );
    await two.alliance.start('insurer-b');
    const done = await two.bank().desk.retry({ mid, actor: 'clerk-1' });
    assert.deepEqual(done, { mid, as: 'reopened' });
    await two.bank().delivery.idle();
    assert.equal(await stateOf(), 'acked');
    await assert.rejects(two.bank().desk.retry({ mid, actor: 'clerk-1' }), { code: 'delivery.state' });
    await assert.rejects(two.bank().desk.giveUp({ mid, actor: 'clerk-1', reason: 'other' }), {
      code: 'delivery.state',
    });
    const later = await judge(await two.bank().desk.evidence(mid));
    assert.ok(later.ok, JSON.stringify(later.checks));
    assert.ok(
      later.checks.some(({ code }) => code === 'later'),
      JSON.stringify(later.checks),
    );
    const audit = await two.audit();
    assert.ok(audit.ok, JSON.stringify(audit));
  });

  it('is given up by a person, for a reason that the ledger names', async () => {
    await two.alliance.stop('insurer-b');
    const given = (await two.push({ type: 'domain', value: 'given-up.example' })) ?? '';
    const giveUp = (): Promise<void> =>
      two.bank().desk.giveUp({ mid: given, actor: 'clerk-2', reason: 'told-otherwise' });
    // A worker may be at it at this very moment.
    for (let left = 50; left > 0; left -= 1) {
      const busy = await giveUp().then(
        () => false,
        () => true,
      );
      if (!busy) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.equal(await stateOf(), 'given-up');
    const report = await judge(await two.bank().desk.evidence(given));
    assert.ok(report.ok, JSON.stringify(report.checks));
    assert.deepEqual(
      [report.statement?.['end'], report.statement?.['reason']],
      ['given-up', 'told-otherwise'],
    );
    const { rows } = await two
      .bank()
      .database.query<{ body: string }>(`SELECT body FROM ledger_entry WHERE body LIKE '%message.given-up%'`);
    const { actor, code } = JSON.parse(rows[0]?.body ?? '{}') as Record<string, string>;
    assert.deepEqual([actor, code], ['clerk-2', 'told-otherwise']);
  });

  it('is found by reconciliation when the two sides differ', async () => {
    await two.alliance.start('insurer-b');
    const known = (await two.push({ type: 'domain', value: 'known.example' })) ?? '';
    await two.bank().delivery.idle();
    const clean = await two.bank().desk.reconcile({ peer: 'insurer-b', days: 7 });
    assert.deepEqual(clean[0]?.differences, []);
    assert.ok((clean[0]?.agreed ?? 0) >= 2, JSON.stringify(clean));
    assert.equal(clean[0]?.answers[0]?.origin, two.insurer().ledger.origin);
    await two.insurer().database.query('DELETE FROM inbox WHERE mid = $1', [known]);
    await two.bank().database.query(
      `UPDATE delivery SET state = 'sent', closed_at = NULL, closed_key = NULL, due_at = now() + interval '1 day',
         expires_at = now() + interval '2 days' WHERE mid = $1`,
      [mid],
    );
    const [differing] = await two.bank().desk.reconcile({ days: 7 });
    const found = (differing?.differences ?? []).map((one) => [one.mid, one.difference]);
    assert.deepEqual(
      found.sort(),
      [
        [mid, 'accepted-there'],
        [known, 'peer-denies'],
      ].sort(),
    );
    await two.alliance.stop('insurer-b');
    const [away] = await two.bank().desk.reconcile({ peer: 'insurer-b', days: 7 });
    assert.equal(away?.code, 'exchange.peer-unreachable');
    assert.ok(readFileSync(join(two.alliance.directory, 'undelivered.json')).length > 0);
  });
});
