import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/core/ids.ts';
import { mayConnect } from '../../src/federation/peers/address-policy.ts';
import { PeerClient, type PeerCall } from '../../src/federation/peers/peer-client.ts';
import type { RegistryBody } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView, type RegistryView } from '../../src/federation/registry/registry-view.ts';
import { contentDigestHeader } from '../../src/wire/content-digest.ts';
import type { SigningKey } from '../../src/wire/jws.ts';
import { sha256 } from '../../src/core/digest.ts';
import {
  startPeer,
  tlsAlliance,
  tlsIdentity,
  type PeerReply,
  type TestPeer,
  type TlsAlliance,
} from './peer.ts';

interface Change {
  readonly body?: RegistryBody;
  readonly allowPrivateNetworks?: boolean;
  readonly sealKey?: SigningKey;
}

const ok: PeerReply = { status: 200, body: Buffer.from('{"ok":true}') };

/** A keeper whose registry a test can replace. */
function keeperOf(first: RegistryView) {
  let view = first;
  const listeners: ((view: RegistryView) => void)[] = [];
  return {
    current: () => view,
    at: () => view,
    documents: () => [],
    assertFresh: () => undefined,
    onChange: (listener: (view: RegistryView) => void) => void listeners.push(listener),
    offer: () => Promise.resolve('known' as const),
    refresh: () => Promise.resolve(),
    close: () => undefined,
    adopt: (body: RegistryBody) => {
      view = createRegistryView({ body, sha256: '' });
      for (const listener of listeners) listener(view);
    },
  };
}

describe('peer client', () => {
  let tls: TlsAlliance;
  let peer: TestPeer;
  const clients: PeerClient[] = [];
  before(async () => {
    tls = await tlsAlliance();
    peer = await startPeer(tls);
  });
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));
  after(() => peer.close());

  function open(change: Change = {}) {
    const registry = keeperOf(createRegistryView({ body: change.body ?? tls.alliance.body, sha256: '' }));
    const client = new PeerClient({
      registry,
      member: 'bank-a',
      sealKey: change.sealKey ?? tls.alliance.members.a.seal.signing,
      tls: tls.a,
      clock: () => new Date(),
      allowPrivateNetworks: change.allowPrivateNetworks ?? true,
    });
    clients.push(client);
    return { client, registry };
  }
  const call = (change: Partial<PeerCall> = {}): PeerCall => ({
    to: 'bank-b',
    path: '/x/v1/messages',
    group: 'group-industry',
    purpose: 'RISK_PREVENTION',
    mid: newId(),
    body: Buffer.from('{"a":1}'),
    schema: '-',
    offer: null,
    ...change,
  });
  const bodyWith = (change: (member: RegistryBody['members'][number]) => object): RegistryBody => ({
    ...tls.alliance.body,
    members: tls.alliance.body.members.map((member) =>
      member.id === 'bank-b' ? { ...member, ...change(member) } : member,
    ),
  });

  it('sends a token bound to request, body and certificate, and returns the signed answer', async () => {
    peer.script = () => ok;
    const sent = call();
    const answer = await open().client.call(sent);
    assert.deepEqual([answer.status, answer.body.toString(), answer.replayed], [200, '{"ok":true}', false]);
    const request = peer.requests.at(-1);
    assert.equal(request?.claims.htu, `https://127.0.0.1:${tls.port}/x/v1/messages`);
    assert.equal(request.claims.cnf['x5t#S256'], tls.a.registered.x5t);
    assert.equal(request.headers['content-digest'], contentDigestHeader(sha256(sent.body)));
    assert.equal(request.headers['content-length'], String(sent.body.length));
    assert.equal(request.headers['exchange-id'], sent.mid);
  });

  it('returns a signed refusal instead of throwing', async () => {
    peer.script = () => ({ status: 403, body: Buffer.from('{"code":"grant.refused"}') });
    assert.equal((await open().client.call(call())).status, 403);
  });

  it('refuses an answer that is unsigned, altered, or about another request', async () => {
    const { client } = open();
    const bent: Readonly<Record<string, Partial<PeerReply>>> = {
      unsigned: { unsigned: true },
      'two tokens': { headers: { 'Exchange-Token': ['a.b.c', 'a.b.c'] } },
      'garbled token': { headers: { 'Exchange-Token': 'a.b.c' } },
      'other digest': { headers: { 'Content-Digest': contentDigestHeader(sha256('other')) } },
      'other media type': { headers: { 'Content-Type': 'text/plain' } },
      'other body': { claims: { cdg: `sha-256=${'A'.repeat(43)}` } },
      'other request token': { claims: { rth: 'A'.repeat(43) } },
      'other request': { claims: { mid: newId() } },
      'other request body': { claims: { rcdg: `sha-256=${'A'.repeat(43)}` } },
      'other status': { claims: { sts: 201 } },
      'other caller': { claims: { aud: 'regulator-r' } },
      'other certificate': { claims: { cnf: { 'x5t#S256': tls.a.registered.x5t } } },
      'old answer': { claims: { iat: Math.floor(Date.now() / 1000) - 300 } },
      'signed by another member': { signer: tls.alliance.members.r },
      'signed by another member in its own name': {
        signer: tls.alliance.members.r,
        claims: { iss: 'regulator-r' },
      },
    };
    for (const [name, change] of Object.entries(bent)) {
      peer.script = () => ({ ...ok, ...change });
      await assert.rejects(client.call(call()), { code: 'exchange.response-invalid' }, name);
    }
  });

  it("names an unsigned problem's code as unproven", async () => {
    peer.script = () => ({ status: 401, body: Buffer.from('{"code":"token.expired"}'), unsigned: true });
    await assert.rejects(open().client.call(call()), (error: { facts?: object }) => {
      assert.deepEqual(error.facts, { status: 401, unsignedCode: 'token.expired' });
      return true;
    });
  });

  it('follows no redirect', async () => {
    peer.script = () => ({
      status: 307,
      body: Buffer.alloc(0),
      headers: { Location: `https://127.0.0.1:${tls.port}/x` },
    });
    const before = peer.requests.length;
    assert.equal((await open().client.call(call())).status, 307);
    assert.equal(peer.requests.length, before + 1);
  });

  it('refuses a server certificate of the right CA that the registry does not list', async () => {
    const body = bodyWith(() => ({
      gateways: [
        { authority: `127.0.0.1:${tls.port}`, certs: [{ ...tls.b.registered, x5t: 'A'.repeat(43) }] },
      ],
    }));
    const before = peer.requests.length;
    await assert.rejects(open({ body }).client.call(call()), { code: 'exchange.target-refused' });
    assert.equal(peer.requests.length, before);
  });

  it('refuses a listed server certificate that names another host', async () => {
    const elsewhere = await tlsIdentity(tls.ca, 'bank-b', '127.0.0.2');
    const port = tls.port + 1;
    const other = await startPeer({ ...tls, port }, { identity: elsewhere });
    other.script = () => ok;
    const body = bodyWith(() => ({
      gateways: [{ authority: `127.0.0.1:${port}`, certs: [elsewhere.registered] }],
    }));
    await assert.rejects(open({ body }).client.call(call()), { code: 'exchange.target-refused' });
    assert.deepEqual(other.requests, []);
    await other.close();
  });

  it('refuses an open connection whose certificate the next registry no longer lists', async () => {
    peer.script = () => ok;
    const { client, registry } = open();
    await client.call(call());
    const at = new Date().toISOString();
    const revoked = { ...tls.b.registered, revoked: { at, reason: 'compromised' as const } };
    registry.adopt(
      bodyWith(() => ({ gateways: [{ authority: `127.0.0.1:${tls.port}`, certs: [revoked] }] })),
    );
    await assert.rejects(client.call(call()), { code: 'exchange.target-refused' });
  });

  /** A call that the peer has, and does not answer. */
  function startPending({ client }: ReturnType<typeof open>): {
    readonly sent: Promise<void>;
    readonly ended: Promise<unknown>;
  } {
    const before = peer.requests.length;
    peer.script = () => new Promise(() => undefined);
    const ended = client.call(call()).catch((error: unknown) => error);
    const sent = (async () => {
      while (peer.requests.length === before) await sleep(5);
    })();
    return { sent, ended };
  }

  it('breaks off a call under way when the peer is suspended, at once', async () => {
    const opened = open();
    const failure = startPending(opened);
    await failure.sent;
    const at = Date.now();
    opened.registry.adopt(bodyWith(() => ({ status: 'suspended' })));
    assert.equal(((await failure.ended) as { code: string }).code, 'exchange.peer-unreachable');
    assert.ok(Date.now() - at < 500, `${Date.now() - at} ms`);
  });

  it('breaks off a call under way when the certificate of the peer reaches its end', async () => {
    const exp = Math.floor(Date.now() / 1000) + 2;
    const certs = [{ ...tls.b.registered, exp }];
    const opened = open({
      body: bodyWith(() => ({ gateways: [{ authority: `127.0.0.1:${tls.port}`, certs }] })),
    });
    const failure = startPending(opened);
    await failure.sent;
    assert.equal(((await failure.ended) as { code: string }).code, 'exchange.peer-unreachable');
    const late = Date.now() - (exp + 1) * 1000;
    assert.ok(late > -1000 && late < 2500, `${late} ms after the end`);
  });

  it('sends nothing to a peer outside the group, and breaks off what is under way when it leaves', async () => {
    const groups = tls.alliance.body.groups.map((group) => ({
      ...group,
      members: group.members.filter((id) => id !== 'bank-b'),
    }));
    const opened = open();
    const failure = startPending(opened);
    await failure.sent;
    opened.registry.adopt({ ...tls.alliance.body, groups });
    const ended = (await failure.ended) as { code: string; facts: { sent: boolean } };
    assert.deepEqual([ended.code, ended.facts.sent], ['grant.refused', true]);
    const before = peer.requests.length;
    await assert.rejects(opened.client.call(call()), { code: 'grant.refused' });
    assert.equal(peer.requests.length, before);
    peer.script = () => ok;
    assert.equal((await opened.client.call(call({ group: '-' }))).status, 200);
  });

  it('loses no call to a change of the registry that takes nothing away', async () => {
    peer.script = () => ok;
    const quick = tls.alliance.members.a.seal.signing;
    // A key in hardware takes its time: long enough for a change between the choice of a pool and its use.
    const sign = async (data: Uint8Array): Promise<Buffer> => (await sleep(3), quick.sign(data));
    const sealKey = { kid: quick.kid, alg: quick.alg, sign };
    const { client, registry } = open({ sealKey });
    let running = true;
    const changing = (async () => {
      while (running) {
        registry.adopt(tls.alliance.body);
        await sleep(1);
      }
    })();
    for (let n = 0; n < 10; n++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => client.call(call())));
      assert.ok(
        answers.every(({ status }) => status === 200),
        'an answer other than 200',
      );
    }
    running = false;
    await changing;
  });

  it('calls no suspended or unknown member, and no private address unless allowed', async () => {
    const suspended = bodyWith(() => ({ status: 'suspended' }));
    await assert.rejects(open({ body: suspended }).client.call(call()), { code: 'exchange.target-refused' });
    await assert.rejects(open().client.call(call({ to: 'nobody' })), { code: 'exchange.target-refused' });
    const strict = open({ allowPrivateNetworks: false });
    await assert.rejects(strict.client.call(call()), { code: 'exchange.target-refused' });
    const named = bodyWith(() => ({
      gateways: [{ authority: `localhost:${tls.port}`, certs: [tls.b.registered] }],
    }));
    const byName = open({ body: named, allowPrivateNetworks: false });
    await assert.rejects(byName.client.call(call()), { code: 'exchange.target-refused' });
    peer.script = () => ok;
    assert.equal((await open({ body: named }).client.call(call())).status, 200);
  });

  it('tells whether the peer may have seen the request', async () => {
    peer.script = () => 'hang-up';
    await assert.rejects(
      open().client.call(call()),
      (error: { code?: string; facts?: { sent?: boolean } }) => {
        assert.deepEqual([error.code, error.facts?.sent], ['exchange.peer-unreachable', true]);
        return true;
      },
    );
    const closed = bodyWith(() => ({ gateways: [{ authority: '127.0.0.1:1', certs: [tls.b.registered] }] }));
    await assert.rejects(
      open({ body: closed }).client.call(call()),
      (error: { facts?: { sent?: boolean } }) => {
        assert.equal(error.facts?.sent, false);
        return true;
      },
    );
  });

  it('gets ledger paths without a token', async () => {
    peer.script = () => ({ status: 404, body: Buffer.from('no tile'), unsigned: true });
    const { status, body } = await open().client.get('bank-b', '/ledger/tile/0/000');
    assert.deepEqual([status, body.toString()], [404, 'no tile']);
    assert.equal(peer.requests.at(-1)?.path, '/ledger/tile/0/000');
  });
});

describe('address policy', () => {
  const denied =
    '127.0.0.1 10.1.2.3 192.168.1.1 172.31.255.255 100.64.0.1 ::1 ::ffff:127.0.0.1 fd00::1 64:ff9b::a00:1';
  const never = '0.0.0.0 169.254.169.254 224.0.0.1 255.255.255.255 :: fe80::1 ff02::1 ::ffff:169.254.169.254';

  it('keeps private networks out unless the alliance allows them', () => {
    for (const address of denied.split(' ')) {
      assert.equal(mayConnect(address, false), false, address);
      assert.equal(mayConnect(address, true), true, address);
    }
  });

  it('never lets metadata, multicast or unspecified addresses through', () => {
    for (const address of never.split(' ')) assert.equal(mayConnect(address, true), false, address);
  });

  it('lets public addresses through and nothing that is no address', () => {
    for (const address of ['1.1.1.1', '2606:4700::1111']) assert.equal(mayConnect(address, false), true);
    for (const text of ['localhost', '0x7f.1', '127.1', '']) assert.equal(mayConnect(text, true), false);
  });
});
