/** GET /v1/explain. */
import type { MemberServices } from '../services.ts';
import { queryOf, sendJson, type Handlers } from './route.ts';

export function explainRoutes(services: MemberServices): Pick<Handlers, 'explainGrants'> {
  return {
    explainGrants: async (request, response) => {
      const { legalBasis = [], grade = 0, personal = false, ...asked } = queryOf('explainGrants', request);
      const question = { ...asked, legalBasis: [...legalBasis], grade, personal };
      sendJson(response, 200, await services.explain(question));
    },
  };
}
