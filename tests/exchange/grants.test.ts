import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mintToken } from '../../src/cli/mint-token.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import type { Grant } from '../../src/federation/registry/registry-types.ts';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { screen } from '../../src/features/screen.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import { opensAt } from '../../src/federation/grants/quota-day.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { importSigningKey } from '../../src/wire/jws.ts';
import { run } from '../cli/console.ts';
import { assertLedgersAgree } from '../world/agreeing-ledgers.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import { publishNext } from '../world/publish.ts';
import { entriesFrom, snapshot } from './oracle.ts';

const PUSHES = 2;
const SUBJECTS = 4;
const SHARING = {
  group: FEATURE_GROUP,
  purpose: 'RISK_PREVENTION',
  legalBasis: ['PIPL-13'],
  actor: 'tester',
};

describe('grants between two gateways', function () {
  this.timeout(60_000);
  let alliance: TestAlliance;
  let bank: Gateway;
  let insurer: Gateway;
  let values = 0;

  const quotas = new Map([
    ['g-push', PUSHES],
    ['g-screen', SUBJECTS],
  ]);
  const limited = (grant: Grant): Grant => {
    const perDay = quotas.get(grant.id);
    return perDay === undefined ? grant : { ...grant, quota: { perDay } };
  };

  before(async () => {
    alliance = await openTestAlliance({ members: ['bank-a', 'insurer-b'] });
    [bank, insurer] = [alliance.gateway('bank-a'), alliance.gateway('insurer-b')];
    await publishNext(alliance, ({ grants }) => ({ grants: grants.map(limited) }));
  });
  after(() => alliance.close());

  const push = () => {
    const value = `q${(values += 1)}.example`;
    return pushFeatures(bank.features, { ...SHARING, lines: [{ type: 'domain', value }] });
  };
  const screened = (count: number) =>
    screen(insurer.features, {
      ...SHARING,
      caseRef: 'case-1',
      subjects: Array.from({ length: count }, (_, at) => ({
        ref: `s${at}`,
        features: [{ type: 'domain', value: 'q1.example' }],
      })),
    });
  const forget = ({ database }: Gateway) => database.query('DELETE FROM grant_use');
  const refusedWith = async (work: Promise<unknown>): Promise<GatewayError> => {
    const error: unknown = await work.then(
      () => assert.fail('it was to be refused'),
      (cause: unknown) => cause,
    );
    return error as GatewayError;
  };
  const token = async (gateway: Gateway): Promise<string> => {
    const { directory } = alliance.founded.members.find(({ cast }) => cast.id === gateway.config.member)!;
    const key = await importSigningKey(
      JSON.parse(await readFile(join(directory, 'issuer.jwk'), 'utf8')) as never,
    );
    const { issuer, audience } = gateway.config.memberPlane;
    const claims = {
      issuer,
      audience,
      subject: 'compliance-1',
      scopes: ['audit:read'],
      lifetimeSeconds: 600,
    };
    return mintToken(key, claims, new Date());
  };
  const lianzheng = async (...args: string[]): Promise<{ readonly code: number; readonly out: string }> => {
    const { code, out, err } = await run(args);
    return { code, out: `${out}${err}` };
  };
  const question = ['--right', 'push', '--group', FEATURE_GROUP, '--kind', 'feature-batch'];
  const reasons = ['--purpose', 'RISK_PREVENTION', '--legal-basis', 'PIPL-13'];

  it('stop the sender itself at its quota, and nothing is stored or sent', async () => {
    for (let left = PUSHES; left > 0; left -= 1) assert.equal((await push()).accepted, 1);
    await bank.delivery.idle();
    const before = await snapshot(bank);
    const error = await refusedWith(push());
    assert.equal(error.code, 'grant.quota-exceeded');
    assert.equal(error.status, 429);
    const { facts } = error;
    assert.deepEqual(
      [facts['grant'], facts['perDay'], facts['opensAt']],
      ['g-push', PUSHES, opensAt(new Date()).toISOString()],
    );
    assert.deepEqual((await snapshot(bank)).tables, before.tables);
  });

  it('stop a sender that does not count at the receiver; the message waits and is delivered when it opens', async () => {
    await forget(bank);
    const { ledgerSize } = await snapshot(insurer);
    await push();
    const waiting = async () => (await listDeliveries(bank.database, { limit: 1 }))[0]!;
    for (let tries = 0; (await waiting()).code === null; tries += 1) {
      assert.ok(tries < 200, 'no answer to the message');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const { state, code, dueAt } = await waiting();
    assert.deepEqual([state, code], ['sent', 'grant.quota-exceeded']);
    const opens = opensAt(new Date()).getTime();
    assert.ok(
      Math.abs(dueAt.getTime() - opens) < 5000,
      `due ${dueAt.toISOString()}, opens ${new Date(opens).toISOString()}`,
    );
    const refusals = (await entriesFrom(insurer, ledgerSize)).filter(
      ({ kind }) => kind === 'exchange.refused',
    );
    assert.deepEqual(
      refusals.map((entry) => [entry.code, entry.peer]),
      [['grant.quota-exceeded', 'bank-a']],
    );

    await forget(insurer);
    await bank.database.query(`UPDATE delivery SET due_at = now() WHERE state = 'sent'`);
    bank.delivery.kick();
    await bank.delivery.idle();
    assert.equal((await waiting()).state, 'acked');
    const { rows } = await insurer.database.query<{ used: number }>('SELECT used FROM grant_use');
    assert.deepEqual(rows, [{ used: 1 }]);
  });

  it('count each subject of a screening, and refuse one that would go beyond', async () => {
    await screened(SUBJECTS - 1);
    const error = await refusedWith(screened(2));
    assert.deepEqual([error.code, error.facts['grant']], ['grant.quota-exceeded', 'g-screen']);
    await screened(1);
    const hopeless = await refusedWith(screened(SUBJECTS + 1));
    assert.equal(hopeless.facts['opensAt'], undefined);
  });

  it('are explained by the gateway, with what it counted, in both languages', async () => {
    const access = ['--url', insurer.memberUrl, '--token', await token(insurer)];
    const english = await lianzheng('explain', ...access, '--member', 'bank-a', ...question, ...reasons);
    assert.equal(english.code, 0, english.out);
    assert.match(english.out, /^PERMITTED: bank-a may push feature-batch/);
    assert.match(english.out, /it permits 2 acts in one UTC day; 1 are counted today/);
    const refused = ['--member', 'bank-a', ...question, '--purpose', 'MARKETING', '--legal-basis', 'PIPL-13'];
    const chinese = await lianzheng('explain', ...access, ...refused, '--lang', 'zh');
    assert.equal(chinese.code, 1, chinese.out);
    assert.match(chinese.out, /^不许可/);
    assert.match(chinese.out, /✘ purpose .*所求:MARKETING/);
    const json = await lianzheng('--json', 'explain', ...access, ...refused);
    const found = JSON.parse(json.out) as Record<string, unknown>;
    assert.deepEqual([found['permit'], found['unmet'], found['grant']], [false, 'purpose', 'g-push']);
    assert.deepEqual(found['registry'], {
      serial: 2,
      sha256: insurer.registry.current().sha256,
    });
  });

  it('are explained from the anchors alone, without a gateway', async () => {
    const anchors = ['--anchors', alliance.founded.anchorsPath];
    const first = await lianzheng(
      '--json',
      'explain',
      ...anchors,
      '--member',
      'bank-a',
      ...question,
      ...reasons,
    );
    assert.equal(first.code, 0, first.out);
    const next = ['--registry', join(alliance.directory, 'alliance', 'registry', 'registry-2.json')];
    const second = await lianzheng(
      'explain',
      ...anchors,
      ...next,
      '--member',
      'bank-a',
      ...question,
      ...reasons,
    );
    assert.match(second.out, /perDay 2 \(quotas are not counted offline\)/);
    const forged = join(alliance.directory, 'forged.json');
    const document = JSON.parse(await readFile(next[1]!, 'utf8')) as { signatures: unknown[] };
    await writeFile(forged, JSON.stringify({ ...document, signatures: document.signatures.slice(0, 1) }));
    const bad = await lianzheng(
      'explain',
      ...anchors,
      '--registry',
      forged,
      '--member',
      'bank-a',
      ...question,
      ...reasons,
    );
    assert.notEqual(bad.code, 0);
    assert.match(bad.out, /registry.signature-invalid/);
  });

  it('are explained to audit:read only, and unknown rights are refused', async () => {
    const path =
      '/v1/explain?member=bank-a&right=push&group=no-such-group&kind=feature-batch&purpose=RISK_PREVENTION';
    const ask = async (bearer?: string, url = path) =>
      fetch(
        `${insurer.memberUrl}${url}`,
        bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } },
      );
    assert.equal((await ask()).status, 401);
    assert.equal((await ask(await token(bank))).status, 401);
    assert.equal((await ask(await token(insurer))).status, 200);
    assert.equal((await ask(await token(insurer), path.replace('push', 'rule'))).status, 400);
  });

  it('leave ledgers that verify', () => assertLedgersAgree([bank, insurer]));
});
