/** GET /v1/health and GET /metrics. */
import type { Registry } from 'prom-client';
import type { MemberServices } from '../services.ts';
import { sendJson, type Handlers } from './route.ts';

type OperationRoutes = Pick<Handlers, 'getHealth' | 'getMetrics'>;

export function operationRoutes(services: MemberServices, metrics: Registry): OperationRoutes {
  return {
    getHealth: async (_request, response) => {
      const health = await services.health();
      sendJson(response, health.status === 'ready' ? 200 : 503, health);
    },

    getMetrics: async (_request, response) => {
      response.setHeader('Content-Type', metrics.contentType);
      response.end(await metrics.metrics());
    },
  };
}
