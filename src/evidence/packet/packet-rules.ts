/** What a draft must satisfy before anything is hashed; the schema then holds the finished packet. */
import { GatewayError } from '../../core/errors.ts';
import type { RegistryView } from '../../federation/registry/registry-view.ts';
import { teamFaults } from '../checks/required-team.ts';
import type { CustodyDraft, ItemDraft, PacketDraft } from '../making/packet-draft.ts';
import type { Convertibility, EvidenceType, Signatory } from '../packet-types.ts';

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
  for (const event of draft.custody ?? []) checkPast(event, context.now);
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

function checkPast({ type, itemNo, at }: CustodyDraft, now: Date): void {
  if (Date.parse(at) <= now.getTime()) return;
  refuse('E-CUSTODY-GAP', `custody event ${type} of item ${itemNo} lies in the future`, { itemNo });
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

/** The rule that every verifier of the bundle will hold the signatories to. */
function checkTeam(draft: PacketDraft): void {
  const [fault] = teamFaults(draft.packetType, draft.signatories);
  if (fault !== undefined) refuse('E-SIG-ROLE', fault, {});
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
