/** POST and GET /v1/packets, GET /v1/packets/{id}. */
import { actorOf } from '../call.ts';
import type { MemberServices } from '../services.ts';
import { pageOf } from './page.ts';
import { bodyOf, pathOf, queryOf, sendJson, type Handlers } from './route.ts';

type Packets = Pick<Handlers, 'assemblePacket' | 'listPackets' | 'getPacket'>;

export function packetRoutes(services: MemberServices): Packets {
  return {
    assemblePacket: async (request, response) => {
      const packet = await services.assemblePacket(bodyOf('assemblePacket', request), actorOf(request));
      response.setHeader('Location', `/v1/packets/${packet.packetId}`);
      sendJson(response, 201, packet);
    },

    listPackets: async (request, response) => {
      const { direction, state, ...rest } = queryOf('listPackets', request);
      const wanted = {
        ...pageOf(rest),
        ...(direction === undefined ? {} : { direction }),
        ...(state === undefined ? {} : { state }),
      };
      sendJson(response, 200, await services.listPackets(wanted));
    },

    getPacket: async (request, response) => {
      sendJson(response, 200, await services.packet(pathOf('getPacket', request).id));
    },
  };
}
