/** POST /v1/packets/{id}/transfers. */
import { actorOf } from '../call.ts';
import type { MemberServices } from '../services.ts';
import { bodyOf, pathOf, sendJson, type Handlers } from './route.ts';

export function transferRoutes(services: MemberServices): Pick<Handlers, 'transferPacket'> {
  return {
    transferPacket: async (request, response) => {
      const packetId = pathOf('transferPacket', request).id;
      const { to } = bodyOf('transferPacket', request);
      sendJson(response, 202, await services.transferPacket({ packetId, to, actor: actorOf(request) }));
    },
  };
}
