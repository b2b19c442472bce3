/** POST and GET /v1/evidence-requests, POST /v1/evidence-requests/{id}/releases. */
import { actorOf } from '../call.ts';
import type { MemberServices } from '../services.ts';
import { pageOf } from './page.ts';
import { bodyOf, pathOf, queryOf, sendJson, type Handlers } from './route.ts';

type Requests = Pick<Handlers, 'createEvidenceRequest' | 'listEvidenceRequests' | 'releaseEvidence'>;

export function evidenceRequestRoutes(services: MemberServices): Requests {
  return {
    createEvidenceRequest: async (request, response) => {
      const draft = bodyOf('createEvidenceRequest', request);
      sendJson(response, 202, await services.createEvidenceRequest({ ...draft, actor: actorOf(request) }));
    },

    listEvidenceRequests: async (request, response) => {
      const { direction, ...rest } = queryOf('listEvidenceRequests', request);
      const wanted = { ...pageOf(rest), ...(direction === undefined ? {} : { direction }) };
      sendJson(response, 200, await services.listEvidenceRequests(wanted));
    },

    releaseEvidence: async (request, response) => {
      const requestId = pathOf('releaseEvidence', request).id;
      const decided = bodyOf('releaseEvidence', request);
      const packet = await services.releaseEvidence({ ...decided, requestId, actor: actorOf(request) });
      response.setHeader('Location', `/v1/packets/${packet.packetId}`);
      sendJson(response, 201, packet);
    },
  };
}
