import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DenseSet, type Seated } from '../../src/core/dense-set.ts';

interface Ball extends Seated {
  readonly no: number;
}

describe('a dense set', () => {
  const ball = (no: number): Ball => ({ no, seat: -1 });
  const inside = (set: DenseSet<Ball>): number[] => [...set].map(({ no }) => no).sort((a, b) => a - b);

  it('holds what a set would hold, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(15)), (moves) => {
        const set = new DenseSet<Ball>();
        const expected = new Set<number>();
        const balls = Array.from({ length: 16 }, (_, no) => ball(no));
        for (const no of moves) {
          if (expected.delete(no)) set.remove(balls[no]!);
          else set.add((expected.add(no), balls[no]!));
          assert.deepEqual(
            inside(set),
            [...expected].sort((a, b) => a - b),
          );
        }
      }),
    );
  });

  it('lets one leave that is not there, and leaves the others alone', () => {
    const set = new DenseSet<Ball>();
    const [one, two, stranger] = [ball(1), ball(2), ball(3)];
    set.add(one);
    set.add(two);
    set.remove(stranger);
    set.remove(one);
    set.remove(one);
    assert.deepEqual(inside(set), [2]);
  });

  it('passes over what leaves while it is gone through', () => {
    const set = new DenseSet<Ball>();
    const balls = [1, 2, 3, 4].map(ball);
    for (const one of balls) set.add(one);
    const seen: number[] = [];
    for (const one of set) {
      seen.push(one.no);
      set.remove(balls[3]!);
      set.remove(balls[1]!);
    }
    assert.deepEqual(seen, [1, 3]);
  });
});
