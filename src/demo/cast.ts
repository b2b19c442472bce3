/** The five members of the demonstration alliance, their groups, grants and people; all of it synthetic. */
import { usccCheckCharacter } from '../core/identifiers.ts';
import type { Grant, MemberRole, RegistryGroup, Right } from '../federation/registry/registry-types.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export interface CastMember {
  readonly id: string;
  readonly name: string;
  readonly role: MemberRole;
  readonly uscc: string;
  readonly people: readonly Person[];
}

export const ALLIANCE = 'lianzheng-demo';
/** Not in GB/T 2260: no real place. */
export const REGION = '999999';
export const FEATURE_GROUP = 'broker-features';
export const TRANSFER_GROUP = 'case-transfer';
export const EVIDENCE_GROUP = 'evidence-desk';
export const AUDIT_GROUP = 'audit-desk';

export const cast: readonly CastMember[] = [
  {
    id: 'bank-a',
    name: '甲银行(演示)',
    role: 'institution',
    uscc: code('91999999MA0TEBNK0'),
    people: [{ id: 'officer-1', name: '演示行员甲', roles: ['PROVIDER'] }],
  },
  {
    id: 'insurer-b',
    name: '乙保险(演示)',
    role: 'institution',
    uscc: code('91999999MA0TENSR0'),
    people: [{ id: 'officer-1', name: '演示专员乙', roles: ['PROVIDER'] }],
  },
  {
    id: 'regulator-r',
    name: '金融监管局(演示)',
    role: 'regulator',
    uscc: code('11999999MB0TEREG0'),
    people: [
      { id: 'handler-1', name: '演示承办人一', roles: ['HANDLER'] },
      { id: 'handler-2', name: '演示承办人二', roles: ['HANDLER'] },
      { id: 'head-1', name: '演示负责人', roles: ['APPROVER'] },
    ],
  },
  {
    id: 'police-p',
    name: '公安经侦支队(演示)',
    role: 'police',
    uscc: code('11999999MB0TEPQL0'),
    people: [{ id: 'intake-1', name: '演示接收民警', roles: ['RECEIVER'] }],
  },
  {
    id: 'auditor-d',
    name: '审计处(演示)',
    role: 'auditor',
    uscc: code('11999999MB0TEAUD0'),
    people: [],
  },
];

export function groupsOf(members: readonly CastMember[]): readonly RegistryGroup[] {
  const ids = (...roles: readonly MemberRole[]): readonly string[] =>
    members.filter((member) => roles.includes(member.role)).map((member) => member.id);
  return [
    {
      id: FEATURE_GROUP,
      name: '非法中介特征共享组',
      compartment: 'INDUSTRY',
      members: ids('institution', 'regulator', 'police'),
    },
    { id: TRANSFER_GROUP, name: '案件移送组', compartment: 'REG', members: ids('regulator', 'police') },
    { id: EVIDENCE_GROUP, name: '证据调取组', compartment: 'POLICE', members: ids('institution', 'police') },
    { id: AUDIT_GROUP, name: '审计组', compartment: 'REG', members: members.map((member) => member.id) },
  ];
}

/** What each role may do in which group, for which purpose, on which legal basis. */
export function grantsUntil(notAfter: string): readonly Grant[] {
  const grant = (id: string, group: string, roles: readonly MemberRole[], rest: Permission): Grant => ({
    id,
    group,
    who: { roles },
    maxGrade: 3,
    onward: 'same-purpose',
    notAfter,
    ...rest,
  });
  const features = { purposes: ['RISK_PREVENTION'], legalBases: ['PIPL-13', 'AFTFL-26'] };
  const transfers = {
    purposes: ['CRIMINAL_TRANSFER'],
    legalBases: ['Order310-3', 'Order310-5', 'Order310-7'],
  };
  const evidence = { purposes: ['CRIMINAL_INVESTIGATION'], legalBases: ['CPL-54', 'FAFA22-13'] };
  const packets = ['packet-offer', 'packet-receipt', 'onward-request', 'onward-answer'];
  return [
    grant('g-push', FEATURE_GROUP, ['institution', 'regulator', 'police'], {
      may: ['push'],
      kinds: ['feature-batch'],
      ...features,
    }),
    // Who may push must be able to have a person erased, on the law's own basis.
    grant('g-erase', FEATURE_GROUP, ['institution', 'regulator', 'police'], {
      may: ['push'],
      kinds: ['erasure'],
      purposes: ['RISK_PREVENTION'],
      legalBases: ['PIPL-46', 'PIPL-47'],
    }),
    grant('g-screen', FEATURE_GROUP, ['institution', 'regulator', 'police'], {
      may: ['screen', 'query'],
      kinds: ['screening', 'feature'],
      ...features,
    }),
    grant('g-transfer', TRANSFER_GROUP, ['regulator', 'police'], {
      may: ['transfer'],
      kinds: packets,
      ...transfers,
    }),
    grant('g-request', EVIDENCE_GROUP, ['police'], {
      may: ['request'],
      kinds: ['evidence-request'],
      ...evidence,
    }),
    grant('g-response', EVIDENCE_GROUP, ['institution', 'police'], {
      may: ['transfer'],
      kinds: packets,
      ...evidence,
    }),
    grant('g-audit', AUDIT_GROUP, ['auditor'], {
      may: ['audit'],
      kinds: ['ledger'],
      purposes: ['SUPERVISION'],
      legalBases: ['AUDIT-MANDATE'],
    }),
  ];
}

interface Permission {
  readonly may: readonly Right[];
  readonly kinds: readonly string[];
  readonly purposes: readonly string[];
  readonly legalBases: readonly string[];
}

function code(body: string): string {
  return body + usccCheckCharacter(body);
}
