/** POST and GET /v1/onward-requests, POST /v1/onward-requests/{id}/decisions. */
import { actorOf } from '../call.ts';
import type { MemberServices } from '../services.ts';
import { pageOf } from './page.ts';
import { bodyOf, pathOf, queryOf, sendJson, type Handlers } from './route.ts';

type Requests = Pick<Handlers, 'createOnwardRequest' | 'listOnwardRequests' | 'decideOnwardRequest'>;

export function onwardRequestRoutes(services: MemberServices): Requests {
  return {
    createOnwardRequest: async (request, response) => {
      const draft = bodyOf('createOnwardRequest', request);
      sendJson(response, 202, await services.createOnwardRequest({ ...draft, actor: actorOf(request) }));
    },

    listOnwardRequests: async (request, response) => {
      const { direction, ...rest } = queryOf('listOnwardRequests', request);
      const wanted = { ...pageOf(rest), ...(direction === undefined ? {} : { direction }) };
      sendJson(response, 200, await services.listOnwardRequests(wanted));
    },

    decideOnwardRequest: async (request, response) => {
      const requestId = pathOf('decideOnwardRequest', request).id;
      const decided = bodyOf('decideOnwardRequest', request);
      const act = { ...decided, requestId, actor: actorOf(request) };
      sendJson(response, 200, await services.decideOnwardRequest(act));
    },
  };
}
