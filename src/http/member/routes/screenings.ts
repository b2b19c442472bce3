/** POST /v1/screenings. */
import { actorOf } from '../call.ts';
import type { MemberServices } from '../services.ts';
import { bodyOf, sendJson, type Handlers } from './route.ts';

export function screeningRoutes(services: MemberServices): Pick<Handlers, 'createScreening'> {
  return {
    createScreening: async (request, response) => {
      const asked = bodyOf('createScreening', request);
      sendJson(response, 200, await services.screen({ ...asked, actor: actorOf(request) }));
    },
  };
}
