import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diagnoseCapture } from '../../src/gateway/diagnose.ts';
import { keepCaptures } from '../../src/operations/keep-captures.ts';
import { forge } from '../exchange/forge.ts';
import { closeConnections, send } from '../exchange/send.ts';
import { openWireWorld, type WireWorld } from '../exchange/wire-world.ts';

describe('refused requests that are kept', function () {
  this.timeout(180_000);
  let directory: string;
  let world: WireWorld;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lianzheng-captures-'));
    world = await openWireWorld({ capture: join(directory, 'refused') });
  });
  after(async () => {
    closeConnections(world);
    await world.close();
    await rm(directory, { recursive: true, force: true });
  });

  const kept = async (count: number): Promise<string[]> => {
    for (let tries = 0; tries < 50; tries += 1) {
      const files = await readdir(join(directory, 'refused'));
      if (files.length >= count) return files.sort();
      await sleep(20);
    }
    return [];
  };

  it('are diagnosed to what the gateway answered, and nothing that was accepted is kept', async () => {
    assert.equal((await send(world, await forge(world))).status, 200);
    const changes = [
      { claims: { aud: 'police-p' } },
      { content: { purpose: 'MARKETING' }, claims: { pur: 'MARKETING' } },
    ];
    for (const change of changes) await send(world, await forge(world, change));
    const files = await kept(2);
    assert.equal(files.length, 2);
    const { anchors, registry, member, peer } = world.receiver.config;
    const trust = { anchors, registry: registry.dir, member, authority: peer.authority };
    for (const [at, code] of ['token.audience-mismatch', 'grant.refused'].entries()) {
      const capture = join(directory, 'refused', files[at] ?? '');
      assert.equal((await stat(capture)).mode & 0o777, 0o600);
      const { findings, caller } = await diagnoseCapture({ capture, trust });
      assert.deepEqual([caller, findings.map((one) => one.code)], ['bank-a', [code]]);
    }
  });

  it('end with the limit, which is told once', async () => {
    const full: string[] = [];
    const other = join(directory, 'few');
    const options = { directory: other, limit: 2, onFull: (where: string) => full.push(where) };
    const keep = await keepCaptures({ ...options, onError: assert.ifError });
    for (const id of ['a', 'b', 'c', 'd']) {
      keep({
        ...{ correlationId: id, code: 'token.expired', at: new Date(), method: 'POST', path: '/' },
        ...{ rawHeaders: [], body: undefined, certificate: undefined },
      });
    }
    await sleep(200);
    assert.equal((await readdir(other)).length, 2);
    assert.deepEqual(full, [other]);
  });
});
