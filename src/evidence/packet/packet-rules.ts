/** What a draft must satisfy before anything is hashed; the schema then holds the finished packet. */
import { GatewayError } from '../../core/errors.ts';
import type { RegistryView } from '../../federation/registry-view.ts';
import type { ItemDraft, PacketDraft } from '../packet-draft.ts';
import type { Convertibility, EvidenceType, Signatory } from '../packet-types.ts';

/** The people a packet type needs: an institution's items carry its officer's signature. */
const TEAM: Readonly<Record<string, readonly { readonly role: string; readonly least: number }[]>> = {
  CASE_TRANSFER: [
    { role: 'HANDLER', least: 2 },
    { role: 'APPROVER', least: 1 },
  ],
  EVIDENCE_RESPONSE: [{ role: 'PROVIDER', least: 1 }],
  INSTITUTION_REPORT: [{ role: 'PROVIDER', least: 1 }],
  LEAD_NOTICE: [{ role: 'HANDLER', least: 2 }],
};

export interface RuleContext {
  readonly member: string;
  readonly registry: RegistryView;
  readonly now: Date;
}

/** 刑诉法 54 paragraph 2, 规则 64: which administrative evidence a criminal court may take as it is. */
export function convertibilityOf(type: EvidenceType): Convertibility {
  if (type === 'WITNESS_TESTIMONY' || type === 'PARTY_STATEMENT') return 'RETAKE';
  if (type === 'EXPERT_OPINION' || type === 'INSPECTION_RECORD') return 'AFTER_REVIEW';
  return 'DIRECT';
}

export function itemNumber(item: ItemDraft, index: number): string {
  return item.itemNo ?? String(index + 1).padStart(4, '0');
}

/** Throws packet.invalid or packet.signer-unregistered; the facts name the check of the evidence profile. */
export function checkDraft(draft: PacketDraft, context: RuleContext): void {
  draft.items.forEach((item, index) => checkItem(item, itemNumber(item, index), context.now));
  checkNumbers(draft);
  checkRecords(draft);
  checkTeam(draft);
  for (const signatory of draft.signatories) checkRegistered(signatory, context);
}

function checkItem(item: ItemDraft, itemNo: string, now: Date): void {
  if (item.grade.pfi === 'C3') {
    refuse('E-GRADE', `item ${itemNo} is graded C3: authentication data never travels`, { itemNo });
  }
  if (item.collectedBy.length < 2 || new Set(item.collectedBy).size !== item.collectedBy.length) {
    refuse('E-LEGAL-COLLECTORS', `item ${itemNo} needs two different collectors`, { itemNo });
  }
  const identified = Date.parse(item.identifiedAt);
  const collected = Date.parse(item.collectedAt);
  if (!(identified <= collected && collected <= now.getTime())) {
    refuse('E-CUSTODY-GAP', `item ${itemNo}: identified, then collected, then packed; its times differ`, {
      itemNo,
    });
  }
}

function checkNumbers(draft: PacketDraft): void {
  const numbers = draft.items.map(itemNumber);
  if (new Set(numbers).size !== numbers.length) refuse('E-SCHEMA', 'two items have the same number', {});
  for (const { itemNo } of [...draft.forms, ...(draft.custody ?? [])]) {
    if (itemNo !== undefined && !numbers.includes(itemNo)) {
      refuse('E-SCHEMA', `item ${itemNo} is named but not in the packet`, { itemNo });
    }
  }
}

/** 法发〔2016〕22号 art. 13–14: a record for every electronic item of a transferred case. */
function checkRecords(draft: PacketDraft): void {
  draft.items.forEach((item, index) => {
    const itemNo = itemNumber(item, index);
    if (recordOf(draft, item, itemNo) === undefined) {
      refuse('E-LEGAL-A7', `item ${itemNo} has no record: add a form A7 with its itemNo`, { itemNo });
    }
  });
}

/** The record of how an item was taken: its own A7, or what an answer to a request replies to. */
export function recordOf(draft: PacketDraft, item: ItemDraft, itemNo: string): string | undefined {
  const own = draft.forms.some((form) => form.form === 'A7' && form.itemNo === itemNo);
  if (own) return `A7-${itemNo}`;
  if (draft.packetType === 'CASE_TRANSFER' && item.evidenceType === 'ELECTRONIC_DATA') return undefined;
  return item.recordRef ?? draft.inReplyTo?.noticeNo;
}

function checkTeam(draft: PacketDraft): void {
  const people = draft.signatories;
  for (const { role, least } of TEAM[draft.packetType] ?? []) {
    if (people.filter((person) => person.role === role).length < least) {
      refuse('E-LEGAL-TEAM', `${draft.packetType} needs ${least} signatories as ${role}`, { role, least });
    }
  }
  // Distinct people cover both rules: two handlers are two people, and the head is no handler.
  for (const identity of ['x5t', 'name'] as const) {
    if (new Set(people.map((person) => person[identity])).size !== people.length) {
      refuse('E-SIG-SAME-PERSON', 'one person signs a packet once, in one role', {});
    }
  }
}

function checkRegistered(signatory: Signatory, context: RuleContext): void {
  const found = context.registry.signer(signatory.x5t);
  if (found?.member === context.member && found.roles.includes(signatory.role)) return;
  throw new GatewayError(
    'packet.signer-unregistered',
    `no registered signer of ${context.member} with this certificate may act as ${signatory.role}`,
    { facts: { x5t: signatory.x5t, role: signatory.role } },
  );
}

function refuse(check: string, message: string, facts: Record<string, unknown>): never {
  throw new GatewayError('packet.invalid', message, { facts: { check, ...facts } });
}
