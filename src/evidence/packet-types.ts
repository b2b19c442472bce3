/** The evidence packet as schemas/packet.json admits it (urn:lianzheng:schema:packet:1.0.0). */
import type { CertificateThumbprint, MemberId } from '../core/ids.ts';
import type { Compartment } from '../federation/registry/registry-types.ts';

export const PACKET_SCHEMA = 'urn:lianzheng:schema:packet:1.0.0';
export const DRAFT_SCHEMA = 'urn:lianzheng:schema:packet-draft:1.0.0';
export const SPEC_VERSION = '1.0.0';

export type PacketType = 'CASE_TRANSFER' | 'EVIDENCE_RESPONSE' | 'INSTITUTION_REPORT' | 'LEAD_NOTICE';
export type SignatoryRole = 'HANDLER' | 'LEGAL_REVIEWER' | 'APPROVER' | 'PROVIDER';

/** The eight kinds of 行政处罚法 46, mapped to 刑诉法 50. */
export type EvidenceType =
  | 'DOCUMENTARY'
  | 'PHYSICAL'
  | 'AUDIOVISUAL'
  | 'ELECTRONIC_DATA'
  | 'WITNESS_TESTIMONY'
  | 'PARTY_STATEMENT'
  | 'EXPERT_OPINION'
  | 'INSPECTION_RECORD';

/** Use in criminal procedure (刑诉法 54 paragraph 2): testimony must be taken again by the police. */
export type Convertibility = 'DIRECT' | 'AFTER_REVIEW' | 'RETAKE';

export interface Organisation {
  readonly member: MemberId;
  readonly uscc: string;
  readonly name: string;
  /** GB/T 2260. */
  readonly region: string;
  readonly level: string;
  readonly role: string;
}

export interface LegalBasis {
  /** `Order310`, `CPL`, `FAFA22` …: with the article it is the code that grants name, `Order310-3`. */
  readonly instrument: string;
  readonly article: string;
  readonly version: string;
}

export interface Annex {
  /** A1 … A13 (Order 310 art. 6; 法发〔2016〕22号 art. 14). */
  readonly no: string;
  readonly title: string;
  readonly itemNo?: string;
  readonly copies: number;
  readonly pages: number;
  readonly format: string;
  /** Below data/ of the bag. */
  readonly path: string;
  readonly size: number;
  readonly digests: { readonly sha256: string; readonly sm3: string };
  readonly form: 'original' | 'copy';
}

export interface Grade {
  /** JR/T 0197 level. */
  readonly jrt0197: 1 | 2 | 3 | 4 | 5;
  /** JR/T 0171; C3 (authentication data) is refused outright. */
  readonly pfi: 'C1' | 'C2' | 'none';
  readonly nfra: 'core' | 'important' | 'sensitive' | 'other';
}

export interface EvidenceItem {
  readonly itemNo: string;
  readonly evidenceType: EvidenceType;
  readonly category: string;
  /** The original name, in any script; `path` is the ASCII name in the bag. */
  readonly fileName: string;
  readonly path: string;
  readonly format: string;
  readonly size: number;
  readonly digests: { readonly sha256: string; readonly sm3: string };
  readonly source: {
    readonly system: string;
    readonly owner: string;
    readonly generation: string;
    /** How it was kept before capture (在线诉讼规则 18). */
    readonly storage: string;
    readonly clockOffset: string;
  };
  readonly originalMedium: string;
  readonly sealing?: string;
  readonly method: {
    readonly code: string;
    readonly standard: string;
    readonly tool: string;
    readonly version: string;
  };
  readonly reproducible: string;
  readonly alterations: string;
  readonly identifiedAt: string;
  readonly collectedAt: string;
  /** At least two (法发〔2016〕22号 art. 7). */
  readonly collectedBy: readonly string[];
  readonly holder: string;
  readonly witness?: string;
  readonly video?: string;
  readonly recordRef: string;
  readonly backup: string;
  readonly convertibility: Convertibility;
  readonly grade: Grade;
  readonly pii: readonly string[];
  readonly relevance: string;
  readonly retention: { readonly until: string; readonly rule: string; readonly action: string };
  readonly redactions?: readonly string[];
}

export interface Signatory {
  readonly role: SignatoryRole;
  readonly name: string;
  readonly x5t: CertificateThumbprint;
}

/** What an answer to an evidence request says about the items that were not released. */
export interface RefusedItem {
  readonly item: string;
  readonly reason: string;
}

export interface ReplyReference {
  readonly requestId: string;
  readonly noticeNo: string;
  readonly caseRef: string;
}

/** Stated by the people who make the packet; the gateway adds the rest of `Packet`. */
export interface PacketStatement {
  readonly packetType: PacketType;
  readonly docNo: string;
  readonly seriesId?: string;
  readonly supersedes?: string;
  readonly campaignId?: string;
  readonly legalBasis: readonly LegalBasis[];
  readonly purpose: string;
  readonly onwardUse: 'none' | 'same-purpose' | 'approval';
  readonly dataUseAgreement?: string;
  readonly piaRef?: string;
  readonly noticeStatus: { readonly status: 'given' | 'exempt' | 'deferred'; readonly reason?: string };
  readonly caseSummary: string;
  readonly origin: string;
  readonly suspectedOffences: readonly {
    readonly code: string;
    readonly name: string;
    readonly elements: readonly string[];
    readonly thresholdVersion: string;
  }[];
  readonly amounts: readonly {
    /** Decimal text, so that no number loses precision. */
    readonly value: string;
    readonly currency: string;
    readonly kind: string;
    readonly method: string;
    readonly asOf: string;
  }[];
  readonly period?: { readonly from: string; readonly to: string };
  readonly places: readonly string[];
  /** `ref` is a pseudonym; who it is stands in the sealed identity file (annex A12). */
  readonly subjects: readonly { readonly ref: string; readonly role: string; readonly note?: string }[];
  readonly victims?: {
    readonly table?: string;
    readonly count: number;
    readonly byRegion?: Readonly<Record<string, number>>;
  };
  readonly chains?: Readonly<Record<'info' | 'fund' | 'tech' | 'person', readonly string[]>>;
  /** Empty means: looked for, none found. */
  readonly counterIndications: readonly { readonly text: string; readonly itemNos: readonly string[] }[];
  /** Empty means: none. A penalty never stands in for a transfer (Order 310 art. 11). */
  readonly priorPenalties: readonly {
    readonly decisionNo: string;
    readonly date: string;
    readonly measure: string;
  }[];
  readonly urgentMeasures: readonly string[];
  readonly requests: readonly string[];
  readonly inReplyTo?: ReplyReference;
  readonly refusedItems?: readonly RefusedItem[];
  readonly signatories: readonly Signatory[];
}

export interface Packet extends PacketStatement {
  /** `urn:uuid:…` */
  readonly packetId: string;
  readonly specVersion: string;
  readonly createdAt: string;
  readonly sender: Organisation;
  readonly receiver: Organisation;
  readonly copyTo: readonly Organisation[];
  readonly compartment: Compartment;
  readonly annexes: readonly Annex[];
  readonly items: readonly EvidenceItem[];
  /** The registry by which the packet's signatures are judged, for ever. */
  readonly registry: { readonly serial: number; readonly sha256: string };
}
