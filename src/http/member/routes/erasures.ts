/** POST and GET /v1/erasures. */
import { actorOf } from '../call.ts';
import type { MemberServices } from '../services.ts';
import { pageOf } from './page.ts';
import { bodyOf, queryOf, sendJson, type Handlers } from './route.ts';

export function erasureRoutes(services: MemberServices): Pick<Handlers, 'eraseSubject' | 'listErasures'> {
  return {
    eraseSubject: async (request, response) => {
      const order = bodyOf('eraseSubject', request);
      sendJson(response, 201, await services.eraseSubject({ ...order, actor: actorOf(request) }));
    },

    listErasures: async (request, response) => {
      const { limit } = pageOf(queryOf('listErasures', request));
      sendJson(response, 200, await services.listErasures({ limit }));
    },
  };
}
