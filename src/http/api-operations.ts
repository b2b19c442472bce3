/** Generated from openapi.yaml by scripts/generate.ts: what each operation is, in Express's words; do not edit. */
export interface ApiOperation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Path in Express's form. */
  readonly path: string;
  /** Any one of these opens the operation; empty: no token needed. */
  readonly anyScope: readonly string[];
  /** Media types of the request body; empty: no body. */
  readonly bodies: readonly string[];
}

export const memberOperations = {
  getHealth: { method: 'get', path: '/v1/health', anyScope: [], bodies: [] },
  getReadiness: { method: 'get', path: '/v1/health/ready', anyScope: [], bodies: [] },
  getLiveness: { method: 'get', path: '/v1/health/live', anyScope: [], bodies: [] },
  getMetrics: { method: 'get', path: '/metrics', anyScope: [], bodies: [] },
  pushFeatures: {
    method: 'post',
    path: '/v1/groups/:group/features',
    anyScope: ['features:write'],
    bodies: ['application/json', 'application/x-ndjson'],
  },
  listFeatures: {
    method: 'get',
    path: '/v1/groups/:group/features',
    anyScope: ['features:write', 'screen', 'audit:read'],
    bodies: [],
  },
  eraseSubject: {
    method: 'post',
    path: '/v1/erasures',
    anyScope: ['erasure:act'],
    bodies: ['application/json'],
  },
  listErasures: { method: 'get', path: '/v1/erasures', anyScope: ['erasure:act', 'audit:read'], bodies: [] },
  createScreening: {
    method: 'post',
    path: '/v1/screenings',
    anyScope: ['screen'],
    bodies: ['application/json'],
  },
  putBlob: {
    method: 'post',
    path: '/v1/blobs',
    anyScope: ['evidence:write', 'evidence:release'],
    bodies: ['application/octet-stream'],
  },
  assemblePacket: {
    method: 'post',
    path: '/v1/packets',
    anyScope: ['evidence:write'],
    bodies: ['application/json'],
  },
  listPackets: {
    method: 'get',
    path: '/v1/packets',
    anyScope: ['evidence:write', 'evidence:release', 'transfer:act', 'audit:read'],
    bodies: [],
  },
  getPacket: {
    method: 'get',
    path: '/v1/packets/:id',
    anyScope: ['evidence:write', 'evidence:release', 'transfer:act', 'audit:read'],
    bodies: [],
  },
  getManifest: {
    method: 'get',
    path: '/v1/packets/:id/manifest',
    anyScope: ['evidence:write', 'evidence:release', 'transfer:act'],
    bodies: [],
  },
  addSignature: {
    method: 'post',
    path: '/v1/packets/:id/signatures',
    anyScope: ['evidence:write', 'evidence:release', 'transfer:act'],
    bodies: ['application/pkcs7-signature'],
  },
  transferPacket: {
    method: 'post',
    path: '/v1/packets/:id/transfers',
    anyScope: ['transfer:act'],
    bodies: ['application/json'],
  },
  getBundle: {
    method: 'get',
    path: '/v1/packets/:id/bundle',
    anyScope: ['evidence:write', 'evidence:release', 'transfer:act'],
    bodies: [],
  },
  getReceipt: { method: 'get', path: '/v1/packets/:id/receipt', anyScope: ['transfer:act'], bodies: [] },
  signReceipt: {
    method: 'post',
    path: '/v1/packets/:id/receipt',
    anyScope: ['transfer:act'],
    bodies: ['application/pkcs7-signature'],
  },
  createEvidenceRequest: {
    method: 'post',
    path: '/v1/evidence-requests',
    anyScope: ['evidence:write'],
    bodies: ['application/json'],
  },
  listEvidenceRequests: {
    method: 'get',
    path: '/v1/evidence-requests',
    anyScope: ['evidence:write', 'evidence:release', 'audit:read'],
    bodies: [],
  },
  releaseEvidence: {
    method: 'post',
    path: '/v1/evidence-requests/:id/releases',
    anyScope: ['evidence:release'],
    bodies: ['application/json'],
  },
  createOnwardRequest: {
    method: 'post',
    path: '/v1/onward-requests',
    anyScope: ['evidence:write'],
    bodies: ['application/json'],
  },
  listOnwardRequests: {
    method: 'get',
    path: '/v1/onward-requests',
    anyScope: ['evidence:write', 'evidence:release', 'audit:read'],
    bodies: [],
  },
  decideOnwardRequest: {
    method: 'post',
    path: '/v1/onward-requests/:id/decisions',
    anyScope: ['evidence:release'],
    bodies: ['application/json'],
  },
  listDeliveries: {
    method: 'get',
    path: '/v1/deliveries',
    anyScope: ['audit:read', 'transfer:act', 'admin'],
    bodies: [],
  },
  getDelivery: {
    method: 'get',
    path: '/v1/deliveries/:id',
    anyScope: ['audit:read', 'transfer:act', 'admin'],
    bodies: [],
  },
  retryDelivery: {
    method: 'post',
    path: '/v1/deliveries/:id/retries',
    anyScope: ['transfer:act', 'admin'],
    bodies: ['application/json'],
  },
  giveUpDelivery: {
    method: 'post',
    path: '/v1/deliveries/:id/endings',
    anyScope: ['transfer:act', 'admin'],
    bodies: ['application/json'],
  },
  getDeliveryEvidence: {
    method: 'get',
    path: '/v1/deliveries/:id/evidence',
    anyScope: ['audit:read', 'transfer:act', 'admin'],
    bodies: [],
  },
  getQueue: {
    method: 'get',
    path: '/v1/queue',
    anyScope: ['audit:read', 'transfer:act', 'admin'],
    bodies: [],
  },
  reconcileQueue: {
    method: 'post',
    path: '/v1/queue/reconciliations',
    anyScope: ['transfer:act', 'admin'],
    bodies: ['application/json'],
  },
  catchUpQueue: {
    method: 'post',
    path: '/v1/queue/catch-ups',
    anyScope: ['transfer:act', 'admin'],
    bodies: ['application/json'],
  },
  getLedgerEntry: { method: 'get', path: '/v1/ledger/entries/:index', anyScope: ['audit:read'], bodies: [] },
  getLedgerProof: { method: 'get', path: '/v1/ledger/proofs/:id', anyScope: ['audit:read'], bodies: [] },
  getLedgerCheckpoint: { method: 'get', path: '/v1/ledger/checkpoint', anyScope: ['audit:read'], bodies: [] },
  getLedgerWatch: { method: 'get', path: '/v1/ledger/watch', anyScope: ['audit:read'], bodies: [] },
  explainGrants: { method: 'get', path: '/v1/explain', anyScope: ['audit:read'], bodies: [] },
} as const satisfies Record<string, ApiOperation>;

export const peerOperations = {
  peerMessages: { method: 'post', path: '/x/v1/messages', anyScope: [], bodies: ['application/json'] },
  peerStatus: { method: 'post', path: '/x/v1/status', anyScope: [], bodies: ['application/json'] },
  peerParts: { method: 'post', path: '/x/v1/parts', anyScope: [], bodies: ['application/json'] },
  peerFeed: { method: 'post', path: '/x/v1/feed', anyScope: [], bodies: ['application/json'] },
  peerRegistry: { method: 'post', path: '/x/v1/registry', anyScope: [], bodies: ['application/json'] },
  peerLedgerCheckpoint: { method: 'get', path: '/ledger/checkpoint', anyScope: [], bodies: [] },
  peerLedgerMessage: { method: 'get', path: '/ledger/messages/:mid', anyScope: [], bodies: [] },
  peerAddCheckpoint: {
    method: 'post',
    path: '/witness/add-checkpoint',
    anyScope: [],
    bodies: ['text/plain'],
  },
  peerWitnessedCheckpoint: { method: 'get', path: '/witness/:origin/checkpoint', anyScope: [], bodies: [] },
  peerReceipts: { method: 'get', path: '/witness/receipts', anyScope: [], bodies: [] },
  peerLedgerTile: { method: 'get', path: '/ledger/tile/:path', anyScope: [], bodies: [] },
} as const satisfies Record<string, ApiOperation>;

export type MemberOperationId = keyof typeof memberOperations;
export type PeerOperationId = keyof typeof peerOperations;
