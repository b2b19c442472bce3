import assert from 'node:assert/strict';
import { assemblePacket } from '../../src/evidence/making/assemble.ts';
import { listPackets, openBundle, packetRecord } from '../../src/evidence/packets.ts';
import { receiptDocument, signedReceipt, signReceipt } from '../../src/evidence/handing-over/receipt.ts';
import { transferPacket } from '../../src/evidence/handing-over/transfer.ts';
import { registryTrust } from '../../src/evidence/pulling/admit-bundle.ts';
import { verifyBundle } from '../../src/evidence/verify-bundle.ts';
import { caseDraft, signAs, signPacket } from './drafts.ts';
import { createWorld, schemas, settle, type World } from './gateways.ts';

describe('transfer of a case', () => {
  let world: World;
  before(async function () {
    this.timeout(60_000);
    world = await createWorld();
  });
  after(() => world.close());

  const kindsOf = async (gateway: World['police']): Promise<string[]> =>
    (await gateway.entries()).map(({ kind }) => kind);

  it('goes from draft to signed receipt, and both ledgers tell the same story', async () => {
    const { regulator, police } = world;
    const assembled = await assemblePacket(regulator.deps, await caseDraft(world), 'handler-1');
    assert.equal(assembled.state, 'assembled');
    const { packetId } = assembled;

    const officers = ['handler1', 'handler2', 'head'] as const;
    const signed = await signPacket(world, regulator, { packetId, officers });
    assert.equal(signed.state, 'signed');
    const bundle = await openBundle(regulator.deps, packetId);
    const trust = {
      registryAt: registryTrust(world.keeper),
      schemaCheck: (id: string, value: unknown) => schemas.validate(id, value),
    };
    const report = await verifyBundle(bundle.path, trust);
    assert.deepEqual(
      report.checks.filter(({ ok }) => !ok),
      [],
    );

    assert.equal(
      (await transferPacket(regulator.deps, { packetId, actor: 'handler-1' })).state,
      'transferred',
    );
    await settle(world);
    const received = await packetRecord(police.deps, packetId);
    assert.equal(received.state, 'received', JSON.stringify(received.report));
    assert.deepEqual(received.bundle, signed.bundle);

    const document = await receiptDocument(police.deps, packetId);
    assert.deepEqual(await receiptDocument(police.deps, packetId), document);
    const cms = await signAs(world, 'intake', document);
    assert.equal((await signReceipt(police.deps, { packetId, cms, actor: 'intake-1' })).state, 'receipted');
    await settle(world);
    assert.equal((await packetRecord(regulator.deps, packetId)).state, 'receipted');
    assert.deepEqual(await signedReceipt(regulator.deps, packetId), { document: document.toString(), cms });

    assert.deepEqual(
      (await kindsOf(regulator)).filter((kind) => !kind.startsWith('status.')),
      [
        'packet.assembled',
        'packet.countersigned',
        'packet.countersigned',
        'packet.countersigned',
        'packet.signed',
        'message.offered',
        'packet.transferred',
        'message.acknowledged',
        'pull.served',
        'message.accepted',
      ],
    );
    assert.deepEqual(await kindsOf(police), [
      'message.accepted',
      'pull.opened',
      'pull.completed',
      'packet.received',
      'message.offered',
      'receipt.signed',
      'message.acknowledged',
    ]);
  });

  it('binds the entries of both sides of a pull to one another', async () => {
    const [opened, completed] = ['pull.opened', 'pull.completed'].map(
      (kind) => async () => (await world.police.entries()).find((entry) => entry.kind === kind),
    );
    const open = await opened!();
    const close = await completed!();
    const served = (await world.regulator.entries()).find(({ kind }) => kind === 'pull.served');
    assert.equal(served?.mid, open?.mid);
    assert.equal(close?.mid, open?.mid);
    assert.equal(served?.counter?.index, open?.seq);
    assert.equal(close?.counter?.index, served?.seq);
  });

  it('lists what was sent and what came', async () => {
    assert.deepEqual(
      (await listPackets(world.regulator.deps)).map(({ direction, state }) => [direction, state]),
      [['out', 'receipted']],
    );
    assert.equal((await listPackets(world.police.deps, { direction: 'in' })).length, 1);
    assert.equal((await listPackets(world.police.deps, { direction: 'out' })).length, 0);
  });

  it('refuses a second receipt and a second transfer to the same receiver', async () => {
    const { packetId } = (await listPackets(world.police.deps))[0]!;
    const cms = await signAs(world, 'intake', await receiptDocument(world.police.deps, packetId));
    await assert.rejects(signReceipt(world.police.deps, { packetId, cms, actor: 'intake-1' }), {
      code: 'packet.state',
    });
    await assert.rejects(transferPacket(world.regulator.deps, { packetId, actor: 'handler-1' }), {
      code: 'packet.state',
    });
  });
});
