/** Every operation of the member plane has its handler: the type of this table is made from openapi.yaml. */
import type { Registry } from 'prom-client';
import type { MemberServices } from '../services.ts';
import { blobRoutes } from './blobs.ts';
import { bundleRoutes } from './bundle.ts';
import { deliveryRoutes } from './deliveries.ts';
import { erasureRoutes } from './erasures.ts';
import { evidenceRequestRoutes } from './evidence-requests.ts';
import { explainRoutes } from './explain.ts';
import { featureRoutes } from './features.ts';
import { ledgerRoutes } from './ledger.ts';
import { onwardRequestRoutes } from './onward-requests.ts';
import { operationRoutes } from './operation.ts';
import { packetRoutes } from './packets.ts';
import { queueRoutes } from './queue.ts';
import { receiptRoutes } from './receipt.ts';
import type { Handlers } from './route.ts';
import { screeningRoutes } from './screenings.ts';
import { signatureRoutes } from './signatures.ts';
import { transferRoutes } from './transfers.ts';

export function handlersOf(services: MemberServices, metrics: Registry): Handlers {
  return {
    ...operationRoutes(services, metrics),
    ...featureRoutes(services),
    ...erasureRoutes(services),
    ...screeningRoutes(services),
    ...blobRoutes(services),
    ...packetRoutes(services),
    ...signatureRoutes(services),
    ...transferRoutes(services),
    ...bundleRoutes(services),
    ...receiptRoutes(services),
    ...evidenceRequestRoutes(services),
    ...onwardRequestRoutes(services),
    ...deliveryRoutes(services),
    ...queueRoutes(services),
    ...ledgerRoutes(services),
    ...explainRoutes(services),
  };
}
