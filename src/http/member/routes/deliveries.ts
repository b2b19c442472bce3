/** GET /v1/deliveries. */
import type { MemberServices } from '../services.ts';
import { pageOf } from './page.ts';
import { queryOf, sendJson, type Handlers } from './route.ts';

export function deliveryRoutes(services: MemberServices): Pick<Handlers, 'listDeliveries'> {
  return {
    listDeliveries: async (request, response) => {
      const { state, ...rest } = queryOf('listDeliveries', request);
      const wanted = { ...pageOf(rest), ...(state === undefined ? {} : { state }) };
      sendJson(response, 200, await services.listDeliveries(wanted));
    },
  };
}
