/** Turns tables of attacks into tests. */
import { assertHarmless } from './judge.ts';
import { count } from './report.ts';
import type { AttackCase } from './attack.ts';
import type { AttackWorld } from './attack-world.ts';

/** One `it` a case; a case that waits for something says for what. */
export function describeAttacks(
  subject: string,
  cases: readonly AttackCase[],
  world: () => AttackWorld,
): void {
  describe(subject, () => {
    for (const one of cases) {
      if (one.pending !== undefined) {
        count(one.threat, { cases: 1, pending: 1 });
        it.skip(`${one.name} (waits: ${one.pending})`);
        continue;
      }
      count(one.threat, { cases: 1 });
      it(`${one.name}: ${one.expect.code ?? (one.expect.status === 0 ? 'no answer' : one.expect.status)}`, async () => {
        await assertHarmless(world(), one);
        count(one.threat, { passed: 1 });
      });
    }
  });
}
