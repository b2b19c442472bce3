import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalBytes } from '../../src/core/canonical.ts';
import { sha256Hex } from '../../src/core/digest.ts';
import { newId } from '../../src/core/ids.ts';
import { assemblePacket } from '../../src/evidence/making/assemble.ts';
import { packetRecord, type PacketRecord } from '../../src/evidence/packets.ts';
import { PART_SIZE } from '../../src/evidence/making/part-digests.ts';
import { receiptDocument } from '../../src/evidence/handing-over/receipt.ts';
import { findInbound } from '../../src/evidence/store/inbound-store.ts';
import { transferPacket } from '../../src/evidence/handing-over/transfer.ts';
import type { PeerAnswer } from '../../src/federation/peers/peer-client.ts';
import { caseDraft, signPacket, upload } from './drafts.ts';
import { createWorld, settle, TRANSFERS, withRegistry, type TestGateway, type World } from './gateways.ts';

const QUOTA = 120 * 1024 * 1024;

describe('pulling a bundle', () => {
  let world: World;
  before(async function () {
    this.timeout(120_000);
    world = await createWorld({ quotaBytes: QUOTA, pulls: { pollMs: 50, leaseMs: 300 } });
  });
  after(() => world.close());

  /** A signed packet with one large item. */
  async function signedPacket(size: number): Promise<PacketRecord> {
    const { deps } = world.regulator;
    const draft = await caseDraft(world);
    const { sha256 } = await upload(deps.blobs, randomBytes(size));
    const items = [{ ...draft.items[0]!, digests: { sha256 }, size }, ...draft.items.slice(1)];
    const { packetId } = await assemblePacket(deps, { ...draft, items }, 'handler-1');
    return signPacket(world, world.regulator, { packetId, officers: ['handler1', 'handler2', 'head'] });
  }

  /** Transfers and waits until the police have the offer, with their pull worker stopped. */
  async function offerWhileStopped(packetId: string): Promise<void> {
    await world.police.pulls.close();
    await transferPacket(world.regulator.deps, { packetId, actor: 'handler-1' });
    await world.regulator.delivery.idle();
  }

  async function untilState(
    gateway: TestGateway,
    packetId: string,
    ...states: string[]
  ): Promise<PacketRecord> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      const found = await findInbound(gateway.deps.database, packetId);
      if (found !== undefined && states.includes(found.state)) return packetRecord(gateway.deps, packetId);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`packet ${packetId} never became ${states.join(' or ')}`);
  }

  function countParts(gateway: TestGateway): { count: number; stop(): void } {
    const counter = { count: 0, stop: () => void gateway.server.off('request', onRequest) };
    const onRequest = ({ url }: { url?: string }): void => {
      if (url === '/x/v1/parts') counter.count++;
    };
    gateway.server.on('request', onRequest);
    return counter;
  }

  it('goes on after a crash from the parts on disk, and fetches a torn part again', async () => {
    const { packetId, bundle } = await signedPacket(3 * PART_SIZE);
    await offerWhileStopped(packetId);
    const { police, regulator } = world;
    const row = (await findInbound(police.deps.database, packetId))!;
    // As a killed process leaves it: two whole parts, a third of which the last page never reached the disk.
    const bytes = readFileSync(regulator.deps.blobs.path(bundle!.sha256));
    const partial = await police.deps.blobs.partial(row.transfer_id);
    await partial.write(0, bytes.subarray(0, 2 * PART_SIZE));
    await partial.write(
      2 * PART_SIZE,
      Buffer.concat([bytes.subarray(2 * PART_SIZE, 3 * PART_SIZE - 4096), Buffer.alloc(4096)]),
    );
    await partial.close();
    const lease =
      "UPDATE packet_inbound SET claimed_until = now() + interval '300 milliseconds' WHERE packet_id = $1";
    await police.deps.database.query(lease, [packetId]);

    const parts = countParts(regulator);
    await police.restartPulls();
    await untilState(police, packetId, 'received');
    parts.stop();
    assert.equal(parts.count, row.parts.length - 2);
    assert.equal(sha256Hex(readFileSync(police.deps.blobs.path(bundle!.sha256))), bundle!.sha256);
    const pulls = (await police.entries()).filter(({ kind }) => kind === 'pull.opened');
    assert.equal(pulls.length, 1);
  });

  it('keeps the pull and its entry over a stop half-way', async () => {
    const { packetId } = await signedPacket(4 * PART_SIZE);
    const { police, regulator } = world;
    const parts = countParts(regulator);
    await transferPacket(regulator.deps, { packetId, actor: 'handler-1' });
    while (parts.count < 3) await new Promise((resolve) => setTimeout(resolve, 2));
    await police.restartPulls();
    await untilState(police, packetId, 'received');
    parts.stop();
    const mine = (await police.entries()).filter(({ kind }) => kind.startsWith('pull.')).slice(-2);
    assert.deepEqual(
      mine.map(({ kind }) => kind),
      ['pull.opened', 'pull.completed'],
    );
    assert.equal(mine[0]!.mid, mine[1]!.mid);
    const served = (await regulator.entries()).filter(
      ({ kind, mid }) => kind === 'pull.served' && mid === mine[0]!.mid,
    );
    assert.equal(served.length, 1);
  });

  it('survives kill -9 of the pulling process at any part', async function () {
    this.timeout(90_000);
    const { packetId, bundle } = await signedPacket(5 * PART_SIZE);
    await offerWhileStopped(packetId);
    const { police, regulator } = world;
    const { body, sha256 } = world.keeper.view;
    const plan = world.plans.find(({ id }) => id === 'police-p');
    const file = join(police.directory, 'puller.json');
    writeFileSync(file, JSON.stringify({ plan, body, sha256 }));
    const parts = countParts(regulator);
    for (const kill of [2, 4, undefined]) {
      const child = fork(new URL('./puller.ts', import.meta.url), [file], { execArgv: ['--import', 'tsx'] });
      const ended = once(child, 'exit');
      if (kill === undefined) {
        await untilState(police, packetId, 'received');
      } else {
        while (parts.count < kill) await new Promise((resolve) => setTimeout(resolve, 2));
      }
      child.kill('SIGKILL');
      await ended;
    }
    parts.stop();
    assert.equal(sha256Hex(readFileSync(police.deps.blobs.path(bundle!.sha256))), bundle!.sha256);
    const pulls = (await police.entries()).filter(({ kind }) => kind.startsWith('pull.')).slice(-2);
    assert.deepEqual(
      pulls.map(({ kind }) => kind),
      ['pull.opened', 'pull.completed'],
    );
    assert.ok(parts.count < (3 * bundle!.size) / PART_SIZE, `asked for ${parts.count} parts in all`);
    await police.restartPulls();
  });

  it('takes nothing from a holder whose file was altered, and finishes once it is mended', async () => {
    const { packetId, bundle } = await signedPacket(PART_SIZE);
    const { police, regulator } = world;
    const path = regulator.deps.blobs.path(bundle!.sha256);
    const good = readFileSync(path);
    const bad = Buffer.from(good);
    bad[1_000_000]! ^= 1;
    writeFileSync(path, bad);
    await transferPacket(regulator.deps, { packetId, actor: 'handler-1' });
    await regulator.delivery.idle();
    while ((await findInbound(police.deps.database, packetId))?.attempts !== 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(await police.deps.blobs.stat(bundle!.sha256), undefined);
    assert.equal((await packetRecord(police.deps, packetId)).reason, 'exchange.response-invalid');
    writeFileSync(path, good);
    await untilState(police, packetId, 'received');
  });

  it('rejects a bundle whose item was altered before it was offered, and gives no receipt', async () => {
    const { packetId, bundle } = await signedPacket(1_000);
    const { police, regulator } = world;
    const bytes = readFileSync(regulator.deps.blobs.path(bundle!.sha256));
    bytes[bytes.indexOf('seq,ref,')]! ^= 1;
    const forged = await upload(regulator.deps.blobs, bytes);
    await regulator.deps.database.query(
      'UPDATE packet SET bundle_sha256 = $2, parts = ARRAY[$2] WHERE id = $1',
      [packetId, forged.sha256],
    );
    await transferPacket(regulator.deps, { packetId, actor: 'handler-1' });
    const record = await untilState(police, packetId, 'rejected');
    const { checks } = record.report as unknown as { checks: { code: string; ok: boolean; path?: string }[] };
    const failed = checks.filter(({ ok }) => !ok);
    assert.ok(failed.some(({ code, path }) => code.startsWith('E-BAG') && path?.includes('items/0002')));
    assert.equal((await police.entries()).at(-1)!.code, 'bundle.invalid');
    await assert.rejects(receiptDocument(police.deps, packetId), { code: 'packet.state' });
  });

  it('waits for room when the store is at its quota, says so, and logs the refusal once', async () => {
    const { police, regulator } = world;
    const used = await police.deps.blobs.used();
    const filler = await upload(police.deps.blobs, randomBytes(QUOTA - used - 1024));
    const { packetId } = await signedPacket(2 * PART_SIZE);
    const parts = countParts(regulator);
    await transferPacket(regulator.deps, { packetId, actor: 'handler-1' });
    await settle(world);
    const waiting = await packetRecord(police.deps, packetId);
    assert.equal(waiting.state, 'offered');
    assert.equal(waiting.reason, 'blob.quota');
    assert.equal(parts.count, 0);
    parts.stop();
    const due = 'UPDATE packet_inbound SET next_attempt_at = now() WHERE packet_id = $1';
    await police.deps.database.query(due, [packetId]);
    await police.pulls.idle();
    const refusals = (await police.entries()).filter(({ kind }) => kind === 'pull.refused');
    assert.deepEqual(
      refusals.map(({ code }) => code),
      ['blob.quota'],
    );
    assert.equal(await police.deps.blobs.used(), used + filler.size);
  });

  describe('a part', () => {
    let offered: { transfer: string; sha256: string };
    before(async () => {
      const { packetId, bundle } = await signedPacket(1_000);
      await offerWhileStopped(packetId);
      const row = (await findInbound(world.police.deps.database, packetId))!;
      offered = { transfer: row.transfer_id, sha256: bundle!.sha256 };
    });

    async function ask(
      from: TestGateway,
      body: object,
      change: { purpose?: string } = {},
    ): Promise<PeerAnswer> {
      const { size, root } = await from.deps.ledger.latest();
      const { rows } = await from.deps.database.query<{ leaf: Buffer }>(
        'SELECT leaf FROM ledger_entry WHERE seq = 0',
      );
      return from.client.call({
        to: 'regulator-r',
        path: '/x/v1/parts',
        group: TRANSFERS,
        purpose: change.purpose ?? 'CRIMINAL_TRANSFER',
        mid: newId(),
        body: canonicalBytes(body),
        schema: '-',
        offer: { origin: from.deps.ledger.origin, index: 0, leaf: rows[0]!.leaf.toString('hex'), size, root },
      });
    }
    const codeOf = ({ body }: PeerAnswer): string => (JSON.parse(body.toString()) as { code: string }).code;

    it('is served to the member it was offered to', async () => {
      const answer = await ask(world.police, { ...offered, n: 0 });
      assert.equal(answer.status, 200);
      assert.equal(sha256Hex(answer.body), offered.sha256);
    });

    it('is served no more once the grant to transfer is withdrawn, or the group has left the receiver', async () => {
      const { keeper } = world;
      const before = keeper.view;
      const groups = before.body.groups.map((group) => ({
        ...group,
        members: group.members.filter((id) => id !== 'police-p'),
      }));
      try {
        keeper.view = withRegistry(before, { grants: [] });
        const answer = await ask(world.police, { ...offered, n: 0 });
        assert.deepEqual([answer.status, codeOf(answer)], [403, 'grant.refused']);
        keeper.view = withRegistry(before, { groups });
        await assert.rejects(ask(world.police, { ...offered, n: 0 }), { code: 'grant.refused' });
      } finally {
        keeper.view = before;
      }
      assert.equal((await ask(world.police, { ...offered, n: 0 })).status, 200);
    });

    it('does not exist for anyone else, nor under another number, bundle, purpose or transfer', async () => {
      const served = async (): Promise<number> =>
        (await world.regulator.entries()).filter(({ kind }) => kind === 'pull.served').length;
      const before = await served();
      const answers = [
        await ask(world.police, { ...offered, n: 1 }),
        await ask(world.police, { ...offered, n: 0, sha256: 'ab'.repeat(32) }),
        await ask(world.police, { ...offered, n: 0, transfer: newId() }),
        await ask(world.police, { ...offered, n: 0 }, { purpose: 'CRIMINAL_INVESTIGATION' }),
      ];
      for (const answer of answers) {
        assert.equal(answer.status, 404);
        assert.equal(codeOf(answer), 'part.not-found');
      }
      assert.equal(await served(), before);
      const logged = (await world.regulator.entries()).filter(({ kind }) => kind === 'exchange.refused');
      assert.equal(logged.at(-1)!.code, 'part.not-found');
    });
  });
});
