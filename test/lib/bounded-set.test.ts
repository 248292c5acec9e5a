// A bounded set forgets the oldest first.

import { expect, it } from 'vitest';
import { addBounded } from '../../src/lib/bounded-set.ts';

it.each([
  [3, ['a', 'b', 'c']],
  [2, ['b', 'c']],
])('keeps the newest %i', (max, kept) => {
  const set = new Set<string>();
  ['a', 'b', 'b', 'c'].forEach((value) => addBounded(set, value, max));
  expect([...set]).toEqual(kept);
});
