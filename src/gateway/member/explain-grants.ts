/** Answers `explain` with what this gateway has counted today. */
import type { Clock } from '../../core/clock.ts';
import { explain, type ExplainQuestion, type Explanation } from '../../federation/grants/explain.ts';
import { usedToday } from '../../federation/grants/quota-store.ts';
import type { RegistryKeeper } from '../../federation/registry/registry-keeper.ts';
import type { Queryable } from '../../storage/database.ts';

export interface ExplainDeps {
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly database: Queryable;
  readonly clock: Clock;
}

/** Counts are of this gateway alone: what others accepted it can't know. */
export async function explainGrants(
  { registry, database, clock }: ExplainDeps,
  question: ExplainQuestion,
): Promise<Explanation> {
  const now = clock();
  const view = registry.current();
  const counted = view.grantsOf(question.group).filter(({ quota }) => quota !== undefined);
  const grants = counted.map(({ id }) => id);
  const used = await usedToday(database, { member: question.member, grants, now });
  return explain(question, { registry: view, now, used });
}
