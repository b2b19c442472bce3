/** An explanation as lines for people, in the language they asked for. */
import type { Schemas } from '../../api/api-types.ts';

export type Language = 'en' | 'zh';

interface Wish {
  readonly language: Language;
  /** Whether the quotas were counted by a gateway. */
  readonly counted: boolean;
}

const words = {
  en: {
    permit: 'PERMITTED',
    refuse: 'REFUSED',
    before: 'Asked before any grant:',
    grant: 'Grant',
    permits: 'permits this',
    not: 'does not permit this',
    none: 'The registry shows no grant to be tried.',
    demands: 'The grant demands',
    counted: 'counted today',
    opens: 'counts start again',
    uncounted: 'quotas are not counted offline',
    registry: 'registry',
  },
  zh: {
    permit: '许可',
    refuse: '不许可',
    before: '先于任何授权的条件:',
    grant: '授权',
    permits: '许可此事',
    not: '不许可此事',
    none: '注册表中没有可供比对的授权。',
    demands: '该授权要求',
    counted: '今日已计',
    opens: '重新计数时间',
    uncounted: '离线时不计配额',
    registry: '注册表',
  },
} as const;

export function languageOf(lang: string): Language {
  if (lang === 'en' || lang === 'zh') return lang;
  throw new Error(`--lang ${lang}: expected en or zh`);
}

export function explanationLines(found: Schemas['Explanation'], wish: Wish): readonly string[] {
  const say = words[wish.language];
  const { registry, at } = found;
  return [
    `${found.permit ? say.permit : say.refuse}: ${found.verdict[wish.language]}`,
    ...demandLines(found, wish),
    say.before,
    ...conditionLines(found.conditions, wish),
    ...(found.grants.length === 0 ? [say.none] : found.grants.flatMap((grant) => grantLines(grant, wish))),
    `${say.registry} ${registry.serial} (sha256 ${registry.sha256}), ${at}`,
  ];
}

function demandLines(
  { demands, quotasOpenAt }: Schemas['Explanation'],
  { language, counted }: Wish,
): string[] {
  if (demands === undefined) return [];
  const say = words[language];
  const { onward, notAfter, maxGrade, quota } = demands;
  const use = counted ? `${say.counted} ${quota?.used ?? 0}, ${say.opens} ${quotasOpenAt}` : say.uncounted;
  const limit = quota === undefined ? '' : `, perDay ${quota.perDay} (${use})`;
  return [`${say.demands}: onward ${onward}, notAfter ${notAfter}, maxGrade ${maxGrade}${limit}`];
}

function grantLines(grant: Schemas['JudgedGrant'], wish: Wish): string[] {
  const say = words[wish.language];
  const head = `${say.grant} ${grant.grant}: ${grant.permits ? say.permits : say.not}`;
  return [head, ...conditionLines(grant.conditions, wish)];
}

function conditionLines(conditions: readonly Schemas['JudgedCondition'][], { language }: Wish): string[] {
  return conditions.map(
    ({ condition, holds, text }) => `  ${holds ? '✔' : '✘'} ${condition.padEnd(20)} ${text[language]}`,
  );
}
