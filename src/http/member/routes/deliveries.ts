/** /v1/deliveries and /v1/deliveries/{id}/…: what was sent, and what people do about what did not arrive. */
import { actorOf } from '../call.ts';
import type { MemberServices } from '../services.ts';
import { pageOf } from './page.ts';
import { bodyOf, pathOf, queryOf, sendJson, type Handlers } from './route.ts';

type DeliveryRoutes = Pick<
  Handlers,
  'listDeliveries' | 'getDelivery' | 'retryDelivery' | 'giveUpDelivery' | 'getDeliveryEvidence'
>;

export function deliveryRoutes(services: MemberServices): DeliveryRoutes {
  return {
    listDeliveries: async (request, response) => {
      const { state, to, dead, ...rest } = queryOf('listDeliveries', request);
      const wanted = {
        ...pageOf(rest),
        ...(state === undefined ? {} : { state }),
        ...(to === undefined ? {} : { to }),
        ...(dead === undefined ? {} : { dead: true }),
      };
      sendJson(response, 200, await services.listDeliveries(wanted));
    },

    getDelivery: async (request, response) => {
      sendJson(response, 200, await services.delivery(pathOf('getDelivery', request).id));
    },

    retryDelivery: async (request, response) => {
      const { id: mid } = pathOf('retryDelivery', request);
      sendJson(response, 202, await services.retryDelivery({ mid, actor: actorOf(request) }));
    },

    giveUpDelivery: async (request, response) => {
      const { id: mid } = pathOf('giveUpDelivery', request);
      const { reason } = bodyOf('giveUpDelivery', request);
      sendJson(response, 200, await services.giveUpDelivery({ mid, reason, actor: actorOf(request) }));
    },

    getDeliveryEvidence: async (request, response) => {
      const file = await services.deliveryEvidence(pathOf('getDeliveryEvidence', request).id);
      response.setHeader('Content-Type', 'application/json');
      response.setHeader('Cache-Control', 'no-store');
      response.end(file);
    },
  };
}
