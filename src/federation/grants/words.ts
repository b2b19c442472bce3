/** Each condition of a permit as a sentence for people, with what was asked and what is granted, in two languages. */
import type { Grant, MemberRole, Right } from '../registry/registry-types.ts';
import {
  limitOf,
  type GeneralCondition,
  type GrantCondition,
  type GrantRequest,
  type Question,
} from './conditions.ts';

export interface Words {
  readonly en: string;
  readonly zh: string;
}

const RIGHTS: Readonly<Record<Right, string>> = {
  push: '推送',
  screen: '筛查',
  query: '查询',
  request: '调取',
  transfer: '移送',
  audit: '审计',
  status: '查状态',
};

const ROLES: Readonly<Record<MemberRole, string>> = {
  institution: '金融机构',
  regulator: '监管机构',
  police: '公安机关',
  procurator: '检察机关',
  auditor: '审计机构',
  cyberspace: '网信部门',
  operator: '运营方',
};

/** `status`: of the member, `unknown` when the registry does not list it. */
export function memberWords(member: string, status: string): Words {
  return {
    en: `only an active member may act; ${member} is ${status}`,
    zh: `只有状态为 active 的成员可以行使权限;${member} 的状态为 ${status}`,
  };
}

/** The same words for a group that does not exist and for one that may not be seen. */
export function membershipWords({ member, group }: GrantRequest, holds: boolean): Words {
  return holds
    ? { en: `${member} is in group ${group}`, zh: `${member} 是共享组 ${group} 的成员` }
    : {
        en: `the registry shows no group ${group} that ${member} is in`,
        zh: `注册表中看不到 ${member} 所属的共享组 ${group}`,
      };
}

export function generalWords(condition: GeneralCondition, { request, group }: Question): Words {
  if (condition === 'personal-in-alliance') {
    return {
      en: `in a commercial (ALLIANCE) group personal values never travel in clear, whatever a grant says (PIPL 13, 23); ${group.id} is ${group.compartment}, personal: ${yes(request.personal)}`,
      zh: `商业联盟(ALLIANCE)组内个人信息不得以明文流转,任何授权均不得例外(个人信息保护法 13、23);${group.id} 属 ${group.compartment},含个人信息:${request.personal ? '是' : '否'}`,
    };
  }
  return {
    en: `material of an AML group serves anti-money-laundering purposes only (AML Law 7); ${group.id} is ${group.compartment}, asked for ${request.purpose}`,
    zh: `反洗钱(AML)组的材料只能用于反洗钱目的(反洗钱法 7);${group.id} 属 ${group.compartment},所述目的为 ${request.purpose}`,
  };
}

export function grantWords(condition: GrantCondition, grant: Grant, question: Question): Words {
  return sentences[condition](grant, question);
}

const sentences: Readonly<Record<GrantCondition, (grant: Grant, question: Question) => Words>> = {
  who: ({ who: { roles = [], members = [] } }, { member }) => ({
    en: `it is given to ${list([...roles, ...members])}; ${member.id} is ${list(member.roles)}`,
    zh: `授予对象为 ${list([...roles.map((role) => ROLES[role]), ...members])};${member.id} 的角色为 ${list(member.roles.map((role) => ROLES[role]))}`,
  }),
  right: ({ may }, { request }) => ({
    en: `it permits to ${list(may)}; asked to ${request.right}`,
    zh: `许可的权限为 ${list(may.map((right) => RIGHTS[right]))};所求权限为 ${RIGHTS[request.right]}`,
  }),
  kind: ({ kinds }, { request }) => compared(['kinds', '内容类型'], kinds, [request.kind]),
  purpose: ({ purposes }, { request }) => compared(['purposes', '目的'], purposes, [request.purpose]),
  'legal-basis': ({ legalBases }, { request }) =>
    compared(
      ['legal bases (each that is claimed, at least one)', '法律依据(所引各条均须在列,且至少一条)'],
      legalBases,
      request.legalBasis,
    ),
  grade: ({ maxGrade }, { request: { grade = 0 } }) =>
    compared(['data grades up to', '数据分级上限'], [String(maxGrade)], [String(grade)]),
  compartment: ({ compartment }, { group }) => ({
    en: `it is bound to compartment ${compartment ?? group.compartment}; the group is ${group.compartment}`,
    zh: `授权限于隔离域 ${compartment ?? group.compartment};该组属 ${group.compartment}`,
  }),
  'not-after': ({ notAfter }, { now }) => ({
    en: `it is good until ${notAfter}; now it is ${now.toISOString()}`,
    zh: `有效期至 ${notAfter};当前时间为 ${now.toISOString()}`,
  }),
  quota: (grant, { request, used }) => {
    const limit = limitOf(grant, request);
    if (limit === Number.POSITIVE_INFINITY)
      return { en: 'it sets no daily quota for this', zh: '对此不设每日配额' };
    const count = used.get(grant.id) ?? 0;
    return {
      en: `it permits ${limit} acts in one UTC day; ${count} are counted today`,
      zh: `每日(UTC)配额为 ${limit} 次;今日已计 ${count} 次`,
    };
  },
};

function compared(
  [en, zh]: readonly [string, string],
  granted: readonly string[],
  asked: readonly string[],
): Words {
  return {
    en: `granted ${en}: ${list(granted)}; asked: ${list(asked)}`,
    zh: `许可的${zh}:${list(granted)};所求:${list(asked)}`,
  };
}

function list(words: readonly string[]): string {
  return words.length === 0 ? '-' : words.join(', ');
}

function yes(value: boolean): string {
  return value ? 'yes' : 'no';
}
