/** GET /v1/ledger/entries/{index}, /v1/ledger/proofs/{id}, /v1/ledger/checkpoint and /v1/ledger/watch. */
import { GatewayError } from '../../../core/errors.ts';
import type { MemberServices } from '../services.ts';
import { pathOf, queryOf, sendJson, type Handlers } from './route.ts';

type LedgerRoutes = Pick<
  Handlers,
  'getLedgerEntry' | 'getLedgerProof' | 'getLedgerCheckpoint' | 'getLedgerWatch'
>;

export function ledgerRoutes(services: MemberServices): LedgerRoutes {
  return {
    getLedgerEntry: async (request, response) => {
      const index = Number(pathOf('getLedgerEntry', request).index);
      if (!Number.isSafeInteger(index)) throw new GatewayError('http.not-found', 'no such ledger entry');
      sendJson(response, 200, await services.ledgerEntry(index));
    },

    getLedgerProof: async (request, response) => {
      const { id } = pathOf('getLedgerProof', request);
      const { envelope } = queryOf('getLedgerProof', request);
      const file = await services.ledgerProof(id, { envelope: envelope === 'with' });
      response.setHeader('Content-Type', 'application/json');
      response.setHeader('Cache-Control', 'no-store');
      response.end(file);
    },

    getLedgerCheckpoint: async (_request, response) => {
      const checkpoint = await services.ledgerCheckpoint();
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      response.setHeader('Cache-Control', 'no-store');
      response.end(checkpoint);
    },

    getLedgerWatch: async (_request, response) => {
      response.setHeader('Cache-Control', 'no-store');
      sendJson(response, 200, await services.ledgerWatch());
    },
  };
}
