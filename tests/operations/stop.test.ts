import assert from 'node:assert/strict';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import type { FoundedMember } from '../../src/demo/found-member.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { foundForChildren, startChild, tokenFor, type ChildGateway } from '../world/child-gateway.ts';

/** A real process over real PostgreSQL, told to stop by signals. */
describe('stopping a gateway', function () {
  this.timeout(120_000);
  let bank: FoundedMember;
  let token: string;
  let remove: () => Promise<void>;
  let child: ChildGateway;

  before(async () => {
    const world = await foundForChildren(['bank-a']);
    remove = world.remove;
    bank = world.founded.members[0]!;
    token = await tokenFor(bank);
  });
  afterEach(() => void child.process.kill('SIGKILL'));
  after(() => remove());

  const start = async (drainSeconds: number): Promise<void> => {
    child = await startChild(bank, { shutdown: { drainSeconds } });
    await child.untilReady();
  };
  const stored = async (): Promise<Set<string>> => {
    const database = openDatabase({ url: bank.config.database.url, poolSize: 2 });
    const { rows } = await database.query<{ value: string }>('SELECT value FROM feature');
    await database.close();
    return new Set(rows.map(({ value }) => value));
  };

  it('under load answers what it took, refuses nothing with 5xx, and loses nothing', async () => {
    await start(2);
    const load = pushUntilRefused(child.url, token);
    await sleep(1500);
    child.process.kill('SIGTERM');
    await sleep(300);
    const red = await fetch(`${child.url}/v1/health/ready`);
    assert.equal(red.status, 503, 'red at once, and still answering');
    const { reasons } = (await red.json()) as { reasons: { code: string }[] };
    assert.ok(
      reasons.some(({ code }) => code === 'gateway.stopping'),
      JSON.stringify(reasons),
    );
    assert.equal((await fetch(`${child.url}/v1/health/live`)).status, 200, 'but alive');
    const { statuses, confirmed, unanswered } = await load;
    assert.deepEqual(await child.ended, { code: 0, signal: null });
    assert.deepEqual([...new Set(statuses)], [200]);
    assert.ok(confirmed.length > 20, `only ${confirmed.length} pushes ran`);
    const kept = await stored();
    assert.deepEqual(
      confirmed.filter((value) => !kept.has(value)),
      [],
      'what was confirmed is there',
    );
    assert.deepEqual(
      unanswered.filter((value) => kept.has(value)),
      [],
      'what was taken was answered',
    );
  });

  it('ends within 30 s of a caller that uploads 1 kB a second', async () => {
    await start(0);
    const trickle = trickleUpload(child.url, token);
    await trickle.begun;
    const told = Date.now();
    child.process.kill('SIGTERM');
    const { code } = await child.ended;
    const took = Date.now() - told;
    trickle.stop();
    assert.equal(code, 0);
    assert.ok(took > 15_000 && took < 30_000, `took ${took} ms: the upload had its 20 s and no more`);
    // The upload that was cut may be told of last.
    assert.ok(
      child.lines.slice(-3).some(({ msg }) => msg === 'stopped'),
      'it stopped in order',
    );
  });

  it('ends at once when it is told a second time', async () => {
    await start(60);
    child.process.kill('SIGTERM');
    await sleep(500);
    const told = Date.now();
    child.process.kill('SIGTERM');
    assert.deepEqual(await child.ended, { code: 143, signal: null });
    assert.ok(Date.now() - told < 3000, 'it went on waiting');
  });
});

interface Load {
  readonly statuses: number[];
  /** Values whose push was answered 200. */
  readonly confirmed: string[];
  /** Values whose push got no answer at all. */
  readonly unanswered: string[];
}

/** Eight callers push one feature after the other over kept-alive connections until nobody listens any more. */
async function pushUntilRefused(url: string, token: string): Promise<Load> {
  const load: Load = { statuses: [], confirmed: [], unanswered: [] };
  const path = `/v1/groups/${FEATURE_GROUP}/features?purpose=RISK_PREVENTION&basis=PIPL-13`;
  const lane = async (lane: number): Promise<void> => {
    const pool = new Pool(url, { connections: 1 });
    for (let n = 0; ; n += 1) {
      const value = `load-${lane}-${n}.example.com`;
      const body = JSON.stringify({ features: [{ type: 'domain', value, confidence: 90 }] });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      try {
        const answer = await pool.request({ method: 'POST', path, headers, body });
        await answer.body.text();
        load.statuses.push(answer.statusCode);
        if (answer.statusCode === 200) load.confirmed.push(value);
      } catch {
        load.unanswered.push(value);
        break;
      }
    }
    await pool.close();
  };
  await Promise.all(Array.from({ length: 8 }, (_, at) => lane(at)));
  return load;
}

function trickleUpload(url: string, token: string): { readonly begun: Promise<void>; stop(): void } {
  const upload = request(`${url}/v1/blobs`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/octet-stream',
      'content-length': 1 << 20,
    },
  });
  upload.on('error', () => undefined);
  upload.write(Buffer.alloc(1000));
  const timer = setInterval(() => void upload.write(Buffer.alloc(1000)), 1000);
  return {
    begun: sleep(1500),
    stop: () => {
      clearInterval(timer);
      upload.destroy();
    },
  };
}
