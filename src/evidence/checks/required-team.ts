/** Who must sign which packet: handlers are two different people, the approver is none of them. */
import type { PacketType, Signatory, SignatoryRole } from '../packet-types.ts';

export type Team = Readonly<Partial<Record<SignatoryRole, number>>>;

/** Least number of signatories by role (Order 310 art. 5; 刑诉法解释 112; an institution's items: its officer). */
const TEAMS: Readonly<Record<PacketType, Team>> = {
  CASE_TRANSFER: { HANDLER: 2, APPROVER: 1 },
  LEAD_NOTICE: { HANDLER: 2 },
  EVIDENCE_RESPONSE: { PROVIDER: 1 },
  INSTITUTION_REPORT: { PROVIDER: 1 },
};

/** What is wrong with the list of signatories, whoever has signed. */
export function teamFaults(type: PacketType, signatories: readonly Signatory[]): string[] {
  const faults = Object.entries(TEAMS[type]).flatMap(([role, least]) => {
    const found = signatories.filter((signatory) => signatory.role === role).length;
    return found >= least ? [] : [`${type} needs ${String(least)} ${role}, it names ${String(found)}`];
  });
  const repeated = signatories.filter(
    ({ x5t }, index) => signatories.findIndex((other) => other.x5t === x5t) < index,
  );
  return [...faults, ...repeated.map(({ name }) => `${name} stands twice: each signatory is another person`)];
}
