import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nextRegistry } from '../../../src/federation/alliance.ts';
import { createRegistryView } from '../../../src/federation/registry/registry-view.ts';
import { createAuthority } from '../../../src/pki/authority.ts';
import { issueCertificate } from '../../../src/pki/issue.ts';
import { createRequest } from '../../../src/pki/request.ts';
import { ALLIANCE, verified } from '../../federation/alliance.ts';
import { putFreshness } from '../../federation/gateway.ts';
import { call, exchangeRaw, get, openPeerWorld, openSocket, type PeerWorld } from './world.ts';

describe('peer transport', () => {
  let world: PeerWorld;
  before(async function () {
    this.timeout(60_000);
    world = await openPeerWorld();
  });
  after(() => world.close());

  const request = 'GET /ledger/checkpoint HTTP/1.1\r\nhost: localhost\r\n\r\n';

  it('speaks TLS 1.3 and HTTP/1.1 only, and resumes no session', async () => {
    const sessions: Buffer[] = [];
    const socket = await openSocket(world, { ALPNProtocols: ['http/1.1'] });
    socket.on('session', (session: Buffer) => sessions.push(session));
    assert.match(await exchangeRaw(socket, request, '\n\n'), /^HTTP\/1\.1 200 /);
    assert.deepEqual([socket.getProtocol(), socket.alpnProtocol], ['TLSv1.3', 'http/1.1']);
    socket.destroy();
    for (const session of sessions) {
      const again = await openSocket(world, { session });
      assert.equal(again.isSessionReused(), false);
      again.destroy();
    }
    await assert.rejects(openSocket(world, { maxVersion: 'TLSv1.2' }));
    await assert.rejects(openSocket(world, { ALPNProtocols: ['h2'] }));
  });

  it('lets nobody in without a certificate or with one of another authority', async () => {
    const foreign = await createAuthority({ name: 'Foreign CA', alliance: ALLIANCE });
    const csrPem = createRequest('gateway', { commonName: 'bank-a' }, foreign.keyPem);
    const names = { uri: `urn:lianzheng:${ALLIANCE}:bank-a:gw1`, dns: ['localhost'] };
    const [nbf, exp] = [new Date(Date.now() - 60_000), new Date(Date.now() + 86_400_000)];
    const cert = issueCertificate({ ca: foreign, csrPem, profile: 'gateway', names, nbf, exp });
    for (const identity of [
      { key: undefined, cert: undefined },
      { key: foreign.keyPem, cert },
    ]) {
      const answer = await openSocket(world, identity).then(
        (socket) => exchangeRaw(socket, request),
        () => '',
      );
      assert.equal(answer, '');
    }
  });

  it('keeps a connection for several calls, and drops it when its certificate leaves the registry', async function () {
    this.timeout(20_000);
    const socket = await openSocket(world);
    assert.match(await exchangeRaw(socket, request, '\n\n'), / 200 /);
    const answered = await exchangeRaw(socket, request, '\n\n');
    assert.match(answered, / 200 /);

    const closed = once(socket, 'close');
    await publishWithoutBankA(world);
    await closed;

    const answer = await call(world);
    assert.equal(answer.code, 'tls.member-suspended');
    assert.equal((await get(world, '/ledger/checkpoint', 'r')).status, 200);
  });

  /** Runs last: the next registry suspends bank-a. */
  async function publishWithoutBankA({ alliance, gateway }: PeerWorld): Promise<void> {
    const previous = await verified(alliance);
    const members = alliance.body.members.map((member) =>
      member.id === 'bank-a' ? { ...member, status: 'suspended' as const } : member,
    );
    const body = nextRegistry(previous, { members }, { now: new Date() });
    const next = await verified(alliance, body);
    writeFileSync(join(gateway.directory, 'registry-2.json'), JSON.stringify(next.document));
    await putFreshness(gateway.directory, alliance, createRegistryView(next));
    await gateway.registry.refresh();
    assert.equal(gateway.registry.current().serial, 2, JSON.stringify(gateway.errors.map(String)));
  }
});
