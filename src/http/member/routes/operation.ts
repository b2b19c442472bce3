/** GET /v1/health, its two halves for probes, and GET /metrics. */
import type { Registry } from 'prom-client';
import type { MemberServices } from '../services.ts';
import { sendJson, type Handlers } from './route.ts';

type OperationRoutes = Pick<Handlers, 'getHealth' | 'getReadiness' | 'getLiveness' | 'getMetrics'>;

export function operationRoutes(services: MemberServices, metrics: Registry): OperationRoutes {
  const ready: Handlers['getHealth'] = async (_request, response) => {
    const health = await services.health();
    sendJson(response, health.status === 'ready' ? 200 : 503, health);
  };
  return {
    getHealth: ready,
    getReadiness: ready,

    getLiveness: async (_request, response) => sendJson(response, 200, services.alive()),

    getMetrics: async (_request, response) => {
      response.setHeader('Content-Type', metrics.contentType);
      response.end(await metrics.metrics());
    },
  };
}
