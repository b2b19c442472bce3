import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { ServerResponse } from 'node:http';
import { GatewayError } from '../../src/core/errors.ts';
import { PeerClient } from '../../src/federation/peers/peer-client.ts';
import { outcomeUnknown } from '../../src/federation/peers/peer-failure.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import { tlsAlliance, type TlsAlliance } from './peer.ts';

describe('calls whose answers no token vouches for', () => {
  let tls: TlsAlliance;
  let server: Server;
  let client: PeerClient;
  let reply: (response: ServerResponse) => void;
  before(async () => {
    tls = await tlsAlliance();
    const view = createRegistryView({ body: tls.alliance.body, sha256: '' });
    client = new PeerClient({
      registry: { current: () => view, onChange: () => undefined },
      member: 'bank-a',
      sealKey: tls.alliance.members.a.seal.signing,
      tls: tls.a,
      clock: () => new Date(),
      allowPrivateNetworks: true,
    });
    const { key, cert } = tls.b;
    server = createServer({ key, cert, ca: tls.ca.certPem, requestCert: true }, (request, response) => {
      request.resume();
      request.on('end', () => reply(response));
    });
    await new Promise<void>((resolve) => server.listen(tls.port, '127.0.0.1', resolve));
  });
  after(async () => {
    await client.close();
    server.close();
    server.closeAllConnections();
  });

  it('end at the signal when a peer trickles its answer', async () => {
    reply = (response) => {
      response.writeHead(200);
      const trickle = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(trickle));
    };
    for (const ask of [
      (signal: AbortSignal) => client.get('bank-b', '/witness/receipts', { signal }),
      (signal: AbortSignal) =>
        client.post('bank-b', '/witness/add-checkpoint', { body: Buffer.from('old 0\n'), signal }),
    ]) {
      const started = performance.now();
      await assert.rejects(ask(AbortSignal.timeout(300)), { code: 'exchange.peer-unreachable' });
      assert.ok(performance.now() - started < 2000);
    }
  });

  it('end at their limit when a peer floods them', async () => {
    reply = (response) => response.end(Buffer.alloc(100_001));
    const limits = { maxBytes: 100_000 };
    await assert.rejects(client.get('bank-b', '/ledger/checkpoint', limits), {
      code: 'exchange.response-invalid',
    });
    reply = (response) => response.end(Buffer.alloc(100_000));
    assert.equal((await client.get('bank-b', '/ledger/checkpoint', limits)).body.length, 100_000);
  });

  it('are known not to be sent when our own ledger is in doubt', () => {
    assert.equal(outcomeUnknown(new GatewayError('ledger.quarantined')), false);
    assert.equal(outcomeUnknown(new GatewayError('ledger.unavailable')), false);
    assert.equal(
      outcomeUnknown(new GatewayError('exchange.peer-unreachable', '', { facts: { sent: true } })),
      true,
    );
  });
});
