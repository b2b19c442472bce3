/** GET /v1/packets/{id}/manifest and POST /v1/packets/{id}/signatures: people sign away from the gateway. */
import { actorOf } from '../call.ts';
import { readSignature } from '../read-signature.ts';
import type { MemberServices } from '../services.ts';
import { pathOf, sendJson, type Handlers } from './route.ts';

export function signatureRoutes(services: MemberServices): Pick<Handlers, 'getManifest' | 'addSignature'> {
  return {
    getManifest: async (request, response) => {
      const manifest = await services.manifestOf(pathOf('getManifest', request).id);
      response.setHeader('Content-Type', 'application/xml');
      response.end(manifest);
    },

    addSignature: async (request, response) => {
      const packetId = pathOf('addSignature', request).id;
      const cms = await readSignature(request);
      sendJson(response, 200, await services.addSignature({ packetId, cms, actor: actorOf(request) }));
    },
  };
}
