/** What a member system hands in to make a packet: statements, forms as text, items as uploaded blobs. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { EvidenceItem, PacketStatement } from '../packet-types.ts';

export interface FormDraft {
  /** A1 … A13. */
  readonly form: string;
  readonly title: string;
  readonly text: string;
  /** For A7: the electronic item whose record this is. */
  readonly itemNo?: string;
  readonly copies?: number;
  readonly pages?: number;
}

/** Grade as it is claimed, before the rule on C3 has been applied. */
export interface GradeDraft {
  readonly jrt0197: number;
  readonly pfi: string;
  readonly nfra: string;
}

type Derived = 'itemNo' | 'path' | 'size' | 'digests' | 'convertibility' | 'grade' | 'recordRef';

export interface ItemDraft extends Omit<EvidenceItem, Derived> {
  /** 0001 …; by position when absent. */
  readonly itemNo?: string;
  /** The blob, and what the draft's author says about it. */
  readonly digests: { readonly sha256: string; readonly sm3?: string };
  readonly size?: number;
  readonly grade: GradeDraft;
  /** Annex A7 of the item when absent. */
  readonly recordRef?: string;
}

/** An event before the packet was made, e.g. SEAL or FREEZE; IDENTIFY and EXTRACT come from the item itself. */
export interface CustodyDraft {
  readonly type: string;
  readonly itemNo: string;
  readonly at: string;
  readonly byPerson: readonly string[];
  readonly purpose: string;
  readonly authorityRef?: string;
  readonly tool?: string;
  readonly result?: string;
}

export interface PacketDraft extends PacketStatement {
  /** Sharing group under whose grant the packet will travel. */
  readonly group: GroupId;
  readonly receiver: MemberId;
  readonly copyTo?: readonly MemberId[];
  readonly forms: readonly FormDraft[];
  readonly items: readonly ItemDraft[];
  readonly custody?: readonly CustodyDraft[];
}
