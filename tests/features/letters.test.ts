import assert from 'node:assert/strict';
import { lettersOf } from '../../src/features/erasure/letters.ts';
import type { NoticeDue } from '../../src/features/erasure/notice-store.ts';

const due = (recipient: string, envelope: string, more: Partial<NoticeDue> = {}): NoticeDue => ({
  ...{ recipient, group: 'g1', purpose: 'P', envelope, feature: `f-${envelope}` },
  ...more,
});

describe('the letters of an erasure', () => {
  it('are shared by recipients that were sent the same features', () => {
    const letters = lettersOf([due('b', '1'), due('b', '2'), due('c', '1'), due('c', '2')]);
    assert.deepEqual(
      letters.map(({ recipients, features }) => [recipients, features.length]),
      [[['b', 'c'], 2]],
    );
  });

  it('name to nobody a feature that was not sent to it', () => {
    const letters = lettersOf([due('b', '1'), due('c', '1'), due('c', '2')]);
    assert.deepEqual(
      letters.map(({ recipients, features }) => [recipients, features.map(({ envelope }) => envelope)]),
      [
        [['b'], ['1']],
        [['c'], ['1', '2']],
      ],
    );
  });

  it('are apart for each group and purpose', () => {
    const letters = lettersOf([
      due('b', '1'),
      due('b', '1', { group: 'g2' }),
      due('b', '1', { purpose: 'Q' }),
    ]);
    assert.deepEqual(
      letters.map(({ group, purpose }) => [group, purpose]),
      [
        ['g1', 'P'],
        ['g2', 'P'],
        ['g1', 'Q'],
      ],
    );
  });

  it('hold at most 5,000 features each, and all of them together', () => {
    const letters = lettersOf(Array.from({ length: 12_001 }, (_, i) => due('b', String(i))));
    assert.deepEqual(
      letters.map(({ features }) => features.length),
      [5000, 5000, 2001],
    );
    assert.equal(new Set(letters.flatMap(({ features }) => features)).size, 12_001);
  });
});
