import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { canonicalBytes, type JsonObject } from '../../src/core/canonical.ts';
import { assemblePacket } from '../../src/evidence/making/assemble.ts';
import { inboundKey } from '../../src/evidence/inbound-key.ts';
import type { Packet } from '../../src/evidence/packet-types.ts';
import { openBundle, packetRecord } from '../../src/evidence/packets.ts';
import { receiptDocument, signReceipt } from '../../src/evidence/handing-over/receipt.ts';
import { releaseEvidence, type ItemDecision } from '../../src/evidence/release.ts';
import {
  createEvidenceRequest,
  listEvidenceRequests,
  requestRecord,
  type RequestRecord,
} from '../../src/evidence/request.ts';
import { sealMessage } from '../../src/evidence/handing-over/seal-message.ts';
import { findInbound } from '../../src/evidence/store/inbound-store.ts';
import { findPacket } from '../../src/evidence/store/packet-store.ts';
import { transferPacket } from '../../src/evidence/handing-over/transfer.ts';
import { acceptanceKey } from '../../src/federation/messages/accept-messages.ts';
import type { ReceivedMessage } from '../../src/federation/inbox.ts';
import { bankItem, caseDraft, signAs, signatory, signPacket } from './drafts.ts';
import { createWorld, EVIDENCE, settle, type World } from './gateways.ts';

describe('evidence request, release and response', () => {
  let world: World;
  before(async function () {
    this.timeout(120_000);
    world = await createWorld();
  });
  after(() => world.close());

  const items = [
    { item: 'R1', description: '贷款账户流水' },
    { item: 'R2', description: '审批日志' },
  ];
  async function request(): Promise<RequestRecord> {
    const order = { to: 'bank-a', group: EVIDENCE, legalBasis: ['CPL-54', 'FAFA22-13'], actor: 'intake-1' };
    const made = await createEvidenceRequest(world.police.deps, {
      ...order,
      noticeNo: '某公经调证〔2025〕7号',
      caseRef: 'case-7',
      items,
    });
    await settle(world);
    return made;
  }
  async function release(requestId: string, decisions: readonly ItemDecision[]) {
    const signatories = [signatory(world.people.officers.officer, 'PROVIDER')];
    return releaseEvidence(world.bank.deps, { requestId, decisions, signatories, actor: 'officer-1' });
  }
  const refusal: ItemDecision = { item: 'R2', release: false, reason: '与案件无关' };

  it('releases item by item; with the signature the answer travels by itself', async () => {
    const { police, bank } = world;
    const { requestId, state } = await request();
    assert.equal(state, 'open');
    assert.equal((await listEvidenceRequests(bank.deps, { direction: 'in' }))[0]!.requestId, requestId);

    const file = await bankItem(world, 'date,amount\n2025-01-02,9000.00\n');
    const response = await release(requestId, [{ item: 'R1', release: true, file }, refusal]);
    assert.equal(response.packetType, 'EVIDENCE_RESPONSE');
    assert.equal((await requestRecord(bank.deps, requestId)).state, 'deciding');
    await signPacket(world, bank, { packetId: response.packetId, officers: ['officer'] });
    await settle(world);

    const received = await packetRecord(police.deps, response.packetId);
    assert.equal(received.state, 'received', JSON.stringify(received.report));
    assert.equal(received.inReplyTo, requestId);
    for (const { deps } of [police, bank]) {
      const record = await requestRecord(deps, requestId);
      assert.equal(record.state, 'answered');
      assert.equal(record.responsePacket, response.packetId);
    }
    assert.match(await text((await openBundle(police.deps, response.packetId)).open()), /9000\.00/);
    const { packet } = (await findPacket(bank.deps.database, response.packetId))!;
    assert.deepEqual((JSON.parse(packet) as Packet).refusedItems, [{ item: 'R2', reason: '与案件无关' }]);

    const kinds = (await bank.entries()).map(({ kind }) => kind);
    for (const kind of [
      'message.accepted',
      'evidence.released',
      'packet.signed',
      'message.offered',
      'pull.served',
    ]) {
      assert.ok(kinds.includes(kind), kind);
    }
  });

  it('answers a request that is refused as a whole', async () => {
    const { requestId } = await request();
    const response = await release(requestId, [
      { item: 'R1', release: false, reason: '不在本机构' },
      refusal,
    ]);
    await signPacket(world, world.bank, { packetId: response.packetId, officers: ['officer'] });
    await settle(world);
    const received = await packetRecord(world.police.deps, response.packetId);
    assert.equal(received.state, 'received', JSON.stringify(received.report));
  });

  it('wants one decision for each item, a file or a reason with it, and only once', async () => {
    const { requestId } = await request();
    const file = await bankItem(world, 'x');
    await assert.rejects(release(requestId, [refusal]), { code: 'packet.invalid' });
    await assert.rejects(release(requestId, [{ item: 'R1', release: true }, refusal]), {
      code: 'packet.invalid',
    });
    await assert.rejects(
      release(requestId, [
        { item: 'R1', release: true, file },
        { item: 'R2', release: false },
      ]),
      { code: 'packet.invalid' },
    );
    await assert.rejects(release('0192', [refusal]), { code: 'request.not-found' });
    await release(requestId, [{ item: 'R1', release: true, file }, refusal]);
    await assert.rejects(release(requestId, [{ item: 'R1', release: true, file }, refusal]), {
      code: 'request.state',
    });
  });

  it('lets nobody ask without the grant, and queues nothing then', async () => {
    const { deps } = world.bank;
    const before = (await world.bank.entries()).length;
    const order = {
      to: 'police-p',
      group: EVIDENCE,
      legalBasis: ['CPL-54'],
      noticeNo: '1',
      caseRef: 'c',
      items,
    };
    await assert.rejects(createEvidenceRequest(deps, { ...order, actor: 'x' }), { code: 'grant.refused' });
    assert.equal((await world.bank.entries()).length, before);
    assert.equal((await listEvidenceRequests(deps, { direction: 'out' })).length, 0);
  });

  it('takes no answer to a request that was never made', async () => {
    const { police, bank } = world;
    const { requestId } = await request();
    await police.deps.database.query("DELETE FROM evidence_request WHERE id = $1 AND direction = 'out'", [
      requestId,
    ]);
    const response = await release(requestId, [{ item: 'R1', release: false, reason: '无' }, refusal]);
    await signPacket(world, bank, { packetId: response.packetId, officers: ['officer'] });
    await settle(world);
    assert.equal(await findInbound(police.deps.database, response.packetId), undefined);
    const refused = (await police.entries()).filter(({ kind }) => kind === 'exchange.refused');
    assert.equal(refused.at(-1)!.code, 'request.not-found');
  });

  describe('a receipt', () => {
    let packetId: string;
    before(async () => {
      const { deps } = world.regulator;
      packetId = (await assemblePacket(deps, await caseDraft(world), 'handler-1')).packetId;
      await signPacket(world, world.regulator, { packetId, officers: ['handler1', 'handler2', 'head'] });
      await transferPacket(deps, { packetId, actor: 'handler-1' });
      await settle(world);
    });

    it('is signed by nobody but a registered receiver, over nothing but the document', async () => {
      const { deps } = world.police;
      const document = await receiptDocument(deps, packetId);
      const sign = async (cms: Buffer): Promise<unknown> => signReceipt(deps, { packetId, cms, actor: 'x' });
      await assert.rejects(sign(await signAs(world, 'handler1', document)), {
        code: 'packet.signer-unregistered',
      });
      await assert.rejects(sign(await signAs(world, 'clerk', document)), {
        code: 'packet.signer-unregistered',
      });
      await assert.rejects(sign(await signAs(world, 'intake', Buffer.from('{}'))), {
        code: 'packet.signature-invalid',
      });
      assert.equal((await packetRecord(deps, packetId)).state, 'received');
    });

    /** Sends what the police's own gateway would refuse to send; returns the code of the regulator's refusal. */
    async function forge(document: JsonObject, officer: 'intake' | 'clerk'): Promise<string | undefined> {
      const { police, regulator } = world;
      const cms = await signAs(world, officer, canonicalBytes(document));
      const row = (await findInbound(police.deps.database, packetId))!;
      const message = await sealMessage(police.deps, {
        kind: 'packet-receipt',
        right: 'transfer',
        to: 'regulator-r',
        group: row.group_id,
        purpose: row.purpose,
        legalBasis: row.legal_basis,
        body: { document, cms: cms.toString('base64') },
      });
      await police.deps.database.transaction((tx) => police.deps.enqueue(tx, message));
      police.deps.kickDelivery();
      await settle(world);
      assert.equal((await packetRecord(regulator.deps, packetId)).state, 'transferred');
      return (await regulator.entries()).filter(({ kind }) => kind === 'exchange.refused').at(-1)?.code;
    }

    it('is refused by the sender when it says something else, or another officer signed it', async () => {
      const bytes = await receiptDocument(world.police.deps, packetId);
      const document = JSON.parse(bytes.toString()) as JsonObject;
      assert.equal(await forge({ ...document, docNo: '别的文号' }, 'intake'), 'packet.invalid');
      assert.equal(await forge(document, 'clerk'), 'packet.signer-unregistered');
    });
  });

  it('knows the ledger key under which the inbox accepts', () => {
    const received = { from: 'bank-a', claims: { mid: 'm' } } as unknown as ReceivedMessage;
    assert.deepEqual(inboundKey({ from: 'bank-a', mid: 'm' }), acceptanceKey(received));
  });
});
