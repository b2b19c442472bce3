/** bank-a with a real outbox and worker, and bank-b as a peer over real TLS that answers as the test tells it. */
import assert from 'node:assert/strict';
import { systemClock } from '../../src/core/clock.ts';
import { startDelivery, type DeliveryWorker } from '../../src/federation/delivery/delivery.ts';
import { listDeliveries, type DeliveryRecord } from '../../src/federation/delivery/list-deliveries-store.ts';
import type { SealStatement } from '../../src/federation/undelivered/statement.ts';
import { enqueue, type OutgoingMessage } from '../../src/federation/delivery/outbox.ts';
import { PeerClient } from '../../src/federation/peers/peer-client.ts';
import { sealedNote } from './alliance.ts';
import { openGateway, type Gateway, type LoggedEntry } from './gateway.ts';
import { startPeer, tlsAlliance, type PeerReply, type TestPeer, type TlsAlliance } from './peer.ts';

export interface Sender {
  readonly tls: TlsAlliance;
  readonly gateway: Gateway;
  readonly peer: TestPeer;
  readonly client: PeerClient;
  /** Added to the worker's clock, ms. */
  late: number;
  readonly clock: () => Date;
  start(sealStatement?: SealStatement): DeliveryWorker;
  queue(options?: Partial<OutgoingMessage>): Promise<{ readonly mid: string; readonly envelope: string }>;
  recordOf(mid: string): Promise<DeliveryRecord | undefined>;
  entriesOf(mid: string): Promise<readonly LoggedEntry[]>;
  close(): Promise<void>;
}

export function problem(status: number, code: string): PeerReply {
  return { status, body: Buffer.from(JSON.stringify({ code })) };
}

export async function openSender(): Promise<Sender> {
  const tls = await tlsAlliance();
  const { a } = tls.alliance.members;
  const [gateway, peer] = await Promise.all([openGateway(tls.alliance, a), startPeer(tls)]);
  const { ledger, registry, world } = gateway;
  const client = new PeerClient({
    ...{ registry, member: a.id, sealKey: a.seal.signing, tls: tls.a, clock: systemClock },
    allowPrivateNetworks: true,
  });
  const workers: DeliveryWorker[] = [];
  const clock = (): Date => new Date(Date.now() + sender.late);
  const sender: Sender = {
    ...{ tls, gateway, peer, client, clock },
    late: 0,
    start: (sealStatement) => {
      const worker = startDelivery({
        ...{ member: a.id, database: world.database, ledger, registry, client, clock },
        ...(sealStatement === undefined ? {} : { sealStatement }),
        disclosedOf: () => Promise.resolve({ disclosures: [], erased: [] }),
        onError: (error) => void gateway.errors.push(error),
      });
      workers.push(worker);
      return worker;
    },
    queue: async (options = {}) => {
      const { content, sealed } = await sealedNote(tls.alliance, { from: a });
      const deps = { member: a.id, ledger, registry, clock };
      const message = { sealed, content, recipients: ['bank-b'], personal: false, ...options };
      const [queued] = await world.database.transaction((tx) => enqueue(tx, deps, message));
      assert.ok(queued, 'one recipient, one delivery');
      await ledger.settle(queued.offerKey);
      return { mid: queued.mid, envelope: content.id };
    },
    recordOf: async (mid) =>
      (await listDeliveries(world.database, { limit: 1000 })).find((one) => one.mid === mid),
    entriesOf: async (mid) => (await gateway.entries()).filter((entry) => entry.mid === mid),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      await client.close();
      await peer.close();
      await gateway.close();
    },
  };
  return sender;
}

export async function until(met: () => Promise<boolean> | boolean, ms = 20_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await met())) {
    if (Date.now() > deadline) throw new Error('it did not come to that in time');
    await new Promise((done) => setTimeout(done, 20));
  }
}
