/** GET /v1/ledger/entries/{index} and /v1/ledger/checkpoint. */
import { GatewayError } from '../../../core/errors.ts';
import type { MemberServices } from '../services.ts';
import { pathOf, sendJson, type Handlers } from './route.ts';

type LedgerRoutes = Pick<Handlers, 'getLedgerEntry' | 'getLedgerCheckpoint'>;

export function ledgerRoutes(services: MemberServices): LedgerRoutes {
  return {
    getLedgerEntry: async (request, response) => {
      const index = Number(pathOf('getLedgerEntry', request).index);
      if (!Number.isSafeInteger(index)) throw new GatewayError('http.not-found', 'no such ledger entry');
      sendJson(response, 200, await services.ledgerEntry(index));
    },

    getLedgerCheckpoint: async (_request, response) => {
      const checkpoint = await services.ledgerCheckpoint();
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      response.setHeader('Cache-Control', 'no-store');
      response.end(checkpoint);
    },
  };
}
