import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGatewayError, type ErrorCode } from '../../src/core/errors.ts';
import { issueCertificate, type IssueOrder } from '../../src/pki/issue.ts';
import { readPkcs12, writePkcs12 } from '../../src/pki/pkcs12.ts';
import { readPrivateFile, writePrivateFile } from '../../src/pki/private-file.ts';
import { generateRsaKey } from '../../src/pki/private-key.ts';
import { createRequest, readRequest } from '../../src/pki/request.ts';
import { x5t } from '../../src/pki/thumbprint.ts';
import { DAY, people, run, type People } from './people.ts';

const code = (expected: ErrorCode) => (error: unknown) => isGatewayError(error, expected);

describe('certificates of an alliance', () => {
  let world: People;
  let keyPem: string;
  let csrPem: string;
  before(async () => {
    world = await people();
    keyPem = await generateRsaKey();
    csrPem = createRequest('gateway', { commonName: '甲银行网关' }, keyPem);
  });

  function order(changes: Partial<IssueOrder> = {}): IssueOrder {
    const nbf = new Date(Date.now() - 60_000);
    const names = { uri: 'urn:lianzheng:test:bank-a:gw1', dns: ['gw.bank-a.test'], ip: ['127.0.0.1', '::1'] };
    const exp = new Date(nbf.getTime() + 90 * DAY);
    return { ca: world.authority, csrPem, profile: 'gateway', names, nbf, exp, ...changes };
  }

  it('makes a CA that may sign certificates and nothing below it', () => {
    const ca = new X509Certificate(world.authority.certPem);
    assert.equal(ca.ca, true);
    assert.match(ca.subject, /CN=试验联盟根/);
    assert.equal(ca.verify(ca.publicKey), true);
  });

  it('issues a gateway certificate that OpenSSL accepts as server and as client', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lz-pki-'));
    const [ca, leaf] = [join(directory, 'ca.crt'), join(directory, 'gw.crt')];
    await writeFile(ca, world.authority.certPem);
    await writeFile(leaf, issueCertificate(order()));
    for (const purpose of ['sslserver', 'sslclient']) {
      const { stdout } = await run('openssl', [
        'verify',
        '-x509_strict',
        '-purpose',
        purpose,
        '-CAfile',
        ca,
        leaf,
      ]);
      assert.match(stdout, /: OK/);
    }
  });

  it('puts the URI, the hosts and the Chinese name into the gateway certificate', () => {
    const certificate = new X509Certificate(issueCertificate(order()));
    assert.equal(
      certificate.subjectAltName,
      'URI:urn:lianzheng:test:bank-a:gw1, DNS:gw.bank-a.test, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    assert.match(certificate.subject, /CN=甲银行网关/);
    assert.equal(certificate.checkIssued(new X509Certificate(world.authority.certPem)), true);
  });

  it('refuses a gateway certificate for more than 90 days', () => {
    const long = order({ exp: new Date(Date.now() + 91 * DAY) });
    assert.throws(() => issueCertificate(long), code('pki.certificate-invalid'));
  });

  it('refuses a gateway without a host and an officer with one', () => {
    const uri = 'urn:lianzheng:test:bank-a:gw1';
    assert.throws(() => issueCertificate(order({ names: { uri } })), code('pki.certificate-invalid'));
    const person = createRequest('officer', { commonName: 'x' }, keyPem);
    const names = { uri: 'urn:lianzheng:test:bank-a:person:x', dns: ['x.test'] };
    assert.throws(
      () => issueCertificate(order({ profile: 'officer', csrPem: person, names })),
      code('pki.certificate-invalid'),
    );
  });

  it('refuses a name of another form', () => {
    for (const uri of ['urn:lianzheng:test', 'urn:lianzheng:test:bank-a:gw1:x', 'spiffe://test/bank-a']) {
      const names = { uri, dns: ['gw.bank-a.test'] };
      assert.throws(() => issueCertificate(order({ names })), code('pki.certificate-invalid'));
    }
  });

  it('refuses a request for another profile, a weak key and a request that was altered', async () => {
    const names = { uri: 'urn:lianzheng:test:bank-a:person:x' };
    assert.throws(() => issueCertificate(order({ profile: 'officer', names })), code('pki.request-invalid'));
    const { stdout: weak } = await run('openssl', ['genrsa', '2048']);
    const weakRequest = createRequest('gateway', { commonName: 'x' }, weak);
    assert.throws(() => readRequest(weakRequest), code('pki.request-invalid'));
    const { stdout: cubed } = await run('openssl', ['genrsa', '-3', '3072']);
    assert.throws(
      () => readRequest(createRequest('gateway', { commonName: 'x' }, cubed)),
      code('pki.request-invalid'),
    );
    const lines = csrPem.split('\n');
    lines[2] = (lines[2] ?? '').replace(/./, (first) => (first === 'A' ? 'B' : 'A'));
    assert.throws(() => readRequest(lines.join('\n')), code('pki.request-invalid'));
  });

  it('refuses a CA key that belongs to another CA', () => {
    const ca = { certPem: world.authority.certPem, keyPem };
    assert.throws(() => issueCertificate(order({ ca })), code('pki.key-invalid'));
  });

  it('keeps a person in PKCS#12 that OpenSSL opens, and refuses the wrong password', async () => {
    const { zhang, authority } = world;
    const file = writePkcs12({ ...zhang, chain: [authority.certPem] }, 'correct horse');
    const back = readPkcs12(file, 'correct horse');
    assert.equal(x5t(back.certPem), x5t(zhang.certPem));
    assert.deepEqual(back.chain.map(x5t), [x5t(authority.certPem)]);
    assert.throws(() => readPkcs12(file, 'wrong horse'), code('pki.key-invalid'));
    const path = join(await mkdtemp(join(tmpdir(), 'lz-p12-')), 'zhang.p12');
    await writePrivateFile(path, file);
    const { stdout } = await run('openssl', [
      'pkcs12',
      '-in',
      path,
      '-passin',
      'pass:correct horse',
      '-nokeys',
    ]);
    assert.match(stdout, /BEGIN CERTIFICATE/);
  });

  it('makes private files 0600, never overwrites one, and refuses one that others may read', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lz-key-'));
    const path = join(directory, 'seal.key');
    await writePrivateFile(path, 'secret');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await assert.rejects(writePrivateFile(path, 'other'), code('pki.key-invalid'));
    assert.equal((await readPrivateFile(path)).toString(), 'secret');
    await writeFile(join(directory, 'open.key'), 'secret', { mode: 0o644 });
    await assert.rejects(readPrivateFile(join(directory, 'open.key')), code('pki.key-invalid'));
  });
});
