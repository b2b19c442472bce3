/** The five members of the demonstration alliance, their groups, grants and people; all of it synthetic. */

export type Role = 'institution' | 'regulator' | 'police' | 'auditor';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export interface CastMember {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly uscc: string;
  readonly region: string;
  readonly level: string;
  readonly people: readonly Person[];
}

export const ALLIANCE = 'lianzheng-demo';
export const FEATURE_GROUP = 'broker-features';
export const TRANSFER_GROUP = 'case-transfer';
export const EVIDENCE_GROUP = 'evidence-desk';
export const AUDIT_GROUP = 'audit-desk';

export const cast: readonly CastMember[] = [
  {
    id: 'bank-a',
    name: '甲银行(演示)',
    role: 'institution',
    uscc: '91999999MA0TE9T0AN',
    region: '999999',
    level: '市',
    people: [{ id: 'officer-1', name: '演示行员甲', roles: ['PROVIDER'] }],
  },
  {
    id: 'insurer-b',
    name: '乙保险(演示)',
    role: 'institution',
    uscc: '91999999MA0TEB0002',
    region: '999999',
    level: '市',
    people: [{ id: 'officer-1', name: '演示专员乙', roles: ['PROVIDER'] }],
  },
  {
    id: 'regulator-r',
    name: '监管局(演示)',
    role: 'regulator',
    uscc: '11999999MB0TEAT01C',
    region: '999999',
    level: '市',
    people: [
      { id: 'handler-1', name: '演示承办人一', roles: ['HANDLER'] },
      { id: 'handler-2', name: '演示承办人二', roles: ['HANDLER'] },
      { id: 'head-1', name: '演示负责人', roles: ['APPROVER'] },
    ],
  },
  {
    id: 'police-p',
    name: '公安经侦(演示)',
    role: 'police',
    uscc: '11999999MB0TEAT02A',
    region: '999999',
    level: '市',
    people: [{ id: 'intake-1', name: '演示接收民警', roles: ['RECEIVER'] }],
  },
  {
    id: 'auditor-d',
    name: '审计(演示)',
    role: 'auditor',
    uscc: '11999999MB0TEAT03X',
    region: '999999',
    level: '市',
    people: [],
  },
];

const ids = (...roles: readonly Role[]): readonly string[] =>
  cast.filter((member) => roles.includes(member.role)).map((member) => member.id);

export const groups = [
  { id: FEATURE_GROUP, name: '非法中介特征共享组', compartment: 'INDUSTRY', members: ids('institution', 'regulator', 'police') },
  { id: TRANSFER_GROUP, name: '案件移送组', compartment: 'REG', members: ids('regulator', 'police') },
  { id: EVIDENCE_GROUP, name: '证据调取组', compartment: 'POLICE', members: ids('institution', 'police') },
  { id: AUDIT_GROUP, name: '审计组', compartment: 'REG', members: ids('institution', 'regulator', 'police', 'auditor') },
] as const;

/** The regulator's grants: what each role may do in which group, for which purpose, on which legal basis. */
export function grants(notAfter: string) {
  const grant = (id: string, group: string, roles: readonly Role[], may: readonly string[], kinds: readonly string[], purposes: readonly string[], legalBases: readonly string[]) => ({
    id,
    group,
    who: { roles },
    may,
    kinds,
    purposes,
    legalBases,
    maxGrade: 3,
    onward: 'same-purpose',
    notAfter,
  });
  return [
    grant('g-features-push', FEATURE_GROUP, ['institution', 'regulator', 'police'], ['push'], ['feature-batch'], ['RISK_PREVENTION'], ['PIPL-13', 'AFIF-2026-SHARING']),
    grant('g-features-screen', FEATURE_GROUP, ['institution', 'regulator', 'police'], ['screen', 'query'], ['screening'], ['RISK_PREVENTION'], ['PIPL-13', 'AFIF-2026-SHARING']),
    grant('g-transfer', TRANSFER_GROUP, ['regulator', 'police'], ['transfer'], ['packet-offer', 'packet-receipt'], ['CRIMINAL_TRANSFER'], ['Order310-3', 'Order310-5', 'Order310-7']),
    grant('g-evidence-request', EVIDENCE_GROUP, ['police'], ['request'], ['evidence-request'], ['CRIMINAL_INVESTIGATION'], ['CPL-54', 'FAFA22-13']),
    grant('g-evidence-response', EVIDENCE_GROUP, ['institution', 'police'], ['transfer'], ['packet-offer', 'packet-receipt'], ['CRIMINAL_INVESTIGATION'], ['CPL-54', 'FAFA22-13']),
    grant('g-audit', AUDIT_GROUP, ['auditor'], ['audit'], ['ledger'], ['SUPERVISION'], ['AUDIT-LAW']),
  ];
}
