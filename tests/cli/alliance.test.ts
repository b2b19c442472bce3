import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Run } from './console.ts';
import { readPolicy } from '../../src/ledger/witness/policy.ts';

describe('alliance, enrol and verify on the command line', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lianzheng-cli-'));
  const at = (...parts: string[]): string => join(directory, ...parts);
  const alliance = at('alliance');
  const anchors = join(alliance, 'anchors.json');
  const operatorKeys = [1, 2, 3].map((n) => join(alliance, `operator-${n}.jwk`));
  after(() => rmSync(directory, { recursive: true }));

  const ok = async (...args: string[]): Promise<Run> => {
    const done = await run([...args, '--json']);
    assert.equal(done.code, 0, done.err + done.out);
    assert.equal(done.json['ok'], true);
    return done;
  };

  before(() => ok('alliance', 'init', '--alliance', 'lz-test', '--dir', alliance));

  it('founds an alliance whose private keys only the owner can read', () => {
    for (const name of ['operator-1.jwk', 'operator-3.jwk', 'freshness.jwk', 'ca.key']) {
      assert.equal(statSync(join(alliance, name)).mode & 0o077, 0, name);
    }
    assert.equal(JSON.parse(readFileSync(anchors, 'utf8')).operators.threshold, 2);
  });

  it('refuses to found an alliance over another', async () => {
    const again = await run(['alliance', 'init', '--alliance', 'lz-test', '--dir', alliance]);
    assert.equal(again.code, 1);
    assert.match(again.err, /pki\.key-invalid/);
  });

  it('takes a member in: enrol, issue, publish, show', async () => {
    const enrolled = await ok(
      'enrol',
      'gateway',
      '--alliance',
      'lz-test',
      '--member',
      'bank-a',
      '--dir',
      at('keys'),
    );
    const { keys, ledger, uri } = enrolled.json['enrolment'];
    const crt = at('keys', 'tls.crt');
    const issued = await ok(
      ...['alliance', 'issue', '--dir', alliance, '--csr', at('keys', 'tls.csr'), '--profile', 'gateway'],
      ...['--uri', uri, '--dns', 'gw.bank-a.example', '--out', crt],
    );
    const { x5t, nbf, exp } = issued.json;
    const member = {
      ...{ id: 'bank-a', name: '甲银行', uscc: '91999999MA0TEBNK0B', region: '999999', level: 'city' },
      ...{ roles: ['institution'], status: 'active', signers: [], ledger },
      gateways: [{ authority: 'gw.bank-a.example:8443', certs: [{ x5t, nbf, exp }] }],
      keys: keys.map((key: object) => ({ ...key, nbf, exp })),
    };
    writeFileSync(at('change.json'), JSON.stringify({ members: [member] }));
    const change = ['alliance', 'publish', '--dir', alliance, '--change', at('change.json')];
    const tooFew = await run([...change, '--key', operatorKeys[0]!]);
    assert.equal(tooFew.code, 1);
    assert.match(tooFew.err, /registry\.signature-invalid/);
    const published = await ok(...change, '--key', operatorKeys[0]!, '--key', operatorKeys[2]!);
    assert.equal(published.json['serial'], 2);
    const shown = await ok('alliance', 'show', '--anchors', anchors);
    assert.equal(shown.json['registries'], 2);
    assert.equal(shown.json['registry'].members[0].id, 'bank-a');
    assert.match((await run(['alliance', 'show', '--anchors', anchors])).out, /member {4}bank-a {2}甲银行/);
  });

  it('agrees on witnesses, refuses a policy nobody can read, and writes it for other tools', async () => {
    const { registry } = (await ok('alliance', 'show', '--anchors', anchors)).json;
    const { vkey, witnessVkey } = registry.members[0].ledger;
    const keys = ['--key', operatorKeys[0]!, '--key', operatorKeys[2]!];
    const publish = (policy: string) => {
      writeFileSync(at('policy.json'), JSON.stringify({ witnessPolicy: policy }));
      return run(['alliance', 'publish', '--dir', alliance, '--change', at('policy.json'), ...keys]);
    };
    const bad = await publish(`witness a ${witnessVkey}\nquorum b\n`);
    assert.equal(bad.code, 1);
    assert.match(bad.err, /line 2: quorum b is not defined above/);
    assert.equal((await publish(`witness a ${witnessVkey}\nquorum a\n`)).code, 0);
    const written = (await ok('alliance', 'policy', '--anchors', anchors)).json['policy'] as string;
    const policy = readPolicy(written);
    assert.deepEqual(policy.logs, [{ vkey, url: 'https://gw.bank-a.example:8443/ledger' }]);
    assert.deepEqual(
      policy.witnesses.map(({ name }) => name),
      ['a'],
    );
    assert.equal(policy.isQuorum(new Set()), false);
  });

  it('says anew which registry is current', async () => {
    const fresh = await ok('alliance', 'fresh', '--dir', alliance);
    const left = Date.parse(fresh.json['expiresAt']) - Date.now();
    assert.ok(left > 500_000 && left <= 600_000);
  });

  it('makes the PKCS#12 of a person', async () => {
    await ok(
      'enrol',
      'officer',
      '--person',
      'handler-1',
      '--name',
      '王某',
      '--organisation',
      '某局',
      '--dir',
      at('people'),
    );
    const file = at('people', 'handler-1');
    const uri = 'urn:lianzheng:lz-test:bank-a:person:handler-1';
    const order = ['--csr', `${file}.csr`, '--profile', 'officer', '--uri', uri, '--out', `${file}.crt`];
    const issued = await ok('alliance', 'issue', '--dir', alliance, ...order);
    writeFileSync(at('password'), 'a long secret\n');
    const made = await ok(
      ...['enrol', 'p12', '--key', `${file}.key`, '--cert', `${file}.crt`, '--ca', join(alliance, 'ca.crt')],
      ...['--password-file', at('password'), '--out', `${file}.p12`],
    );
    assert.equal(made.json['x5t'], issued.json['x5t']);
    assert.equal(statSync(`${file}.p12`).mode & 0o077, 0);
  });

  it('calls what is no bundle invalid, and a missing file undecided', async () => {
    writeFileSync(at('noise.asice'), 'this is no archive');
    const noise = await run(['verify', at('noise.asice'), '--anchors', anchors, '--json']);
    assert.equal(noise.code, 1);
    assert.equal(noise.json['ok'], false);
    assert.equal((await run(['verify', at('nothing.asice'), '--anchors', anchors])).code, 2);
  });

  it('cannot decide without anchors that verify', async () => {
    assert.equal((await run(['verify', at('noise.asice'), '--anchors', at('nothing.json')])).code, 2);
    const forged = JSON.parse(readFileSync(anchors, 'utf8'));
    forged.registries[0].signatures[0].signature = forged.registries[0].signatures[1].signature;
    writeFileSync(at('forged.json'), JSON.stringify(forged));
    for (const args of [
      ['verify', at('noise.asice')],
      ['ledger', 'verify', directory],
    ]) {
      const refused = await run([...args, '--anchors', at('forged.json'), '--json']);
      assert.equal(refused.code, 2, args.join(' '));
      assert.equal(refused.json['error'].code, 'registry.signature-invalid');
    }
  });

  it('takes a number of threads, and nothing else for it', async () => {
    const verify = ['ledger', 'verify', at('keys'), '--anchors', anchors, '--json'];
    for (const threads of ['0', '-1', 'two', '1.5', '']) {
      const refused = await run([...verify, '--threads', threads]);
      assert.equal(refused.json['error'].code, 'usage', threads);
    }
    assert.equal((await run([...verify, '--threads', '2', '--no-sm3'])).json['checked'], false);
  });

  it('cannot decide about a directory that holds no ledger', async () => {
    const nothing = await run(['ledger', 'verify', at('keys'), '--anchors', anchors, '--json']);
    assert.equal(nothing.code, 2);
    assert.equal(nothing.json['checked'], false);
  });
});
