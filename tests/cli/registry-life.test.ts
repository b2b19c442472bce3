import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { peerTlsOptions, type TlsIdentity } from '../../src/http/https-options.ts';
import { x5t } from '../../src/pki/thumbprint.ts';
import { run, type Loose } from './console.ts';
import { ALLIANCE, BANK, openOperators, readJson, writeJson, type Operators } from './operators.ts';

describe('registry life on the command line', function () {
  this.timeout(60_000);
  let world: Operators;
  let keys: string;
  before(async () => {
    world = await openOperators();
    keys = join(world.root, 'bank');
    await world.ok('enrol', 'gateway', '--alliance', ALLIANCE, '--member', 'bank-a', '--dir', keys);
  });
  after(() => world.close());
  const bank = (...parts: string[]): string => join(keys, ...parts);
  const admit = (enrolment: string, csr: string, ...more: string[]): readonly string[] => [
    ...['alliance', 'admit', enrolment, '--csr', csr, ...BANK, '--dir', world.at(1)],
    ...['--out', bank('tls.crt'), ...more],
  ];
  const draft = (): string => world.at(1, 'draft.json');

  it('begins on three machines, none of which ever holds the key of another', async () => {
    const registry = await world.registry();
    assert.deepEqual(
      [registry.serial, registry.operators.threshold, registry.operators.keys.length],
      [1, 2, 3],
    );
    for (const operator of [1, 2, 3] as const) {
      assert.equal(statSync(world.at(operator, 'operator.jwk')).mode & 0o777, 0o600);
      const names = readdirSync(world.at(operator)).filter((name) => name.endsWith('.jwk'));
      assert.deepEqual(names, operator === 1 ? ['freshness.jwk', 'operator.jwk'] : ['operator.jwk']);
    }
    const taken = [
      'alliance',
      'init',
      '--alliance',
      'x1',
      '--dir',
      join(world.root, 'x'),
      '--threshold',
      '1',
    ];
    const secret = await run([...taken, '--operator-key', world.at(1, 'operator.jwk'), '--json']);
    assert.equal(secret.json['error'].code, 'pki.key-invalid');
  });

  it('refuses an enrolment that was changed, is for others, or comes with somebody else’s request', async () => {
    const enrolment = readJson(bank('enrolment.json'));
    const forge = (change: object) => writeJson(bank('forged.json'), { ...enrolment, ...change });
    await world.ok('enrol', 'gateway', '--alliance', ALLIANCE, '--member', 'bank-b', '--dir', bank('other'));
    const other = readJson(bank('other', 'enrolment.json'));
    for (const change of [
      { member: 'bank-b', uri: `urn:lianzheng:${ALLIANCE}:bank-b:gw1` },
      { keys: other.keys },
      { keys: other.keys, proofs: { ...enrolment.proofs, seal: other.proofs.seal } },
      { ledger: { ...enrolment.ledger, vkey: other.ledger.vkey } },
      { ledger: { ...enrolment.ledger, witnessVkey: other.ledger.witnessVkey } },
      { csr: other.csr },
      { surprise: 1 },
    ])
      assert.equal(
        await world.refused(...admit(forge(change), bank('tls.csr'))),
        'enrolment.invalid',
        JSON.stringify(change),
      );
    const swapped = admit(bank('enrolment.json'), bank('other', 'tls.csr'));
    assert.equal(await world.refused(...swapped), 'enrolment.invalid');
    assert.equal(existsSync(draft()) && readJson(draft()).signatures.length, 0);
    assert.equal(existsSync(bank('tls.crt')), false, 'no certificate of a refused admission');
  });

  it('gathers edits in one draft, and admits a member that three commands describe', async () => {
    const group = ['group', 'add', 'g1', '--name', '组', '--compartment', 'INDUSTRY'];
    const first = await world.edit(...group);
    assert.deepEqual([first.serial, first.signing.missing], [2, 2]);
    const grant = ['--may', 'push', '--kind', 'feature-batch', '--purpose', 'P', '--basis', 'PIPL-13'];
    const rest = ['--max-grade', '3', '--onward', 'none', '--until', '2099-01-01T00:00:00Z'];
    const who = ['--group', 'g1', '--role', 'institution'];
    await world.edit('grant', 'add', 'push', ...who, ...grant, ...rest);
    const admitted = await world.ok(...admit(bank('enrolment.json'), bank('tls.csr'), '--group', 'g1'));
    assert.deepEqual(
      admitted.changes.map(({ part, id }: { part: string; id: string }) => `${part} ${id}`),
      ['members bank-a', 'groups g1', 'grants push', 'dates 2'],
    );
    assert.equal((await world.registry()).serial, 1, 'a draft is no registry');
    await world.publish(2, 3);
    const [member] = (await world.registry()).members;
    assert.equal(member.keys[0].kid, readJson(bank('enrolment.json')).keys[0].kid);
    assert.match(readFileSync(bank('tls.crt'), 'utf8'), /BEGIN CERTIFICATE/);
  });

  it('shows what is signed, signs nothing without --yes, and only for operators', async () => {
    await world.edit('suspend', 'bank-a');
    const sign = ['alliance', 'sign', draft(), '--dir', world.at(2), '--key', world.at(2, 'operator.jwk')];
    const shown = await run(sign);
    assert.equal(shown.code, 2);
    assert.match(shown.out, /member bank-a is suspended, was active[^]*0 of 2 signatures: 2 more needed/);
    assert.equal(readJson(draft()).signatures.length, 0);
    const other = await world.refused(...sign, '--yes', '--sha256', '0'.repeat(64));
    assert.equal(other, 'registry.draft-conflict');
    await world.ok('alliance', 'operator-key', '--out', join(world.root, 'stranger.jwk'));
    const stranger = [...sign.slice(0, -1), join(world.root, 'stranger.jwk'), '--yes'];
    assert.equal(await world.refused(...stranger), 'registry.operator-unknown');
  });

  it('says how many signatures are missing, and neither publishes nor edits what is signed in part', async () => {
    const sign = [
      'alliance',
      'sign',
      draft(),
      '--dir',
      world.at(2),
      '--key',
      world.at(2, 'operator.jwk'),
      '--yes',
    ];
    assert.equal((await world.ok(...sign)).signing.missing, 1);
    assert.equal((await world.ok(...sign)).signing.missing, 1, 'signing twice counts once');
    const publish = await run(['alliance', 'publish', draft(), '--dir', world.at(1), '--json']);
    assert.equal(publish.json['error'].code, 'registry.signature-invalid');
    assert.equal(publish.json['error'].facts.missing, 1);
    const before = readFileSync(draft());
    assert.equal(await world.refused('alliance', 'renew', '--dir', world.at(1)), 'registry.draft-conflict');
    assert.deepEqual(readFileSync(draft()), before);
    assert.equal(existsSync(world.at(1, 'registry', 'registry-3.json')), false);
  });

  it('merges only copies of one draft, and no signature that is nobody’s', async () => {
    const other = world.at(1, 'other.json');
    await world.edit('renew', '--draft', other);
    const combine = ['alliance', 'combine', '--out', world.at(1, 'm.json'), '--dir', world.at(1)];
    assert.equal(await world.refused(...combine, draft(), other), 'registry.draft-conflict');
    const { payload, signatures } = readJson(draft());
    const [{ protected: header }] = signatures;
    const damaged = writeJson(world.at(1, 'd.json'), {
      payload,
      signatures: [{ protected: header, signature: Buffer.alloc(64).toString('base64url') }],
    });
    assert.equal(await world.refused(...combine, draft(), damaged), 'registry.signature-invalid');
    const cut = writeJson(world.at(1, 'c.json'), { payload: payload.slice(0, -8), signatures });
    assert.notEqual(await world.refused(...combine, cut), 'none');
    assert.equal(existsSync(world.at(1, 'm.json')), false);
    await world.publish(1, 2);
    assert.equal((await world.registry()).members[0].status, 'suspended');
    assert.equal(
      await world.refused('alliance', 'publish', other, '--dir', world.at(1)),
      'registry.draft-conflict',
    );
  });

  it('compares registries: exit code 0 for the same, 1 for others', async () => {
    const anchors = ['--anchors', world.at(1, 'anchors.json')];
    const same = await run(['alliance', 'diff', '2', '2', ...anchors, '--json']);
    assert.deepEqual([same.code, same.json['same']], [0, true]);
    const differs = await run(['alliance', 'diff', '2', '3', ...anchors]);
    assert.equal(differs.code, 1);
    assert.match(differs.out, /member bank-a is suspended, was active/);
    assert.equal((await run(['alliance', 'diff', '2', '9', ...anchors])).code, 2);
  });

  it('takes a gateway certificate of the member’s own EC authority, and none that breaks the profile', async () => {
    await world.edit('reinstate', 'bank-a');
    const own = ownAuthority(join(world.root, 'own-ca'));
    const csr = own.request('insurer-b');
    await world.ok(
      ...[
        'enrol',
        'gateway',
        '--alliance',
        ALLIANCE,
        '--member',
        'insurer-b',
        '--dir',
        join(world.root, 'ins'),
      ],
      ...['--csr', csr],
    );
    assert.equal(existsSync(join(world.root, 'ins', 'tls.key')), false);
    const insurer = [...BANK.slice(0, -1), 'gw.insurer.example:8443'];
    const order = (cert: string, ca = own.ca) => [
      ...['alliance', 'admit', join(world.root, 'ins', 'enrolment.json'), '--csr', csr, ...insurer],
      ...['--cert', cert, '--member-ca', ca, '--dir', world.at(1)],
    ];
    const good = { member: 'insurer-b', host: 'gw.insurer.example', eku: 'serverAuth,clientAuth', days: 90 };
    for (const bad of [
      { ...good, days: 92 },
      { ...good, eku: 'serverAuth' },
      { ...good, host: 'gw.other.example' },
      { ...good, host: '*.insurer.example' },
      { ...good, member: 'bank-a' },
      { ...good, ca: true },
    ])
      assert.equal(
        await world.refused(...order(own.issue(csr, bad))),
        'pki.certificate-invalid',
        JSON.stringify(bad),
      );
    const stranger = ownAuthority(join(world.root, 'other-ca'));
    assert.equal(await world.refused(...order(own.issue(csr, good), stranger.ca)), 'pki.certificate-invalid');
    const otherKey = stranger.request('insurer-b');
    assert.equal(await world.refused(...order(own.issue(otherKey, good))), 'pki.certificate-invalid');
    const cert = own.issue(csr, good);
    await world.ok(...order(cert));
    await world.publish(1, 2);
    const registry = await world.registry();
    assert.equal(registry.cas.length, 2);
    const insurerTls = {
      key: readFileSync(csr.replace('.csr', '.key'), 'utf8'),
      cert: readFileSync(cert, 'utf8'),
    };
    const bankTls = {
      key: readFileSync(bank('tls.key'), 'utf8'),
      cert: readFileSync(bank('tls.crt'), 'utf8'),
    };
    const seen = await handshake(insurerTls, bankTls, registry.cas);
    const listed = registry.members.map((one: Loose) => one.gateways[0].certs[0].x5t);
    assert.deepEqual([seen.client, seen.server], listed);
    await assert.rejects(handshake(insurerTls, bankTls, registry.cas.slice(0, 1)));
  });

  it('revokes for good: key, certificate and member; what is revoked cannot be left out and come back', async () => {
    const [bankA] = (await world.registry()).members;
    const [cert] = bankA.gateways[0].certs;
    assert.equal(
      await refusedCode('revoke', '--key', 'nothing', '--reason', 'compromised'),
      'registry.edit-refused',
    );
    await world.edit('revoke', '--certificate', cert.x5t, '--reason', 'superseded');
    const revoked = await world.edit('revoke', '--key', bankA.keys[0].kid, '--reason', 'compromised');
    assert.match(JSON.stringify(revoked.changes), /is revoked: compromised/);
    await world.publish(2, 3);
    const change = writeJson(world.at(1, 'change.json'), {
      members: (await world.registry()).members.map((one: object) => ({ ...one, keys: bankA.keys })),
    });
    const twins = [1, 2].flatMap((n) => ['--key', world.at(n as 1 | 2, 'operator.jwk')]);
    const back = ['alliance', 'publish', '--dir', world.at(1), '--change', change, ...twins];
    assert.notEqual(await world.refused(...back), 'none');
  });

  it('recovers a member on record, and needs a reason', async () => {
    const dir = join(world.root, 'recovered');
    await world.ok('enrol', 'gateway', '--alliance', ALLIANCE, '--member', 'bank-a', '--dir', dir);
    const file = join(dir, 'enrolment.json');
    const parts = ['--part', 'seal', '--part', 'ledger', '--part', 'tls', '--csr', join(dir, 'tls.csr')];
    assert.equal(await refusedCode('recover', file, ...parts), 'usage');
    const out = ['--out', join(dir, 'tls.crt')];
    const shown = await world.edit('recover', file, ...parts, '--reason', 'break-in of 3 March', ...out);
    assert.match(JSON.stringify(shown.changes), /BY RECOVERY/);
    await world.publish(1, 3);
    const [member] = (await world.registry()).members;
    const [, key] = member.keys;
    assert.equal(key.endorsement.recovery.reason, 'break-in of 3 March');
    assert.equal(member.ledger.endorsement.recovery.reason, 'break-in of 3 March');
    assert.equal(member.gateways[0].certs.length, 2);
  });

  it('exchanges operators: the old ones sign it, the new ones what follows', async () => {
    const fourth = join(world.root, 'fourth.jwk');
    await world.ok('alliance', 'operator-key', '--out', fourth);
    const old = readJson(world.at(3, 'operator.jwk.pub.json')).kid;
    await world.edit('rotate', 'operator', '--add', `${fourth}.pub.json`, '--remove', old);
    await world.publish(1, 3);
    await world.edit('renew');
    const sign = (key: string) => ['alliance', 'sign', draft(), '--dir', world.at(1), '--key', key, '--yes'];
    assert.equal(await world.refused(...sign(world.at(3, 'operator.jwk'))), 'registry.operator-unknown');
    await world.ok(...sign(fourth));
    await world.ok(...sign(world.at(1, 'operator.jwk')));
    await world.ok('alliance', 'publish', draft(), '--dir', world.at(1));
    assert.equal(await refusedCode('rotate', 'operator', '--threshold', '9'), 'registry.edit-refused');
  });

  it('exchanges CA and freshness key, private files 0600, and says anew what is current', async () => {
    await world.edit('rotate', 'ca');
    await world.edit('rotate', 'freshness');
    for (const name of ['ca.key.next', 'freshness.jwk.next'])
      assert.equal(statSync(world.at(1, name)).mode & 0o777, 0o600, name);
    cpSync(world.at(1, 'anchors.json'), world.at(2, 'anchors.json'));
    await world.publish(1, 2);
    const registry = await world.registry();
    assert.equal(registry.freshnessKey.d, undefined);
    assert.equal(registry.freshnessKey.kid, readJson(world.at(1, 'freshness.jwk.next')).kid);
    await world.ok('alliance', 'fresh', '--dir', world.at(1));
    const old = registry.cas.length;
    const { sha256 } = createHashOf(registry.cas[0]);
    await world.edit('rotate', 'ca', '--remove', sha256);
    await world.publish(1, 2);
    assert.equal((await world.registry()).cas.length, old - 1);
  });

  it('changes witnesses, groups and grants, each by a command; refuses what does not fit', async () => {
    assert.equal(await refusedCode('group', 'remove', 'g1'), 'registry.edit-refused');
    assert.equal(await refusedCode('grant', 'change', 'push', '--may', 'rob'), 'registry.invalid');
    assert.equal(await refusedCode('group', 'members', 'g1', '--add', 'nobody'), 'registry.invalid');
    assert.equal(await refusedCode('suspend', 'nobody'), 'registry.edit-refused');
    await world.edit('grant', 'change', 'push', '--until', '2098-01-01T00:00:00Z');
    await world.edit('witnesses', '--quorum', '1');
    await world.edit('group', 'members', 'g1', '--add', 'insurer-b', '--remove', 'bank-a');
    await world.publish(1, 2);
    const registry = await world.registry();
    assert.equal(registry.grants[0].notAfter, '2098-01-01T00:00:00Z');
    assert.deepEqual(registry.groups[0].members, ['insurer-b']);
    assert.match(registry.witnessPolicy, /quorum members/);
    const suspended = await world.edit('suspend', 'insurer-b');
    assert.match(suspended.notes.join(), /witness insurer-b/);
    assert.equal(await refusedCode('renew', '--days', '91'), 'registry.invalid');
  });

  it('publishes a planned registry in its time, not before', async () => {
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    const planned = world.at(1, 'planned.json');
    await world.edit('renew', '--issue-at', soon, '--draft', planned);
    cpSync(planned, draft());
    await assert.rejects(world.publish(1, 2), /registry\.draft-conflict[^]*to be published from/);
  });

  it('writes a serial once: another registry in its place is a fork', async () => {
    const { serial } = await world.registry();
    await world.edit('renew', '--draft', world.at(1, 'a.json'));
    cpSync(world.at(1, 'a.json'), draft());
    const file = world.at(1, 'registry', `registry-${Number(serial) + 1}.json`);
    writeFileSync(file, JSON.stringify({ payload: 'x', signatures: [] }));
    await assert.rejects(world.publish(1, 2), /registry\.fork/);
    assert.equal((await world.registry()).serial, serial);
  });

  async function refusedCode(...args: string[]): Promise<string> {
    const draftFile = world.at(1, 'scratch.json');
    return world.refused('alliance', ...args, '--dir', world.at(1), '--draft', draftFile);
  }
});

function createHashOf(pem: string): { sha256: string } {
  const text = execFileSync('openssl', ['x509', '-noout', '-fingerprint', '-sha256'], {
    input: pem,
  }).toString();
  return { sha256: text.split('=')[1]!.trim().replaceAll(':', '').toLowerCase() };
}

/** TLS as the peer plane and its clients speak it; returns the thumbprints that each saw of the other. */
async function handshake(server: TlsIdentity, client: TlsIdentity, cas: readonly string[]) {
  const seen = { client: '', server: '' };
  const listener = createServer(peerTlsOptions(server, cas), (socket) => {
    seen.client = x5t(socket.getPeerX509Certificate()!.raw);
    socket.end();
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = listener.address() as AddressInfo;
    const options = {
      host: '127.0.0.1',
      port,
      servername: 'gw.insurer.example',
      ALPNProtocols: ['http/1.1'],
    };
    const socket = connect({ ...client, ca: [...cas], minVersion: 'TLSv1.3', ...options });
    await once(socket, 'secureConnect');
    seen.server = x5t(socket.getPeerX509Certificate()!.raw);
    await once(socket.resume(), 'close');
    return seen;
  } finally {
    listener.close();
  }
}

interface Profile {
  readonly member: string;
  readonly host: string;
  readonly eku: string;
  readonly days: number;
  readonly ca?: boolean;
}

/** An EC P-256 authority as a bank may have one, made by OpenSSL. */
function ownAuthority(prefix: string) {
  let made = 0;
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    ...['req', '-x509', ...ec, '-keyout', `${prefix}.key`, '-out', `${prefix}.crt`, '-days', '3650'],
    ...['-subj', '/CN=Own CA', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  );
  return {
    ca: `${prefix}.crt`,
    request: (member: string): string => {
      const file = `${prefix}-${++made}`;
      openssl(
        'req',
        '-new',
        ...ec,
        '-keyout',
        `${file}.key`,
        '-out',
        `${file}.csr`,
        '-subj',
        `/CN=${member}`,
      );
      return `${file}.csr`;
    },
    issue: (csr: string, { member, host, eku, days, ca = false }: Profile): string => {
      const file = `${prefix}-${++made}`;
      writeFileSync(
        `${file}.ext`,
        [
          `basicConstraints=critical,CA:${ca ? 'TRUE' : 'FALSE'}`,
          'keyUsage=critical,digitalSignature',
          `extendedKeyUsage=${eku}`,
          `subjectAltName=URI:urn:lianzheng:${ALLIANCE}:${member}:gw1,DNS:${host}`,
        ].join('\n'),
      );
      openssl(
        ...['x509', '-req', '-in', csr, '-CA', `${prefix}.crt`, '-CAkey', `${prefix}.key`, '-CAcreateserial'],
        ...['-out', `${file}.crt`, '-days', String(days), '-extfile', `${file}.ext`],
      );
      return `${file}.crt`;
    },
  };
}
