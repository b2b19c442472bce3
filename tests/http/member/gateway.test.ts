import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { newId } from '../../../src/core/ids.ts';
import { EVIDENCE_GROUP, FEATURE_GROUP, TRANSFER_GROUP } from '../../../src/demo/cast.ts';
import type { FoundedMember } from '../../../src/demo/found-member.ts';
import { createMemberServer } from '../../../src/http/member/server.ts';
import { memberServices } from '../../../src/gateway/member/member-services.ts';
import { createBearerVerifier } from '../../../src/wire/bearer.ts';
import { run, type Loose, type Run } from '../../cli/console.ts';
import { LedgerGate } from '../../../src/ledger/gate.ts';
import { openTestAlliance, type TestAlliance } from '../../world/alliance.ts';
import { localRates } from '../../world/local-rates.ts';
import { contractFile } from './plane.ts';

const scopes = [
  'features:write',
  'screen',
  'evidence:write',
  'evidence:release',
  'transfer:act',
  'erasure:act',
  'audit:read',
];
const SHARING = ['--group', FEATURE_GROUP, '--purpose', 'RISK_PREVENTION', '--basis', 'PIPL-13'];

const sample: Loose = JSON.parse(
  readFileSync(new URL('../../../samples/cases/case-01.json', import.meta.url), 'utf8'),
);

/** Real gateways; their member planes also hold every answer to openapi.yaml. */
describe('member plane of a real alliance, through the command line', () => {
  let alliance: TestAlliance;
  const servers: Server[] = [];
  const access = new Map<string, Record<string, string>>();

  before(async function () {
    this.timeout(90_000);
    alliance = await openTestAlliance({ members: ['bank-a', 'regulator-r', 'police-p'], people: true });
    for (const member of alliance.founded.members) {
      const server = checkedPlane(member);
      servers.push(server);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      access.set(member.cast.id, {
        LIANZHENG_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        LIANZHENG_TOKEN: await tokenOf(member),
      });
    }
  });
  after(async () => {
    for (const server of servers) await new Promise((done) => server.close(done));
    await alliance.close();
  });

  function checkedPlane(member: FoundedMember): Server {
    const { config, registry, evidence, features, desk, health } = alliance.gateway(member.cast.id);
    const { issuer, audience, jwks } = config.memberPlane;
    const silent = (): void => undefined;
    return createMemberServer({
      contract: contractFile,
      bearer: createBearerVerifier({ issuer, audience, jwks: { file: jwks } }),
      services: memberServices({
        ...{ config, registry, evidence, features, desk, health },
        gate: new LedgerGate(),
      }),
      metrics: new Registry(),
      rates: localRates(),
      logger: { info: silent, warn: silent, error: silent },
      checkAnswers: true,
    });
  }

  async function tokenOf({ directory, configPath }: FoundedMember): Promise<string> {
    const key = join(directory, 'issuer.jwk');
    const order = ['--key', key, '--config', configPath, '--subject', 'clerk-1', '--scope', scopes.join(' ')];
    return (await run(['token', ...order, '--json'])).json.token;
  }

  const as = (member: string, ...args: string[]): Promise<Run> =>
    run([...args, '--json'], access.get(member));
  const ok = async (member: string, ...args: string[]): Promise<Loose> => {
    const done = await as(member, ...args);
    assert.equal(done.code, 0, `${args.join(' ')}: ${done.err}${done.out}`);
    return done.json;
  };
  const get = async (member: string, path: string): Promise<Loose> => {
    const { LIANZHENG_URL: url, LIANZHENG_TOKEN: token } = access.get(member) ?? {};
    const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return answer.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : text;
  };
  const until = async (what: string, done: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 150; tries++) {
      if (await done()) return;
      await sleep(100);
    }
    assert.fail(`waited in vain: ${what}`);
  };
  const file = (name: string, text: string): string => {
    const path = join(alliance.directory, name);
    writeFileSync(path, text);
    return path;
  };

  it('is ready', async () => {
    const health = await get('bank-a', '/v1/health');
    assert.equal(health.status, 'ready');
    assert.equal(health.member, 'bank-a');
  });

  it('pushes features, names the bad line, lists and screens them, and delivers them', async () => {
    const lines = [
      '{"type":"domain","value":"loan-fast.example.com","confidence":90}',
      '{"type":"uscc","value":"1"}',
    ];
    const pushed = await as('bank-a', 'features', 'push', file('f.ndjson', lines.join('\n')), ...SHARING);
    assert.equal(pushed.code, 1);
    assert.equal(pushed.json.accepted, 1, pushed.out + pushed.err);
    assert.equal(pushed.json.refused[0].line, 2);
    assert.ok(pushed.json.receipts[0].index >= 0);
    const listed = await ok('bank-a', 'features', 'list', '--group', FEATURE_GROUP);
    assert.equal(listed.features[0].value, 'loan-fast.example.com');

    const subjects = [{ ref: 'a', features: [{ type: 'domain', value: 'LOAN-FAST.example.com' }] }];
    const order = ['--group', FEATURE_GROUP, '--purpose', 'RISK_PREVENTION', '--case', 'L1'];
    const screened = await ok('bank-a', 'screen', file('s.json', JSON.stringify(subjects)), ...order);
    assert.notEqual(screened.results[0].outcome, 'pass');

    await until('both others have acknowledged', async () => {
      const { deliveries } = await ok('bank-a', 'deliveries', '--state', 'acked');
      return deliveries.length === 2;
    });
    assert.equal((await ok('police-p', 'features', 'list', '--group', FEATURE_GROUP)).features.length, 1);
  });

  it('shows the queue, one delivery with its signed answer, and compares with the peers', async () => {
    const { peers, dead } = await ok('bank-a', 'queue');
    const police = peers.find((row: Loose) => row.peer === 'police-p');
    assert.deepEqual([police.pending, police.sent, police.circuit.state, dead], [0, 0, 'closed', []]);
    const [{ mid }] = (await ok('bank-a', 'deliveries', '--state', 'acked')).deliveries;
    const shown = await ok('bank-a', 'queue', 'show', mid);
    assert.deepEqual([shown.state, shown.answer.status, shown.hasEvidence], ['acked', 200, false]);
    assert.match(shown.answer.body, /"status":"accepted"/);
    for (const secret of ['sealed', 'offerKey', 'payloadSha256', 'evidence'])
      assert.equal(shown[secret], undefined);
    const words = (await run(['queue', 'show', mid], access.get('bank-a'))).out;
    assert.match(words, /peer said {4}200/);
    const compared = await ok('bank-a', 'queue', 'reconcile', '--days', '1');
    for (const row of compared.peers) assert.deepEqual([row.agreed, row.differences], [row.asked, []]);
    const pulled = await ok('police-p', 'queue', 'catch-up', '--group', FEATURE_GROUP, '--from', 'bank-a');
    assert.deepEqual([pulled.peers[0].accepted, pulled.peers[0].done], [0, true]);
  });

  it('refuses acts on deliveries that are not there, or are over, with their codes', async () => {
    const [{ mid }] = (await ok('bank-a', 'deliveries', '--state', 'acked')).deliveries;
    const none = '01987f2e-7c1a-7000-8000-000000000001';
    const out = join(alliance.directory, 'undelivered.json');
    const codeOf = async (...args: string[]): Promise<unknown> => {
      const done = await as('bank-a', 'queue', ...args);
      assert.notEqual(done.code, 0, args.join(' '));
      return done.json.error.code;
    };
    assert.equal(await codeOf('show', none), 'delivery.not-found');
    assert.equal(await codeOf('show', 'nonsense'), 'request.invalid');
    assert.equal(await codeOf('retry', none), 'delivery.not-found');
    assert.equal(await codeOf('retry', mid), 'delivery.state');
    assert.equal(await codeOf('give-up', mid, '--reason', 'other'), 'delivery.state');
    assert.equal(await codeOf('evidence', mid, '--out', out), 'delivery.state');
    assert.equal(await codeOf('reconcile', '--peer', 'nobody'), 'exchange.target-refused');
    assert.equal(await codeOf('reconcile', '--days', '0'), 'request.invalid');
    assert.equal(await codeOf('catch-up', '--group', 'no-such-group'), 'grant.refused');
    assert.match((await as('bank-a', 'queue', 'give-up', mid, '--reason', 'because')).err, /must be one of/);
  });

  it('refuses all with --atomic, and a group that is not ours', async () => {
    const bad = file(
      'bad.ndjson',
      '{"type":"domain","value":"x.example.com"}\n{"type":"nonsense","value":"1"}',
    );
    const refused = await as('bank-a', 'features', 'push', bad, ...SHARING, '--atomic');
    assert.equal(refused.code, 1);
    assert.equal(refused.json.error.code, 'feature.invalid');
    const foreign = await as('bank-a', 'features', 'list', '--group', TRANSFER_GROUP);
    assert.equal(foreign.json.error.code, 'grant.refused');
  });

  it('erases a person, hears both others confirm, and shows the value nowhere', async () => {
    const line = '{"type":"phone","value":"15400000400","confidence":90}';
    await ok('bank-a', 'features', 'push', file('phone.ndjson', line), ...SHARING);
    const why = ['--reason', 'consent-withdrawn', '--basis', 'PIPL-47'];
    const value = file('value.txt', '154 0000 0400\n');
    const made = await ok('bank-a', 'erase', '--type', 'phone', '--value-file', value, ...why);
    assert.equal(made.features, 1);
    assert.deepEqual(made.notTold, []);
    const entry = JSON.parse((await get('bank-a', `/v1/ledger/entries/${made.receipt.index}`)).entry);
    assert.deepEqual(
      [entry.kind, entry.subject.id, entry.basis],
      ['subject.erased', made.erasureId, ['PIPL-47']],
    );

    await until('both others have confirmed', async () => {
      const { erasures } = await ok('bank-a', 'erasures');
      const states = erasures[0].notices.map(({ state }: Loose) => state);
      return states.length === 2 && states.every((state: Loose) => state === 'acked');
    });
    for (const member of ['bank-a', 'regulator-r', 'police-p']) {
      // The entry about the erasure follows the confirmation's, and an erasure may overtake its batch; the value itself
      // is to be seen at no time.
      await until(`${member} lists the erasure and the feature without its value`, async () => {
        const shown = await as(member, 'erasures');
        const listed = await as(member, 'features', 'list', '--group', FEATURE_GROUP);
        assert.doesNotMatch(shown.out + listed.out, /15400000400/);
        const [erasure] = shown.json.erasures;
        if (erasure === undefined) return false;
        assert.deepEqual([erasure.erasureId, erasure.orderedBy], [made.erasureId, 'bank-a']);
        return listed.json.features.at(-1)?.erased === true;
      });
    }
    const plain = await run(['features', 'list', '--group', FEATURE_GROUP], access.get('bank-a'));
    assert.match(plain.out, /phone +\(erased\)/);
  });

  it('refuses to erase what is not personal or not here, without repeating a value', async () => {
    const why = ['--reason', 'other', '--basis', 'PIPL-47'];
    const domain = file('domain.txt', 'secret-name.example.com');
    const open = await as('bank-a', 'erase', '--type', 'domain', '--value-file', domain, ...why);
    assert.equal(open.json.error.code, 'erasure.not-personal');
    const wrong = await as('bank-a', 'erase', '--type', 'phone', '--value-file', domain, ...why);
    assert.equal(wrong.json.error.code, 'feature.invalid');
    assert.doesNotMatch(open.out + open.err + wrong.out + wrong.err, /secret-name/);
    const absent = await as('bank-a', 'erase', '--feature', newId(), ...why);
    assert.equal(absent.json.error.code, 'feature.not-found');
  });

  it('gives ledger entries with proofs, and the checkpoint', async () => {
    const entry = await get('bank-a', '/v1/ledger/entries/0');
    assert.equal(entry.index, 0);
    assert.match(entry.proof, /^c2sp\.org\/tlog-proof@v1\n/);
    assert.match(
      await get('bank-a', '/v1/ledger/checkpoint'),
      /^lianzheng-demo\.example\/bank-a\/log\n\d+\n/,
    );
  });

  it('carries a case from draft to signed receipt, and the bundle verifies offline', async function () {
    this.timeout(60_000);
    const sample = JSON.parse(
      readFileSync(new URL('../../../samples/cases/case-01.json', import.meta.url), 'utf8'),
    );
    const items = sample.draft.items.map((item: Loose) => {
      file(`item-${item.itemNo}.csv`, sample.files[item.itemNo]);
      return { ...item, file: `item-${item.itemNo}.csv` };
    });
    const signatories = signatoriesOf('regulator-r');
    const draft = { ...sample.draft, group: TRANSFER_GROUP, receiver: 'police-p', signatories, items };
    const path = file('draft.json', JSON.stringify(draft));
    assert.equal((await run(['packet', 'check', path, '--json'])).code, 0);
    const { packetId, state } = await ok('regulator-r', 'packet', 'assemble', path);
    assert.equal(state, 'assembled');
    const early = await as('regulator-r', 'packet', 'transfer', packetId, '--to', 'police-p');
    assert.equal(early.json.error.code, 'packet.state');
    for (const person of ['handler-1', 'handler-2', 'head-1']) {
      await ok('regulator-r', 'packet', 'sign', packetId, ...signing('regulator-r', person));
    }
    await ok('regulator-r', 'packet', 'transfer', packetId, '--to', 'police-p');
    await until('the police have it', async () => {
      const { packets } = await ok('police-p', 'packet', 'list', '--direction', 'in', '--state', 'received');
      return packets.length === 1;
    });
    await ok('police-p', 'packet', 'receipt', packetId, ...signing('police-p', 'intake-1'));
    await until('the regulator has the receipt', async () => {
      const packet = await ok('regulator-r', 'packet', 'show', packetId);
      return packet.state === 'receipted';
    });
    const bundle = join(alliance.directory, 'case.asice');
    await ok('police-p', 'packet', 'bundle', packetId, '--out', bundle);
    const verified = await run(['verify', bundle, '--anchors', alliance.founded.anchorsPath, '--json']);
    assert.equal(verified.code, 0, verified.out);
    assert.equal(verified.json.packetId, packetId);
    for (const member of ['regulator-r', 'police-p']) {
      const path = join(alliance.directory, `${member}.proof.json`);
      const { proves } = await ok(member, 'ledger', 'proof', packetId, '--out', path);
      assert.match(proves.join(), /acceptance logged by police-p: message\.accepted/);
      const proven = await run(['ledger', 'verify-proof', path, '--anchors', alliance.founded.anchorsPath]);
      assert.equal(proven.code, 0, proven.out);
    }
    const bytes = readFileSync(bundle);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(bundle, bytes);
    assert.equal((await run(['verify', bundle, '--anchors', alliance.founded.anchorsPath])).code, 1);
  });

  it('asks whether what came may go on, and hears approval and revocation of who gave it', async function () {
    this.timeout(60_000);
    const { packets } = await ok('police-p', 'packet', 'list', '--direction', 'in', '--state', 'receipted');
    const onward = (...args: string[]) => ['evidence', 'onward', ...args];
    const asking = (from: string) => [
      ...onward('ask', packets[0].bundle.sha256, '--from', from, '--basis', 'Order310-3', '--to', 'bank-a'),
      ...['--group', TRANSFER_GROUP, '--purpose', 'CRIMINAL_TRANSFER', '--reason', 'freeze'],
    ];
    const stranger = await as('police-p', ...asking('insurer-b'));
    assert.deepEqual([stranger.code, stranger.json.error.code], [1, 'onward.not-found']);
    const { requestId, state } = await ok('police-p', ...asking('regulator-r'));
    assert.equal(state, 'open');
    const stateAt = async (member: string): Promise<string | undefined> => {
      const { requests } = await ok(member, ...onward('list'));
      return requests.find((one: Loose) => one.requestId === requestId)?.state;
    };
    await until('the regulator is asked', async () => (await stateAt('regulator-r')) === 'open');
    const decide = (decision: string, ...rest: string[]) =>
      onward('decide', requestId, '--decision', decision, ...rest);
    const early = await as('regulator-r', ...decide('revoke', '--reason', 'x'));
    assert.equal(early.json.error.code, 'onward.state');
    assert.equal((await as('regulator-r', ...decide('allow'))).code, 2);
    assert.equal((await as('regulator-r', ...decide('approve'))).json.error.code, 'packet.invalid');
    await ok('regulator-r', ...decide('approve', '--until', '2099-01-01T00:00:00Z'));
    await until('the police may', async () => (await stateAt('police-p')) === 'approved');
    await ok('regulator-r', ...decide('revoke', '--reason', 'case closed'));
    await until('the police may no more', async () => (await stateAt('police-p')) === 'revoked');
    const { deliveries } = await ok('regulator-r', 'deliveries');
    const [revocation] = deliveries.filter(({ kind }: Loose) => kind === 'onward-answer');
    for (const member of ['regulator-r', 'police-p']) {
      const path = join(alliance.directory, `${member}.onward.json`);
      await ok(member, 'ledger', 'proof', revocation.mid, '--out', path);
      const proven = await run(['ledger', 'verify-proof', path, '--anchors', alliance.founded.anchorsPath]);
      assert.equal(proven.code, 0, proven.out);
    }
  });

  it('asks for evidence and lets the holder decide item by item', async function () {
    this.timeout(60_000);
    const ask = [
      'evidence',
      'request',
      '--to',
      'bank-a',
      '--group',
      EVIDENCE_GROUP,
      '--notice',
      'N-1',
      '--case',
      'C-1',
    ];
    const { requestId } = await ok(
      'police-p',
      ...ask,
      '--basis',
      'CPL-54',
      '--item',
      '1=流水',
      '--item',
      '2=录音',
    );
    await until('the bank has the request', async () => {
      const { requests } = await ok('bank-a', 'evidence', 'list', '--direction', 'in');
      return requests.some((request: Loose) => request.requestId === requestId);
    });
    const { itemNo, ...described } = sample.draft.items[0];
    file('statement.csv', sample.files[itemNo]);
    const decisions = [
      { item: '1', release: true, file: { ...described, file: 'statement.csv' } },
      { item: '2', release: false, reason: '未保存' },
    ];
    const order = file('decisions.json', JSON.stringify({ decisions, signatories: signatoriesOf('bank-a') }));
    const { packetId, type } = await ok('bank-a', 'evidence', 'release', requestId, order);
    assert.equal(type, 'EVIDENCE_RESPONSE');
    const twice = await as('bank-a', 'evidence', 'release', requestId, order);
    assert.equal(twice.json.error.code, 'request.state');
    await ok('bank-a', 'packet', 'sign', packetId, ...signing('bank-a', 'officer-1'));
    await until('the police have the answer', async () => {
      const { packets } = await ok('police-p', 'packet', 'list', '--state', 'received');
      return packets.some((packet: Loose) => packet.packetId === packetId);
    });
    const again = await as('bank-a', 'evidence', 'release', '01987f2e-7c1a-7000-8000-000000000001', order);
    assert.equal(again.json.error.code, 'request.not-found');
  });

  function signatoriesOf(id: string): object[] {
    const listed = alliance.founded.registry.body.members.find((member) => member.id === id)?.signers ?? [];
    const { people } = alliance.founded.members.find((member) => member.cast.id === id)!.cast;
    return people.map(({ name, roles }, at) => ({ role: roles[0], name, x5t: listed[at]?.x5t }));
  }

  function signing(member: string, person: string): string[] {
    const { directory } = alliance.founded.members.find(({ cast }) => cast.id === member)!;
    const path = join(directory, 'people', person);
    return ['--p12', `${path}.p12`, '--password-file', `${path}.password`];
  }
});
