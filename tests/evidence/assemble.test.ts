import assert from 'node:assert/strict';
import { sha256Hex } from '../../src/core/digest.ts';
import { assemblePacket } from '../../src/evidence/making/assemble.ts';
import { custodyFaults } from '../../src/evidence/checks/custody-checks.ts';
import type { PacketDraft } from '../../src/evidence/making/packet-draft.ts';
import type { Packet } from '../../src/evidence/packet-types.ts';
import { packetRecord } from '../../src/evidence/packets.ts';
import { addSignature, manifestOf } from '../../src/evidence/making/sign.ts';
import { findPacket } from '../../src/evidence/store/packet-store.ts';
import { transferPacket } from '../../src/evidence/handing-over/transfer.ts';
import { caseDraft, sampleCase, signAs, signatory, signPacket } from './drafts.ts';
import { createWorld, withRegistry, type World } from './gateways.ts';

describe('assembling and signing a packet', () => {
  let world: World;
  let draft: PacketDraft;
  before(async function () {
    this.timeout(120_000);
    world = await createWorld();
    draft = await caseDraft(world);
  });
  after(() => world.close());

  const assemble = (change: Partial<PacketDraft>): ReturnType<typeof assemblePacket> =>
    assemblePacket(world.regulator.deps, { ...draft, ...change }, 'handler-1');
  const packetCount = async (): Promise<number> => {
    const { rows } = await world.regulator.deps.database.query<{ n: number }>(
      'SELECT count(*) AS n FROM packet',
    );
    return rows[0]!.n;
  };
  /** The change is refused, and neither a packet nor a ledger entry is left. */
  async function refuses(
    change: Partial<PacketDraft>,
    expected: { code: string; check?: string },
  ): Promise<void> {
    const before = [await packetCount(), (await world.regulator.entries()).length];
    await assert.rejects(assemble(change), (error: { code: string; facts: { check?: string } }) => {
      assert.equal(error.code, expected.code);
      if (expected.check !== undefined) assert.equal(error.facts.check, expected.check);
      return true;
    });
    assert.deepEqual([await packetCount(), (await world.regulator.entries()).length], before);
  }
  const withItem = (change: object): Partial<PacketDraft> => ({
    items: [{ ...draft.items[0]!, ...change }, ...draft.items.slice(1)],
  });
  const without = (form: string): Partial<PacketDraft> => ({
    forms: draft.forms.filter((each) => each.form !== form),
  });

  for (let number = 1; number <= 10; number++) {
    it(`makes a transfer of sample case ${number}: ${sampleCase(number).title}`, async () => {
      const record = await assemblePacket(world.regulator.deps, await caseDraft(world, number), 'handler-1');
      assert.equal(record.state, 'assembled');
      const row = (await findPacket(world.regulator.deps.database, record.packetId))!;
      const packet = JSON.parse(row.packet) as Packet;
      assert.deepEqual(custodyFaults(Buffer.from(row.custody), packet.items), []);
      assert.equal(sha256Hex(row.manifest), record.manifestSha256);
      assert.deepEqual(
        packet.annexes.filter(({ no }) => no === 'A6').map(({ title }) => title),
        ['电子数据清单'],
      );
    });
  }

  it('refuses an item whose stored file differs from what the draft says', async () => {
    const { sha256 } = draft.items[0]!.digests;
    await refuses(withItem({ digests: { sha256, sm3: '0'.repeat(64) } }), { code: 'blob.digest-mismatch' });
    await refuses(withItem({ size: 1 }), { code: 'blob.digest-mismatch' });
  });

  it('refuses an item whose file was never uploaded', () =>
    refuses(withItem({ digests: { sha256: 'ab'.repeat(32) } }), { code: 'blob.not-found' }));

  it('refuses authentication data (C3) outright', () =>
    refuses(withItem({ grade: { jrt0197: 4, pfi: 'C3', nfra: 'core' } }), {
      code: 'packet.invalid',
      check: 'E-GRADE',
    }));

  it('refuses an item that one person collected', () =>
    refuses(withItem({ collectedBy: ['承办人 甲某'] }), {
      code: 'packet.invalid',
      check: 'E-LEGAL-COLLECTORS',
    }));

  it('refuses a custody that runs backwards', () =>
    refuses(withItem({ identifiedAt: '2025-12-30T00:00:00+08:00' }), {
      code: 'packet.invalid',
      check: 'E-CUSTODY-GAP',
    }));

  it('refuses a transfer without the report, the legal opinion or the approval', async () => {
    for (const form of ['A1', 'A2', 'A3', 'A8', 'A9', 'A10'])
      await refuses(without(form), { code: 'schema.invalid' });
  });

  it('refuses electronic data without the record of its extraction', () =>
    refuses(without('A7'), { code: 'packet.invalid', check: 'E-LEGAL-A7' }));

  it('refuses one handler, and a head who is a handler too', async () => {
    const [first, , head] = draft.signatories;
    await refuses({ signatories: [first!, head!] }, { code: 'packet.invalid', check: 'E-SIG-ROLE' });
    const same = { ...head!, x5t: first!.x5t };
    const team = [...draft.signatories.slice(0, 2), same];
    await refuses({ signatories: team }, { code: 'packet.invalid', check: 'E-SIG-ROLE' });
  });

  it('refuses a signatory of another member or in a role that is not registered', async () => {
    const { officer, handler1 } = world.people.officers;
    const [first, second] = draft.signatories;
    await refuses(
      { signatories: [first!, second!, signatory(officer, 'APPROVER')] },
      { code: 'packet.signer-unregistered' },
    );
    await refuses(
      {
        signatories: [
          signatory(handler1, 'APPROVER'),
          second!,
          { ...draft.signatories[2]!, role: 'HANDLER' },
        ],
      },
      { code: 'packet.signer-unregistered' },
    );
  });

  it('refuses a receiver outside the group and content that breaks the schema', async () => {
    await refuses({ receiver: 'bank-a' }, { code: 'packet.invalid' });
    await refuses({ origin: 'RUMOUR' }, { code: 'schema.invalid' });
    await refuses({ forms: 'none' as never }, { code: 'schema.invalid' });
  });

  it('takes a signature once, from a signatory, over this manifest', async () => {
    const { deps } = world.regulator;
    const { packetId } = await assemble({});
    const manifest = await manifestOf(deps, packetId);
    const add = (cms: Buffer): Promise<unknown> => addSignature(deps, { packetId, cms, actor: 'x' });

    await assert.rejects(add(Buffer.from('nonsense')), { code: 'packet.signature-invalid' });
    await assert.rejects(add(await signAs(world, 'handler1', Buffer.from('other'))), {
      code: 'packet.signature-invalid',
    });
    const tomorrow = new Date(Date.now() + 86_400_000);
    await assert.rejects(add(await signAs(world, 'handler1', manifest, tomorrow)), {
      code: 'packet.signature-invalid',
    });
    await assert.rejects(add(await signAs(world, 'intake', manifest)), {
      code: 'packet.signer-unregistered',
    });
    await add(await signAs(world, 'handler1', manifest));
    await assert.rejects(add(await signAs(world, 'handler1', manifest)), { code: 'packet.state' });

    const record = await packetRecord(deps, packetId);
    assert.deepEqual(
      record.signatories?.map(({ signed }) => signed),
      [true, false, false],
    );
    await assert.rejects(transferPacket(deps, { packetId, actor: 'x' }), { code: 'packet.state' });
  });

  it('refuses the signature of an officer who was revoked after the packet was made', async () => {
    const { deps } = world.regulator;
    const { packetId } = await assemble({});
    const cms = await signAs(world, 'handler1', await manifestOf(deps, packetId));
    const before = world.keeper.view;
    const members = before.body.members.map((member) => ({
      ...member,
      signers: member.signers.map((signer) => ({
        ...signer,
        revoked: { at: '2026-01-01T00:00:00Z', reason: 'unspecified' as const },
      })),
    }));
    world.keeper.view = withRegistry(before, { members });
    try {
      await assert.rejects(addSignature(deps, { packetId, cms, actor: 'x' }), {
        code: 'packet.signer-unregistered',
      });
    } finally {
      world.keeper.view = before;
    }
  });

  it('transfers only to those whom the packet names, and only under a grant', async () => {
    const { deps } = world.regulator;
    const { packetId } = await assemble({});
    await signPacket(world, world.regulator, { packetId, officers: ['handler1', 'handler2', 'head'] });
    await assert.rejects(transferPacket(deps, { packetId, to: 'bank-a', actor: 'x' }), {
      code: 'packet.invalid',
    });

    const high = await assemble(withItem({ grade: { jrt0197: 5, pfi: 'C2', nfra: 'core' } }));
    await signPacket(world, world.regulator, {
      packetId: high.packetId,
      officers: ['handler1', 'handler2', 'head'],
    });
    await assert.rejects(
      transferPacket(deps, { packetId: high.packetId, actor: 'x' }),
      (error: { code: string }) => {
        assert.equal(error.code, 'grant.refused');
        return true;
      },
    );
  });
});
