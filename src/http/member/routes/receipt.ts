/** GET and POST /v1/packets/{id}/receipt: the receiving officer signs what was received. */
import { actorOf } from '../call.ts';
import { readSignature } from '../read-signature.ts';
import type { MemberServices } from '../services.ts';
import { pathOf, sendJson, type Handlers } from './route.ts';

export function receiptRoutes(services: MemberServices): Pick<Handlers, 'getReceipt' | 'signReceipt'> {
  return {
    getReceipt: async (request, response) => {
      const document = await services.receiptDocument(pathOf('getReceipt', request).id);
      response.setHeader('Content-Type', 'application/json');
      response.end(document);
    },

    signReceipt: async (request, response) => {
      const packetId = pathOf('signReceipt', request).id;
      const cms = await readSignature(request);
      sendJson(response, 202, await services.signReceipt({ packetId, cms, actor: actorOf(request) }));
    },
  };
}
