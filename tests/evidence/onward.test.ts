import assert from 'node:assert/strict';
import { assemblePacket } from '../../src/evidence/making/assemble.ts';
import { prepareOffer } from '../../src/evidence/handing-over/offer.ts';
import type { ItemDraft, PacketDraft } from '../../src/evidence/making/packet-draft.ts';
import { packetRecord } from '../../src/evidence/packets.ts';
import { releaseEvidence } from '../../src/evidence/release.ts';
import { insertReceived, receivedAmong } from '../../src/evidence/store/received-store.ts';
import { findPacket } from '../../src/evidence/store/packet-store.ts';
import { without } from '../../src/evidence/without.ts';
import { transferPacket } from '../../src/evidence/handing-over/transfer.ts';
import type { Grant, RegistryBody } from '../../src/federation/registry/registry-types.ts';
import type { RegistryView } from '../../src/federation/registry/registry-view.ts';
import { caseDraft, signatory, signPacket, upload } from './drafts.ts';
import { createWorld, EVIDENCE, settle, TRANSFERS, withRegistry, type World } from './gateways.ts';

/** The regulator gives a case to the police; these tests ask what the police may then give to the bank. */
describe('what came from another member', () => {
  let world: World;
  let asReceived: RegistryView;
  let bundle: string;
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
    const received = await packetRecord(police.deps, packetId);
    assert.equal(received.state, 'received');
    bundle = received.bundle!.sha256;
    item = without(basis.items[0]!, 'size');
    // The clerk takes a file out of the bundle and uploads it again.
    for (const { digests } of basis.items) {
      const bytes = regulator.deps.blobs.read(digests.sha256);
      await police.deps.blobs.put(bytes);
    }
    asReceived = world.keeper.view;
  });
  after(() => world.close());
  beforeEach(() => {
    world.keeper.view = withPolice();
  });

  /** The regulator's officers work for the police now, and the bank is in the group of transfers. */
  function withPolice(
    onward: Grant['onward'] = 'same-purpose',
    change: Partial<RegistryBody> = {},
  ): RegistryView {
    const signers = asReceived.body.members.find(({ id }) => id === 'regulator-r')!.signers;
    return withRegistry(asReceived, {
      members: asReceived.body.members.map((member) => ({
        ...member,
        signers:
          member.id === 'regulator-r'
            ? []
            : [...member.signers, ...(member.id === 'police-p' ? signers : [])],
      })),
      groups: asReceived.body.groups.map((group) =>
        group.id === TRANSFERS ? { ...group, members: [...group.members, 'bank-a'] } : group,
      ),
      grants: asReceived.body.grants.map((grant) =>
        grant.id === 'g-transfer' ? { ...grant, onward } : grant,
      ),
      ...change,
    });
  }
  const draft = (change: Partial<PacketDraft> = {}): PacketDraft => ({
    ...basis,
    receiver: 'bank-a',
    items: [item],
    forms: basis.forms.filter(({ itemNo }) => itemNo === undefined || itemNo === item.itemNo),
    ...change,
  });
  const assemble = (change: Partial<PacketDraft> = {}) =>
    assemblePacket(world.police.deps, draft(change), 'tester');
  const rowsOf = async (): Promise<number> => {
    const { rows } = await world.police.deps.database.query<{ n: number }>(
      'SELECT count(*) AS n FROM packet',
    );
    return rows[0]?.n ?? -1;
  };
  async function refused(work: Promise<unknown>, code: string, unmet: string): Promise<void> {
    const before = await rowsOf();
    const error = await work.then(
      () => assert.fail('it was to be refused'),
      (cause: unknown) => cause as { code: string; facts: Record<string, unknown> },
    );
    assert.deepEqual([error.code, error.facts['unmet'], error.facts['from']], [code, unmet, 'regulator-r']);
    assert.equal(await rowsOf(), before);
  }

  it('goes on for the same purpose in the same compartment', async () => {
    assert.equal((await assemble()).state, 'assembled');
  });

  it('goes on for no other purpose, and into no other compartment', async () => {
    const investigation = {
      group: EVIDENCE,
      purpose: 'CRIMINAL_INVESTIGATION',
      legalBasis: [{ instrument: 'CPL', article: '54', version: '2018' }],
    };
    await refused(assemble(investigation), 'grant.onward-refused', 'onward-purpose');
    const grants = asReceived.body.grants.map((grant) =>
      grant.id === 'g-response'
        ? { ...grant, purposes: ['CRIMINAL_TRANSFER'], legalBases: ['CPL-54'] }
        : grant,
    );
    world.keeper.view = withPolice('same-purpose', { grants });
    const elsewhere = assemble({ ...investigation, purpose: 'CRIMINAL_TRANSFER' });
    await refused(elsewhere, 'grant.onward-refused', 'onward-compartment');
  });

  it('stays where its grant says none, or is gone, and waits where it asks for an approval', async () => {
    world.keeper.view = withPolice('none');
    await refused(assemble(), 'grant.onward-refused', 'onward-none');
    world.keeper.view = withPolice('approval');
    await refused(assemble(), 'grant.onward-approval-missing', 'onward-approval');
    const grants = asReceived.body.grants.map((grant) =>
      grant.id === 'g-transfer' ? { ...grant, id: 'g-transfer-2' } : grant,
    );
    world.keeper.view = withPolice('none', { grants });
    await refused(assemble(), 'grant.onward-refused', 'onward-none');
  });

  it('stays as a whole bundle too', async () => {
    world.keeper.view = withPolice('none');
    const whole: ItemDraft = { ...item, digests: { sha256: bundle } };
    await refused(assemble({ items: [whole] }), 'grant.onward-refused', 'onward-none');
    // Before its packet was read the bundle is known by its offer alone.
    const { database } = world.police.deps;
    await database.query('DELETE FROM received_content WHERE sha256 = $1', [bundle]);
    await refused(assemble({ items: [whole] }), 'grant.onward-refused', 'onward-none');
  });

  it('goes back to its origin, but not with a copy to others', async () => {
    world.keeper.view = withPolice('none');
    assert.equal((await assemble({ receiver: 'regulator-r' })).state, 'assembled');
    const copied = assemble({ receiver: 'regulator-r', copyTo: ['bank-a'] });
    await refused(copied, 'grant.onward-refused', 'onward-none');
  });

  it('is asked again when the packet is offered', async () => {
    const { packetId } = await assemble();
    const row = (await findPacket(world.police.deps.database, packetId))!;
    const offer = { row, bundle: { sha256: bundle, size: 1, partSize: 1, parts: [bundle] }, to: 'bank-a' };
    world.keeper.view = withPolice('none');
    await refused(prepareOffer(world.police.deps, offer), 'grant.onward-refused', 'onward-none');
  });

  it('is not released to whoever asks for it', async () => {
    const { signatories, decisions } = {
      signatories: [signatory(world.people.officers.officer, 'PROVIDER')],
      decisions: [{ item: '1', release: true, file: { ...item, itemNo: '0001' } }],
    };
    const id = '01987f2e-7c1a-7000-8000-000000000001';
    const { database } = world.police.deps;
    await database.query(
      `INSERT INTO evidence_request (id, direction, peer, group_id, purpose, legal_basis, notice_no, case_ref, items,
         state, created_at, ledger_key)
       SELECT $1, 'in', 'bank-a', $2, 'CRIMINAL_INVESTIGATION', '{CPL-54}', 'N1', 'C1', '[{"item":"1"}]', 'open', now(), key
         FROM ledger_entry LIMIT 1`,
      [id, EVIDENCE],
    );
    const view = withPolice();
    const officer = asReceived.body.members.find(({ id: member }) => member === 'bank-a')!.signers;
    world.keeper.view = withRegistry(view, {
      members: view.body.members.map((member) => ({
        ...member,
        signers:
          member.id === 'bank-a' ? [] : [...member.signers, ...(member.id === 'police-p' ? officer : [])],
      })),
    });
    const order = { requestId: id, decisions, signatories, actor: 'tester' };
    await refused(releaseEvidence(world.police.deps, order), 'grant.onward-refused', 'onward-purpose');
  });

  it('does not bind what one of our own packets carried before', async () => {
    const { database, blobs } = world.regulator.deps;
    world.keeper.view = asReceived;
    const foreign = await upload(blobs, 'of the police');
    const id = '01987f2e-7c1a-7000-8000-000000000002';
    await database.query(
      `INSERT INTO packet_inbound (packet_id, transfer_id, sender, type, doc_no, group_id, purpose, legal_basis,
         manifest_sha256, bundle_sha256, bundle_size, part_size, parts, state, next_attempt_at, offered_at, ledger_key)
       SELECT $1, $1, 'police-p', 'LEAD_NOTICE', '1', $2, 'CRIMINAL_TRANSFER', '{}', '', '', 1, 1, '{}', 'pulled', now(),
         now(), key FROM ledger_entry LIMIT 1`,
      [id, TRANSFERS],
    );
    const own = basis.items[0]!.digests.sha256;
    const files = [own, foreign.sha256];
    await insertReceived(database, { id, files, declared: 'none' });
    const found = await receivedAmong(database, files);
    assert.deepEqual(
      found.map(({ sha256, sender, declared }) => [sha256, sender, declared]),
      [[foreign.sha256, 'police-p', 'none']],
    );
  });
});
