/** Bundles that are not what was offered, do not fit, or were offered to somebody else; last, all ledgers are matched. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { newId } from '../../src/core/ids.ts';
import { TRANSFER_GROUP } from '../../src/demo/cast.ts';
import { packetRecord, type PacketRecord } from '../../src/evidence/packets.ts';
import { receiptDocument } from '../../src/evidence/handing-over/receipt.ts';
import { findInbound } from '../../src/evidence/store/inbound-store.ts';
import { transferPacket } from '../../src/evidence/handing-over/transfer.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Entry } from '../../src/ledger/entry.ts';
import { assertLedgersAgree } from '../world/agreeing-ledgers.ts';
import { ACTOR, ids, POLICE_QUOTA, signedPacket, type EvidenceWorld } from './evidence-world.ts';
import { forge, type Change } from './forge.ts';
import { entriesFrom, snapshot } from './oracle.ts';
import { assertRefused } from './refusal.ts';
import { closeConnections } from './send.ts';
import { wireBetween, type WireWorld } from './wire-world.ts';

const PARTS = '/x/v1/parts';

interface Asked {
  readonly from: number;
  readonly count: number;
}

export function describePulls(world: () => EvidenceWorld): void {
  const regulator = (): Gateway => world().gateways['regulator-r'];
  const police = (): Gateway => world().gateways['police-p'];

  async function transfer(packetId: string): Promise<void> {
    await transferPacket(regulator().evidence, { packetId, actor: ACTOR });
    await regulator().delivery.idle();
  }
  async function until(packetId: string, done: (record: PacketRecord) => boolean): Promise<PacketRecord> {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
      const found = await findInbound(police().database, packetId);
      const record = found === undefined ? undefined : await packetRecord(police().evidence, packetId);
      if (record !== undefined && done(record)) return record;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`packet ${packetId} never came that far`);
  }
  /** The entries about the packet, once there are as many: a state may be read a moment before its entry. */
  async function entriesOf(gateway: Gateway, packetId: string, asked: Asked): Promise<readonly Entry[]> {
    for (const deadline = Date.now() + 5_000; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const entries = (await entriesFrom(gateway, asked.from)).filter(
        ({ subject }) => subject.id === packetId,
      );
      if (entries.length >= asked.count || Date.now() > deadline) return entries;
    }
  }

  describe('a bundle', () => {
    it('whose bytes the holder has altered: never completed, no file visible, received once it is mended', async () => {
      const { packetId, bundle } = await signedPacket(world());
      const path = regulator().evidence.blobs.path(bundle!.sha256);
      const good = await readFile(path);
      const bad = Buffer.from(good);
      bad[bad.length >> 1]! ^= 1;
      await writeFile(path, bad);
      const before = await snapshot(police());
      await transfer(packetId);
      const waiting = await until(packetId, ({ reason }) => reason !== undefined);
      assert.deepEqual([waiting.state, waiting.reason], ['pulling', 'exchange.response-invalid']);
      assert.equal(await police().evidence.blobs.stat(bundle!.sha256), undefined);
      const kinds = (await entriesOf(police(), packetId, { from: before.ledgerSize, count: 2 })).map(
        ({ kind }) => kind,
      );
      assert.deepEqual(kinds, ['message.accepted', 'pull.opened']);
      await writeFile(path, good);
      await until(packetId, ({ state }) => state === 'received');
    });

    it('whose offer contradicts itself: failed with bundle.digest-mismatch, one entry, no file', async () => {
      const { packetId, bundle } = await signedPacket(world());
      const { blobs } = regulator().evidence;
      const false256 = 'ab'.repeat(32);
      await mkdir(dirname(blobs.path(false256)), { recursive: true });
      await copyFile(blobs.path(bundle!.sha256), blobs.path(false256));
      await regulator().database.query('UPDATE packet SET bundle_sha256 = $2 WHERE id = $1', [
        packetId,
        false256,
      ]);
      const before = await snapshot(police());
      await transfer(packetId);
      const failed = await until(packetId, ({ state }) => state === 'failed');
      assert.equal(failed.reason, 'bundle.digest-mismatch');
      const entries = await entriesOf(police(), packetId, { from: before.ledgerSize, count: 3 });
      assert.deepEqual(
        entries.map(({ kind, code }) => [kind, code]),
        [
          ['message.accepted', undefined],
          ['pull.opened', undefined],
          ['pull.failed', 'bundle.digest-mismatch'],
        ],
      );
      assert.deepEqual((await snapshot(police())).files, before.files);
    });

    it('with an altered item under a digest of its own: rejected with bundle.invalid, no receipt', async () => {
      const { packetId, bundle } = await signedPacket(world());
      const { blobs } = regulator().evidence;
      const bytes = await readFile(blobs.path(bundle!.sha256));
      bytes[bytes.indexOf('seq,ref,')]! ^= 1;
      const { sha256 } = await blobs.put(Readable.from([bytes]));
      const forging = 'UPDATE packet SET bundle_sha256 = $2, parts = ARRAY[$2] WHERE id = $1';
      await regulator().database.query(forging, [packetId, sha256]);
      const before = await snapshot(police());
      await transfer(packetId);
      await until(packetId, ({ state }) => state === 'rejected');
      const entries = await entriesOf(police(), packetId, { from: before.ledgerSize, count: 4 });
      const last = entries.at(-1);
      assert.deepEqual([last?.kind, last?.code], ['packet.rejected', 'bundle.invalid']);
      await assert.rejects(receiptDocument(police().evidence, packetId), { code: 'packet.state' });
    });

    it('that does not fit the quota: waits with blob.quota, one entry, nothing pulled', async () => {
      const { packetId } = await signedPacket(world(), POLICE_QUOTA);
      const before = await snapshot(police());
      await transfer(packetId);
      const waiting = await until(packetId, ({ reason }) => reason !== undefined);
      assert.deepEqual([waiting.state, waiting.reason], ['offered', 'blob.quota']);
      const entries = await entriesOf(police(), packetId, { from: before.ledgerSize, count: 2 });
      assert.deepEqual(
        entries.map(({ kind, code }) => [kind, code]),
        [
          ['message.accepted', undefined],
          ['pull.refused', 'blob.quota'],
        ],
      );
      assert.deepEqual((await snapshot(police())).files, before.files);
    });
  });

  describe('a part of a bundle', () => {
    let fromBank: WireWorld;
    let fromPolice: WireWorld;
    let offered: { readonly transfer: string; readonly sha256: string; readonly n: number };
    before(async () => {
      const { founded, time, gateways } = world();
      const common = { receiver: regulator(), ca: founded.ca, time };
      fromBank = await wireBetween({ ...common, sender: gateways['bank-a'] });
      fromPolice = await wireBetween({ ...common, sender: police() });
      const { packetId, bundle } = await signedPacket(world());
      await transfer(packetId);
      const { transfers } = await packetRecord(regulator().evidence, packetId);
      offered = { transfer: transfers![0]!.id, sha256: bundle!.sha256, n: 0 };
      await until(packetId, ({ state }) => state === 'received');
    });
    after(async () => {
      for (const wire of [fromBank, fromPolice]) {
        closeConnections(wire);
        await wire.close();
      }
    });

    const asking = (change: object = {}, rest: Change = {}): Change => ({
      path: PARTS,
      body: JSON.stringify({ ...offered, ...change }),
      content: { group: TRANSFER_GROUP, purpose: 'CRIMINAL_TRANSFER' },
      ...rest,
    });
    const refusedTo = async (
      wire: WireWorld,
      change: Change,
      code: 'part.not-found' | 'token.claims-refused',
    ) => assertRefused(wire, { code, signed: true }, await forge(wire, change));

    it('that was offered to another member: signed part.not-found', () =>
      refusedTo(fromBank, asking(), 'part.not-found'));
    it('beyond the last: signed part.not-found', () =>
      refusedTo(fromPolice, asking({ n: 1 }), 'part.not-found'));
    it('of another bundle: signed part.not-found', () =>
      refusedTo(fromPolice, asking({ sha256: 'cd'.repeat(32) }), 'part.not-found'));
    it('of an unknown transfer: signed part.not-found', () =>
      refusedTo(fromPolice, asking({ transfer: newId() }), 'part.not-found'));
    it('for another purpose: signed part.not-found', () =>
      refusedTo(
        fromPolice,
        asking({}, { content: { group: TRANSFER_GROUP, purpose: 'CURIOSITY' } }),
        'part.not-found',
      ));
    it('under no entry of the puller: signed token.claims-refused', () =>
      refusedTo(fromPolice, asking({}, { claims: { ofr: null } }), 'token.claims-refused'));
    it("under an entry of another member's ledger: signed token.claims-refused", () =>
      refusedTo(fromPolice, asking({}, { claims: { ofr: fromBank.offer } }), 'token.claims-refused'));
  });

  describe('all ledgers', () => {
    it('verify after all of it, and each side agrees with the other', async () => {
      const { pairs } = await assertLedgersAgree(ids.map((id) => world().gateways[id]));
      assert.ok(pairs.some(({ matched }) => matched > 0));
    });
  });
}
