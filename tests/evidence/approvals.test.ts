import assert from 'node:assert/strict';
import { decideOnward, type OnwardDecision } from '../../src/evidence/approvals/answer.ts';
import { approvalsOf } from '../../src/evidence/approvals/approvals-held.ts';
import { askOnward, type OnwardOrder } from '../../src/evidence/approvals/ask.ts';
import { listOnwardRequests, onwardRecord } from '../../src/evidence/approvals/onward-record.ts';
import { assemblePacket } from '../../src/evidence/making/assemble.ts';
import type { ItemDraft, PacketDraft } from '../../src/evidence/making/packet-draft.ts';
import { transferPacket } from '../../src/evidence/handing-over/transfer.ts';
import { without } from '../../src/evidence/without.ts';
import { decide as decideGrant } from '../../src/federation/grants.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import { caseDraft, signPacket } from './drafts.ts';
import { createWorld, settle, TRANSFERS, withRegistry, type World } from './gateways.ts';

/** The regulator gave a file to the police under `onward: approval`; the police want to give it to the bank. */
describe('approval of passing on', () => {
  let world: World;
  let item: ItemDraft;
  let basis: PacketDraft;

  before(async function () {
    this.timeout(60_000);
    world = await createWorld();
    const { regulator, police } = world;
    basis = await caseDraft(world);
    const { packetId } = await assemblePacket(regulator.deps, basis, 'handler-1');
    await signPacket(world, regulator, { packetId, officers: ['handler1', 'handler2', 'head'] });
    await transferPacket(regulator.deps, { packetId, actor: 'handler-1' });
    await settle(world);
    item = without(basis.items[0]!, 'size');
    for (const { digests } of basis.items)
      await police.deps.blobs.put(regulator.deps.blobs.read(digests.sha256));
    const { view } = world.keeper;
    const signers = view.body.members.find(({ id }) => id === 'regulator-r')!.signers;
    // The regulator's officers work for the police now, and the bank is in the group of transfers.
    world.keeper.view = withRegistry(view, {
      members: view.body.members.map((member) => ({
        ...member,
        signers:
          member.id === 'regulator-r'
            ? []
            : [...member.signers, ...(member.id === 'police-p' ? signers : [])],
      })),
      groups: view.body.groups.map((group) =>
        group.id === TRANSFERS ? { ...group, members: [...group.members, 'bank-a'] } : group,
      ),
      grants: view.body.grants.map((grant) =>
        grant.id === 'g-transfer' ? { ...grant, onward: 'approval' } : grant,
      ),
    });
  });
  after(() => world.close());
  // Each test begins without an approval.
  beforeEach(async () => {
    for (const { deps } of [world.police, world.regulator])
      await deps.database.query('DELETE FROM onward_request');
  });

  const order = (change: Partial<OnwardOrder> = {}): OnwardOrder => ({
    ...{ sha256: item.digests.sha256, from: 'regulator-r', to: 'bank-a', group: TRANSFERS, actor: 'clerk-p' },
    ...{
      purpose: 'CRIMINAL_TRANSFER',
      legalBasis: ['Order310-3'],
      reason: 'the bank is to freeze the account',
    },
    ...change,
  });
  const ask = async (change: Partial<OnwardOrder> = {}): Promise<string> => {
    const { requestId } = await askOnward(world.police.deps, order(change));
    await settle(world);
    return requestId;
  };
  const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();
  const decide = async (act: Omit<OnwardDecision, 'actor'>): Promise<void> => {
    await decideOnward(world.regulator.deps, { ...act, actor: 'officer-r' });
    await settle(world);
  };
  const approved = async (change: Partial<OnwardOrder> = {}): Promise<string> => {
    const requestId = await ask(change);
    await decide({ requestId, decision: 'approve', notAfter: inAnHour() });
    return requestId;
  };
  const assemble = (later = 0) =>
    assemblePacket(
      { ...world.police.deps, clock: () => new Date(Date.now() + later) },
      {
        ...basis,
        receiver: 'bank-a',
        items: [item],
        forms: basis.forms.filter(({ itemNo }) => itemNo === undefined || itemNo === item.itemNo),
      },
      'tester',
    );
  const stateAt = async (side: 'police' | 'regulator', id: string) =>
    (await onwardRecord(world[side].deps, side === 'police' ? 'out' : 'in', id)).state;

  it('lets a file go on to whom it names, and stands in both ledgers', async () => {
    const missing = { code: 'grant.onward-approval-missing' };
    await assert.rejects(assemble(), missing);
    const requestId = await ask();
    await assert.rejects(assemble(), missing, 'asked is not approved');
    const [asked] = await listOnwardRequests(world.regulator.deps, { direction: 'in' });
    assert.deepEqual([asked?.requestId, asked?.peer, asked?.state], [requestId, 'police-p', 'open']);
    await decide({ requestId, decision: 'approve', notAfter: inAnHour() });
    assert.equal((await assemble()).state, 'assembled');
    assert.deepEqual(await kinds('police', requestId), ['onward.requested', 'message.accepted']);
    assert.deepEqual(await kinds('regulator', requestId), ['message.accepted', 'onward.approved']);
  });

  it('is good for nobody and nothing else than it names', async () => {
    await approved({ to: 'insurer-b' });
    const mismatch = { code: 'grant.onward-approval-mismatch' };
    await assert.rejects(assemble(), mismatch, 'another receiver');
    await approved({ purpose: 'CRIMINAL_INVESTIGATION' });
    await assert.rejects(assemble(), mismatch, 'another purpose');
    await approved({ group: 'evidence-desk' });
    await assert.rejects(assemble(), mismatch, 'another group');
    await approved();
    assert.equal((await assemble()).state, 'assembled');
  });

  it('ends with its time, and at once when it is revoked', async () => {
    const requestId = await approved();
    await assert.rejects(assemble(3_700_000), { code: 'grant.onward-approval-expired' });
    await decide({ requestId, decision: 'revoke', reason: 'the case was closed' });
    assert.equal(await stateAt('police', requestId), 'revoked');
    await assert.rejects(assemble(), { code: 'grant.onward-approval-revoked' });
  });

  it('a refusal stays one', async () => {
    const requestId = await ask();
    await decide({ requestId, decision: 'refuse', reason: 'not needed there' });
    assert.equal(
      (await onwardRecord(world.police.deps, 'out', requestId)).decidedBecause,
      'not needed there',
    );
    await assert.rejects(assemble(), { code: 'grant.onward-approval-missing' });
    await assert.rejects(decide({ requestId, decision: 'approve', notAfter: inAnHour() }), {
      code: 'onward.state',
    });
  });

  it('counts as it was signed: an altered answer, or one put over another row, lets nothing go', async () => {
    const requestId = await approved();
    const { database } = world.police.deps;
    const { rows } = await database.query<{ answer: { payload: string } }>(
      'SELECT answer FROM onward_request WHERE id = $1',
      [requestId],
    );
    const { answer } = rows[0]!;
    const said = Buffer.from(answer.payload, 'base64url').toString();
    const put = (payload: string) =>
      database.query('UPDATE onward_request SET answer = $2 WHERE id = $1', [
        requestId,
        JSON.stringify({ ...answer, payload }),
      ]);
    const longer = said.replace(/"notAfter":"\d{4}/, '"notAfter":"2099');
    assert.notEqual(longer, said);
    await put(Buffer.from(longer).toString('base64url'));
    await assert.rejects(assemble(), { code: 'onward.answer-invalid' });
    await put(answer.payload);
    assert.equal((await assemble()).state, 'assembled');
    await database.query("UPDATE onward_request SET to_member = 'insurer-b' WHERE id = $1", [requestId]);
    await assert.rejects(assemble(), { code: 'onward.answer-invalid' });
  });

  it('a revocation is not undone by the row alone', async () => {
    const requestId = await approved();
    await decide({ requestId, decision: 'revoke', reason: 'closed' });
    await world.police.deps.database.query("UPDATE onward_request SET state = 'approved' WHERE id = $1", [
      requestId,
    ]);
    await assert.rejects(assemble(), { code: 'onward.answer-invalid' });
  });

  it('is of no use to another holder', async () => {
    await approved();
    const digests = [item.digests.sha256];
    const held = await approvalsOf(world.police.deps, digests);
    assert.deepEqual(
      held.map(({ issuer, holder, to }) => [issuer, holder, to]),
      [['regulator-r', 'police-p', 'bank-a']],
    );
    // Whoever has got hold of the police's rows.
    await assert.rejects(approvalsOf({ ...world.police.deps, member: 'bank-a' }, digests), {
      code: 'onward.answer-invalid',
    });
    const { view } = world.keeper;
    const leaving = (member: string) =>
      decideGrant(
        {
          ...{ member, right: 'transfer', group: TRANSFERS, kind: 'packet-offer', to: 'bank-a' },
          ...{ purpose: 'CRIMINAL_TRANSFER', legalBasis: ['Order310-3'], personal: false },
          received: [
            {
              from: 'regulator-r',
              group: TRANSFERS,
              grant: 'g-transfer',
              purpose: 'CRIMINAL_TRANSFER',
              approvals: held,
            },
          ],
        },
        view,
        new Date(),
      );
    assert.equal(leaving('police-p').permit, true);
    const other = leaving('regulator-r');
    assert.equal(other.permit ? '' : other.code, 'grant.onward-approval-missing');
  });

  it('is asked of who gave the file, for a file that it gave', async () => {
    await assert.rejects(ask({ from: 'bank-a' }), { code: 'onward.not-found' });
    await assert.rejects(ask({ sha256: '0'.repeat(64) }), { code: 'onward.not-found' });
    const { database } = world.police.deps;
    await database.query(
      `INSERT INTO received_content (sha256, packet_id, sender, group_id, grant_id, purpose, declared)
       SELECT $1, packet_id, sender, group_id, grant_id, purpose, declared FROM received_content LIMIT 1`,
      ['1'.repeat(64)],
    );
    await ask({ sha256: '1'.repeat(64) });
    const [last] = await listDeliveries(database, { limit: 1 });
    assert.deepEqual([last?.state, last?.code], ['refused', 'onward.not-found']);
  });

  it('is decided once, by whom it was asked of, with a time or a reason', async () => {
    const requestId = await ask();
    const bad = { code: 'packet.invalid' };
    await assert.rejects(decide({ requestId, decision: 'approve' }), bad);
    await assert.rejects(decide({ requestId, decision: 'approve', notAfter: '2020-01-01T00:00:00Z' }), bad);
    await assert.rejects(decide({ requestId, decision: 'refuse' }), bad);
    await assert.rejects(decide({ requestId, decision: 'revoke', reason: 'x' }), { code: 'onward.state' });
    const own = { requestId, decision: 'approve', notAfter: inAnHour(), actor: 'clerk-p' } as const;
    await assert.rejects(decideOnward(world.police.deps, own), { code: 'onward.not-found' });
    const both = await Promise.allSettled([
      decide({ requestId, decision: 'approve', notAfter: inAnHour() }),
      decide({ requestId, decision: 'refuse', reason: 'no' }),
    ]);
    assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  /** Of entries about the request. */
  async function kinds(side: 'police' | 'regulator', id: string): Promise<readonly string[]> {
    const { rows } = await world[side].deps.database.query<{ body: string }>(
      'SELECT body FROM ledger_entry ORDER BY seq',
    );
    return rows
      .map(({ body }) => JSON.parse(body) as { kind: string; subject: { id: string } })
      .filter(({ subject }) => subject.id === id)
      .map(({ kind }) => kind);
  }
});
