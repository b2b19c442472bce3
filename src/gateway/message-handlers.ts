/** Every kind of message that a gateway takes, and who takes it. */
import { receiptHandler } from '../evidence/handing-over/accept-receipt.ts';
import { onwardAnswerHandler } from '../evidence/approvals/answer.ts';
import { onwardRequestHandler } from '../evidence/approvals/ask.ts';
import type { EvidenceDeps } from '../evidence/evidence-deps.ts';
import { packetOfferHandler } from '../evidence/handing-over/receive.ts';
import { evidenceRequestHandler } from '../evidence/request.ts';
import type { FeatureDeps } from '../features/deps.ts';
import { erasureHandler } from '../features/erasure/receive-erasure.ts';
import { featureBatchHandler } from '../features/receive.ts';
import type { InboxHandlers } from '../federation/inbox.ts';

export interface HandlerDeps {
  readonly features: FeatureDeps;
  readonly evidence: EvidenceDeps;
  readonly kickPulls: () => void;
}

export function messageHandlers({ features, evidence, kickPulls }: HandlerDeps): InboxHandlers {
  return {
    'feature-batch': featureBatchHandler(features),
    erasure: erasureHandler(features),
    'packet-offer': packetOfferHandler(kickPulls),
    'packet-receipt': receiptHandler(evidence),
    'evidence-request': evidenceRequestHandler(),
    'onward-request': onwardRequestHandler(),
    'onward-answer': onwardAnswerHandler(evidence),
  };
}
