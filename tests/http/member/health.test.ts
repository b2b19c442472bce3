import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFile, writeFile } from 'node:fs/promises';
import type { Gateway } from '../../../src/gateway/gateway.ts';
import { freePort } from '../../../src/storage/embedded-postgres.ts';
import { openTestAlliance, type TestAlliance } from '../../world/alliance.ts';

const POOL = 4;

describe('health while everything else is taken', () => {
  let alliance: TestAlliance;
  let gateway: Gateway;
  let health: string;
  before(async function () {
    this.timeout(90_000);
    alliance = await openTestAlliance({ members: ['bank-a', 'regulator-r'] });
    const { configPath } = alliance.founded.members.find(({ cast }) => cast.id === 'bank-a') ?? {};
    const config = JSON.parse(await readFile(configPath ?? '', 'utf8'));
    config.database.poolSize = POOL;
    config.memberPlane.health = { host: '127.0.0.1', port: await freePort() };
    config.memberPlane.limits = { connections: 8, connectionsPerAddress: 8 };
    await writeFile(configPath ?? '', JSON.stringify(config), { mode: 0o600 });
    await alliance.stop('bank-a');
    gateway = await alliance.start('bank-a');
    health = `http://127.0.0.1:${config.memberPlane.health.port}`;
    while ((await ask(`${health}/v1/health`)).status !== 200) await sleep(100);
  });
  after(() => alliance.close());

  async function ask(url: string): Promise<{ status: number; took: number; body: { status?: string } }> {
    const begun = Date.now();
    const answer = await fetch(url);
    const body = (await answer.json()) as { status?: string };
    return { status: answer.status, took: Date.now() - begun, body };
  }

  it('answers within a second while every connection to PostgreSQL sleeps', async () => {
    const sleeping = Array.from({ length: POOL + 6 }, () => gateway.database.query('SELECT pg_sleep(3)'));
    await sleep(100);
    let done = false;
    const all = Promise.all(sleeping).then(() => (done = true));
    for (const base of [health, gateway.memberUrl]) {
      const { took, status, body } = await ask(`${base}/v1/health`);
      assert.ok(took < 1000, `${took} ms`);
      assert.deepEqual([status, body.status], [200, 'ready']);
    }
    assert.equal(done, false, 'the pool was free already');
    await all;
  });

  it('says within a second that it is not ready when the ledger can not be read', async () => {
    const { founded } = alliance;
    const { ownerUrl } = founded.members.find(({ cast }) => cast.id === 'bank-a')?.config.database ?? {};
    const { openDatabase } = await import('../../../src/storage/database.ts');
    const owner = openDatabase({ url: ownerUrl ?? '', poolSize: 1 });
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => (free = resolve));
    const locked = owner.transaction(async (tx) => {
      await tx.query('LOCK TABLE ledger_checkpoint, ledger_entry IN ACCESS EXCLUSIVE MODE');
      await held;
    });
    await sleep(200);
    const { took, status, body } = await ask(`${health}/v1/health`);
    free();
    await locked;
    await owner.close();
    assert.ok(took < 1000, `${took} ms`);
    assert.deepEqual([status, body.status], [503, 'not-ready']);
  });

  it('answers while all connections of the member plane are taken', async () => {
    const { port } = gateway.config.memberPlane;
    const open: Socket[] = [];
    for (let n = 0; n < 8; n += 1) open.push(connect(port, '127.0.0.1').on('error', () => undefined));
    await Promise.all(open.map((socket) => once(socket, 'connect')));
    await sleep(100);
    await assert.rejects(ask(`${gateway.memberUrl}/v1/health`), 'the plane had room left');
    // What the database said is told for a second.
    await sleep(1100);
    assert.equal((await ask(`${health}/v1/health`)).status, 200);
    assert.equal((await fetch(`${health}/metrics`)).status, 200);
    assert.equal((await fetch(`${health}/v1/packets`)).status, 404);
    for (const socket of open) socket.destroy();
  });
});
