/** POST and GET /v1/groups/{group}/features. */
import type { Request } from 'express';
import { actorOf } from '../call.ts';
import { ndjsonLines } from '../ndjson-lines.ts';
import type { MemberServices } from '../services.ts';
import { pageOf } from './page.ts';
import { bodyOf, pathOf, queryOf, sendJson, type Handlers } from './route.ts';

export function featureRoutes(services: MemberServices): Pick<Handlers, 'pushFeatures' | 'listFeatures'> {
  return {
    pushFeatures: async (request, response) => {
      const { purpose, basis, atomic } = queryOf('pushFeatures', request);
      const report = await services.pushFeatures({
        group: pathOf('pushFeatures', request).group,
        purpose,
        legalBasis: basis,
        atomic: atomic ?? false,
        lines: linesOf(request),
        actor: actorOf(request),
      });
      sendJson(response, 200, report);
    },

    listFeatures: async (request, response) => {
      const { group } = pathOf('listFeatures', request);
      const page = pageOf(queryOf('listFeatures', request));
      sendJson(response, 200, await services.listFeatures({ group, ...page }));
    },
  };
}

/** Both forms of the body become lines, so that a refusal names the same number either way. */
function linesOf(request: Request): AsyncIterable<Buffer> {
  if (request.body === undefined) return ndjsonLines(request);
  return jsonLines(bodyOf('pushFeatures', request).features);
}

async function* jsonLines(features: readonly object[]): AsyncGenerator<Buffer> {
  for (const feature of features) yield Buffer.from(JSON.stringify(feature));
}
