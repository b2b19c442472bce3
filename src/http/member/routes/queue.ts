/** /v1/queue: what waits for each peer, reconciliation, catching up. */
import type { MemberServices } from '../services.ts';
import { bodyOf, sendJson, type Handlers } from './route.ts';

type QueueRoutes = Pick<Handlers, 'getQueue' | 'reconcileQueue' | 'catchUpQueue'>;

export function queueRoutes(services: MemberServices): QueueRoutes {
  return {
    getQueue: async (_request, response) => sendJson(response, 200, await services.queue()),

    reconcileQueue: async (request, response) => {
      sendJson(response, 200, await services.reconcileQueue(bodyOf('reconcileQueue', request)));
    },

    catchUpQueue: async (request, response) => {
      sendJson(response, 200, await services.catchUpQueue(bodyOf('catchUpQueue', request)));
    },
  };
}
