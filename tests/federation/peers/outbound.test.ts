import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { createServer as createPlain, type Server } from 'node:net';
import { createServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mayConnect, type Resolve } from '../../../src/federation/peers/address-policy.ts';
import { readAuthority } from '../../../src/federation/peers/authority.ts';
import { fetchKeySet } from '../../../src/federation/peers/fetch-key-set.ts';
import { openPeerPool } from '../../../src/federation/peers/peer-pool.ts';
import { checkRegistryRules } from '../../../src/federation/registry/registry-rules.ts';
import { createRegistryView } from '../../../src/federation/registry/registry-view.ts';
import { tlsAlliance, type TlsAlliance } from '../peer.ts';

/** Spellings that some program or other takes for a host that it is not, or that two programs read differently. */
const BAD_AUTHORITIES = [
  ...[
    '0x7f.1',
    '0127.0.0.1',
    '2130706433',
    '127.1',
    '0x7f000001',
    '017700000001',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
  ],
  ...['01.2.3.4', '1.2.3.4.', 'a.1', 'a.0x1f', 'a.0x', '127.0.0.0x1'],
  ...[
    'bank-b.example.',
    'bank-b..example',
    '.example',
    '-b.example',
    'b-.example',
    `${'a'.repeat(64)}.example`,
  ],
  ...[
    'BANK-B.example',
    'bánk.example',
    'bank。example',
    'bank．example',
    '１２７.0.0.1',
    'ⓛocalhost',
    'bank_b.example',
  ],
  ...['bank-b.example\0', 'bank-b.example%00', 'bank-b.example\n', ' bank-b.example', 'bank-b.example:443 '],
  ...[
    'user@bank-b.example',
    'bank-b.example/path',
    'bank-b.example?x',
    'bank-b.example#x',
    'bank-b.example\\x',
  ],
  ...[
    'bank-b.example:0',
    'bank-b.example:65536',
    'bank-b.example:0443',
    'bank-b.example:',
    'bank-b.example:1e3',
  ],
  ...[
    '[fe80::1%25eth0]:443',
    '[fe80::1%eth0]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::1',
    '::1',
    '[1::2::3]',
    '[]',
  ],
  ...['', ':443', '[::1]x', 'a.example:1:2', `${'a.'.repeat(127)}example`],
];
const GOOD_AUTHORITIES = [
  ...['bank-b.example', 'bank-b.example:8443', '127.0.0.1:1', '203.0.113.7', '[2001:db8::1]:443', '[::1]'],
  ...['localhost:65535', '1password.example', 'xn--fiqs8s.example', 'a1.example', '4.example'],
];

const PRIVATE = [
  ...[
    '127.0.0.1',
    '127.255.255.255',
    '10.1.2.3',
    '192.168.1.1',
    '172.16.0.1',
    '172.31.255.255',
    '100.64.0.1',
  ],
  ...['192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '192.88.99.1'],
  ...[
    '::1',
    'fd00::1',
    'fc00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b::8.8.8.8',
  ],
  ...['2002:a00:1::', '2001:db8::1', '2001::1', '::8.8.8.8', '3fff::1', '5f00::1', '100::1'],
];
const NEVER = [
  ...[
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.0.23',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
  ],
  ...['224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
  ...['::', 'fe80::1', 'fec0::1', 'ff02::1', 'fd00:ec2::254', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe'],
  ...[
    '64:ff9b::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::',
    '::169.254.169.254',
    '2002:e000:1::1',
  ],
  ...['fe80::1%lo', '::1%lo', 'localhost', '0x7f.1', '127.1', '2130706433', ''],
];
const PUBLIC = ['1.1.1.1', '8.8.8.8', '2606:4700::1111', '::ffff:1.1.1.1', '172.32.0.1', '100.128.0.1'];

describe('outbound safety', () => {
  let tls: TlsAlliance;
  let listener: Server;
  let port: number;
  let connections = 0;
  before(async () => {
    tls = await tlsAlliance();
    listener = createPlain((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, resolve));
    port = (listener.address() as AddressInfo).port;
  });
  beforeEach(() => (connections = 0));
  after(() => listener.close());

  /** Connects to `authority` of bank-b as the peer client would, with names resolved by the test. */
  async function connectTo(authority: string, answers: readonly string[], allow = false): Promise<string> {
    const members = tls.alliance.body.members.map((member) =>
      member.id === 'bank-b' ? { ...member, gateways: [{ authority, certs: [tls.b.registered] }] } : member,
    );
    const view = createRegistryView({ body: { ...tls.alliance.body, members }, sha256: '' });
    const resolve: Resolve = (_name, _options, done) => done(null, answers.map(addressOf));
    try {
      const { pool } = openPeerPool({
        to: 'bank-b',
        registry: { current: () => view },
        tls: tls.a,
        clock: () => new Date(),
        allowPrivateNetworks: allow,
        resolve,
      });
      await pool.request({ method: 'GET', path: '/' }).finally(() => pool.destroy());
      return 'answered';
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  }

  it('takes one spelling of each host and port, and no other', () => {
    for (const text of GOOD_AUTHORITIES) {
      const target = readAuthority(text);
      assert.ok(target !== undefined, `${text} is refused`);
      // What connects later parses it again: both must read the same host.
      assert.equal(new URL(`https://${text}`).hostname.replace(/^\[|\]$/g, ''), target.host, text);
    }
    for (const text of BAD_AUTHORITIES) assert.equal(readAuthority(text), undefined, JSON.stringify(text));
  });

  it('refuses a registry that lists such a spelling', () => {
    const listing = (authority: string) => ({
      ...tls.alliance.body,
      members: tls.alliance.body.members.map((member) =>
        member.id === 'bank-b' ? { ...member, gateways: [{ authority, certs: [] }] } : member,
      ),
    });
    checkRegistryRules(listing('bank-b.example:8443'));
    for (const authority of BAD_AUTHORITIES) {
      assert.throws(() => checkRegistryRules(listing(authority)), { code: 'registry.invalid' }, authority);
    }
  });

  it('judges every address, whatever it is wrapped in', () => {
    for (const address of PUBLIC) assert.equal(mayConnect(address, false), true, address);
    for (const address of PRIVATE) {
      assert.deepEqual([mayConnect(address, false), mayConnect(address, true)], [false, true], address);
    }
    for (const address of NEVER) {
      assert.deepEqual([mayConnect(address, false), mayConnect(address, true)], [false, false], address);
    }
  });

  it('connects nowhere when one answer of several is denied', async () => {
    const denied = 'exchange.target-refused';
    const name = `bank-b.example:${port}`;
    for (const address of [...PRIVATE, ...NEVER.filter((text) => text.includes('.') || text.includes(':'))]) {
      assert.equal(await connectTo(name, [address]), denied, address);
      assert.equal(await connectTo(name, ['1.1.1.1', address]), denied, `1.1.1.1 and ${address}`);
    }
    assert.equal(await connectTo(name, []), denied, 'no address at all');
    for (const authority of [`127.0.0.1:${port}`, `[::1]:${port}`, `localhost:${port}`])
      assert.equal(await connectTo(authority, ['127.0.0.1']), denied, authority);
    assert.equal(await connectTo(`0x7f.1:${port}`, ['127.0.0.1'], true), denied);
    assert.equal(connections, 0);
    // The listener can be reached where private networks are allowed: the zero above means something.
    await connectTo(name, ['127.0.0.1'], true);
    assert.equal(connections, 1);
  });

  it('connects to the address that was checked: nobody resolves the name again', async () => {
    let asked = 0;
    const resolve: Resolve = (_name, _options, done) =>
      done(null, [addressOf((asked += 1) > 1 ? '127.0.0.2' : '127.0.0.1')]);
    await fetchKeySet(`https://issuer.example:${port}/jwks`, { resolve }).catch(() => undefined);
    assert.deepEqual([asked, connections], [1, 1]);
  });

  describe('key set of the token issuer', () => {
    let issuer: TlsServer;
    let answer: (path: string) => { status: number; headers?: Record<string, string>; body: string };
    let url: string;
    let stalls = false;
    before(async () => {
      issuer = createServer({ key: tls.b.key, cert: tls.b.cert }, (request, response) => {
        const { status, headers, body } = answer(request.url ?? '');
        response.writeHead(status, headers);
        if (stalls) response.write('{');
        else response.end(body);
      });
      await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
      url = `https://localhost:${(issuer.address() as AddressInfo).port}/keys?x=1`;
    });
    after(() => {
      issuer.close();
      issuer.closeAllConnections();
    });
    const get = () => fetchKeySet(url, { ca: tls.ca.certPem });

    it('is read over verified TLS, past any proxy of the environment', async () => {
      answer = (path) => ({ status: 200, body: JSON.stringify({ path }) });
      const names = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
      for (const name of names)
        process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : `http://127.0.0.1:${port}`;
      try {
        assert.deepEqual(await (await get()).json(), { path: '/keys?x=1' });
      } finally {
        for (const name of names) Reflect.deleteProperty(process.env, name);
      }
      assert.equal(connections, 0);
      await assert.rejects(fetchKeySet(url), 'an unknown authority is trusted');
    });

    it('follows no redirect', async () => {
      answer = () => ({ status: 302, headers: { Location: `https://127.0.0.1:${port}/` }, body: '' });
      assert.equal((await get()).status, 302);
      assert.equal(connections, 0);
    });

    it('has an end in bytes and in time', async function () {
      this.timeout(20_000);
      answer = () => ({ status: 200, body: ' '.repeat(300 * 1024) });
      await assert.rejects(get());
      stalls = true;
      const begun = Date.now();
      await assert.rejects(get());
      assert.ok(Date.now() - begun < 9000, 'it waited for ever');
    });

    it('is not asked where clouds hand secrets out', async () => {
      for (const target of ['https://169.254.169.254/', 'https://[fd00:ec2::254]/', 'http://issuer.example/'])
        await assert.rejects(fetchKeySet(target), { code: 'exchange.target-refused' }, target);
    });
  });
});

function addressOf(address: string): LookupAddress {
  return { address, family: address.includes(':') ? 6 : 4 };
}
