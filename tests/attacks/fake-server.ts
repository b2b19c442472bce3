/** A server that shows whatever certificate it is given, and counts the requests that a client let out to it. */
import { createServer } from 'node:https';
import { createServer as createPlainServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { newId } from '../../src/core/ids.ts';
import { PeerClient } from '../../src/federation/peers/peer-client.ts';
import type { RegistryBody } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import type { Outcome } from './attack.ts';
import type { AttackWorld } from './attack-world.ts';

export interface FakeServer {
  readonly port: number;
  readonly requests: () => number;
  close(): Promise<void>;
}

type Respond = Parameters<typeof createServer>[1];

const redirect: Respond = (_request, response) => {
  response.writeHead(307, { location: 'https://169.254.169.254/' }).end();
};

export async function fakeServer(
  tls: TlsOptions | 'plain',
  respond: Respond = redirect,
): Promise<FakeServer> {
  let requests = 0;
  const counting: Respond = (request, response) => {
    requests += 1;
    respond!(request, response);
  };
  const server =
    tls === 'plain' ? createPlainServer(counting) : createServer({ minVersion: 'TLSv1', ...tls }, counting);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface ClientOptions {
  readonly allowPrivateNetworks?: boolean;
  /** Who calls: bank-a, or regulator-r. */
  readonly as?: 'sender' | 'receiver';
}

/** A client of one of the alliance, for which police-p has another address, or other certificates. */
export function clientTo(
  world: AttackWorld,
  gateways: RegistryBody['members'][number]['gateways'],
  { allowPrivateNetworks = true, as = 'sender' }: ClientOptions = {},
): PeerClient {
  const { body, sha256 } = world.receiver.registry.current();
  const members = body.members.map((member) => (member.id === 'police-p' ? { ...member, gateways } : member));
  const view = createRegistryView({ body: { ...body, members }, sha256 });
  const { cert, key } = world.identities[as];
  return new PeerClient({
    registry: { current: () => view, onChange: () => undefined },
    member: world[as].config.member,
    sealKey: world.keys[as],
    tls: { cert: cert!, key: key! },
    clock: world.clock,
    allowPrivateNetworks,
  });
}

/** One call of a client that is closed then. */
export async function callOut(client: PeerClient, served?: () => number): Promise<Outcome> {
  try {
    return await askStatus(client, served);
  } finally {
    await client.close();
  }
}

/** `code` is that of what the client threw; status 0 when not a byte of a request came to the server. */
export async function askStatus(client: PeerClient, served: () => number = () => 0): Promise<Outcome> {
  const call = {
    to: 'police-p',
    path: '/x/v1/status',
    group: '-',
    purpose: 'RECONCILIATION',
    mid: newId(),
    body: Buffer.from(JSON.stringify({ ids: [newId()] })),
    schema: '-',
    offer: null,
    signal: AbortSignal.timeout(25_000),
  } as const;
  const before = served();
  try {
    const { status } = await client.call(call);
    return { status };
  } catch (error) {
    return { status: served() === before ? 0 : 1, code: (error as { code?: string }).code };
  }
}
