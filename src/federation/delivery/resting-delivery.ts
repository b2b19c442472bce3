/** In place of the delivery worker, in a process that leaves delivery to another one, which looks at the outbox itself. */
import type { Database } from '../../storage/database.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { anyOpenDelivery } from './delivery-store.ts';
import type { DeliveryWorker } from './delivery.ts';

const IDLE_POLL_MS = 25;

export function restingDelivery(database: Database): DeliveryWorker {
  let closed = false;
  return {
    kick: () => undefined,
    heard: () => undefined,
    circuits: () => [],
    close: () => {
      closed = true;
      return Promise.resolve();
    },
    idle: async () => {
      while (!closed && (await anyOpenDelivery(database))) await sleep(IDLE_POLL_MS);
    },
  };
}
