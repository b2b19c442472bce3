import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Bag, type Seated } from '../../src/core/bag.ts';

interface Ball extends Seated {
  readonly no: number;
}

describe('bag', () => {
  const ball = (no: number): Ball => ({ no, seat: -1 });
  const inside = (bag: Bag<Ball>): number[] => [...bag].map(({ no }) => no).sort((a, b) => a - b);

  it('holds what a set would hold, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(15)), (moves) => {
        const bag = new Bag<Ball>();
        const expected = new Set<number>();
        const balls = Array.from({ length: 16 }, (_, no) => ball(no));
        for (const no of moves) {
          if (expected.delete(no)) bag.remove(balls[no]!);
          else bag.add((expected.add(no), balls[no]!));
          assert.deepEqual(
            inside(bag),
            [...expected].sort((a, b) => a - b),
          );
        }
      }),
    );
  });

  it('lets one leave that is not there, and leaves the others alone', () => {
    const bag = new Bag<Ball>();
    const [one, two, stranger] = [ball(1), ball(2), ball(3)];
    bag.add(one);
    bag.add(two);
    bag.remove(stranger);
    bag.remove(one);
    bag.remove(one);
    assert.deepEqual(inside(bag), [2]);
  });

  it('passes over what leaves while it is gone through', () => {
    const bag = new Bag<Ball>();
    const balls = [1, 2, 3, 4].map(ball);
    for (const one of balls) bag.add(one);
    const seen: number[] = [];
    for (const one of bag) {
      seen.push(one.no);
      bag.remove(balls[3]!);
      bag.remove(balls[1]!);
    }
    assert.deepEqual(seen, [1, 3]);
  });
});
