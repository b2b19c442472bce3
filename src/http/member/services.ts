/** What the member plane needs from the capability rooms; main hands it in as one object. */
import type { Readable } from 'node:stream';
import type { components } from '../api-types.ts';

type Schemas = components['schemas'];
export type Health = Schemas['Health'];
export type Alive = Schemas['Alive'];
export type Blob = Schemas['Blob'];
export type CatchUpReport = Schemas['CatchUpReport'];
export type Delivery = Schemas['Delivery'];
export type DeliveryDetail = Schemas['DeliveryDetail'];
export type Erasure = Schemas['Erasure'];
export type ErasureOrder = Schemas['ErasureOrder'];
export type EvidenceRequest = Schemas['EvidenceRequest'];
export type EvidenceRequestDraft = Schemas['EvidenceRequestDraft'];
export type Explanation = Schemas['Explanation'];
export type Feature = Schemas['Feature'];
export type LedgerEntry = Schemas['LedgerEntry'];
export type LedgerWatch = Schemas['LedgerWatch'];
export type OnwardDecision = Schemas['OnwardDecision'];
export type OnwardRequest = Schemas['OnwardRequest'];
export type OnwardRequestDraft = Schemas['OnwardRequestDraft'];
export type Packet = Schemas['Packet'];
export type PacketDraft = Schemas['PacketDraft'];
export type PeerQueue = Schemas['PeerQueue'];
export type PeerReconciliation = Schemas['PeerReconciliation'];
export type PushReport = Schemas['PushReport'];
export type ReleaseDraft = Schemas['ReleaseDraft'];
export type ScreeningReport = Schemas['ScreeningReport'];
export type ScreeningRequest = Schemas['ScreeningRequest'];

/** `actor` is the bearer token's subject: the person or system that acts, as the ledger names it. */
export interface Act {
  readonly actor: string;
}

/** The newest rows, at most `limit`. */
export interface Newest {
  readonly limit: number;
}

export interface Page extends Newest {
  /** `next` of the page before. */
  readonly after?: string;
}

export interface FeaturePush extends Act {
  readonly group: string;
  readonly purpose: string;
  readonly legalBasis: readonly string[];
  /** One JSON text a line, without the line end; line numbers start at 1. */
  readonly lines: AsyncIterable<Buffer>;
  readonly atomic: boolean;
}

/** A stored bundle; `open` streams all of it or one range (both ends inclusive). */
export interface Bundle {
  readonly size: number;
  readonly sha256: string;
  open(range?: { readonly start: number; readonly end: number }): Readable;
}

/** Every function refuses with a GatewayError; what is not found is refused with its own `*.not-found` code. */
export interface MemberServices {
  health(): Promise<Health>;
  alive(): Alive;

  pushFeatures(push: FeaturePush): Promise<PushReport>;
  listFeatures(
    query: Page & { readonly group: string },
  ): Promise<{ features: readonly Feature[]; next?: string }>;
  eraseSubject(order: ErasureOrder & Act): Promise<Erasure>;
  listErasures(query: Newest): Promise<{ erasures: readonly Erasure[] }>;
  screen(request: ScreeningRequest & Act): Promise<ScreeningReport>;

  putBlob(source: Readable, expected: { readonly sha256?: string; readonly size?: number }): Promise<Blob>;
  assemblePacket(draft: PacketDraft, actor: string): Promise<Packet>;
  listPackets(
    query: Newest & { readonly direction?: 'in' | 'out'; readonly state?: string },
  ): Promise<{ packets: readonly Packet[] }>;
  packet(packetId: string): Promise<Packet>;
  manifestOf(packetId: string): Promise<Buffer>;
  addSignature(act: Act & { readonly packetId: string; readonly cms: Buffer }): Promise<Packet>;
  transferPacket(act: Act & { readonly packetId: string; readonly to: string }): Promise<Packet>;
  bundle(packetId: string): Promise<Bundle>;
  receiptDocument(packetId: string): Promise<Buffer>;
  signReceipt(act: Act & { readonly packetId: string; readonly cms: Buffer }): Promise<Packet>;

  createEvidenceRequest(draft: EvidenceRequestDraft & Act): Promise<EvidenceRequest>;
  listEvidenceRequests(
    query: Newest & { readonly direction?: 'in' | 'out' },
  ): Promise<{ requests: readonly EvidenceRequest[] }>;
  releaseEvidence(act: ReleaseDraft & Act & { readonly requestId: string }): Promise<Packet>;
  createOnwardRequest(draft: OnwardRequestDraft & Act): Promise<OnwardRequest>;
  listOnwardRequests(
    query: Newest & { readonly direction?: 'in' | 'out' },
  ): Promise<{ requests: readonly OnwardRequest[] }>;
  decideOnwardRequest(act: OnwardDecision & Act & { readonly requestId: string }): Promise<OnwardRequest>;

  listDeliveries(
    query: Newest & { readonly state?: string; readonly to?: string; readonly dead?: boolean },
  ): Promise<{ deliveries: readonly Delivery[] }>;
  delivery(mid: string): Promise<DeliveryDetail>;
  retryDelivery(act: Act & { readonly mid: string }): Promise<Schemas['RetriedDelivery']>;
  giveUpDelivery(act: Act & Schemas['GivingUp'] & { readonly mid: string }): Promise<DeliveryDetail>;
  /** Bytes of the evidence file. */
  deliveryEvidence(mid: string): Promise<Buffer>;
  queue(): Promise<{ peers: readonly PeerQueue[] }>;
  reconcileQueue(order: Schemas['ReconciliationOrder']): Promise<{ peers: readonly PeerReconciliation[] }>;
  catchUpQueue(order: Schemas['CatchUpOrder']): Promise<{ peers: readonly CatchUpReport[] }>;
  ledgerEntry(index: number): Promise<LedgerEntry>;
  /** Bytes of the proof file of a message, a packet or an entry. */
  ledgerProof(id: string, wish: { readonly envelope: boolean }): Promise<Buffer>;
  ledgerCheckpoint(): Promise<string>;
  ledgerWatch(): Promise<LedgerWatch>;
  explain(question: Explanation['question']): Promise<Explanation>;
}
