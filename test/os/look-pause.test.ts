// How soon a live attempt is looked at again.

import { expect, it } from 'vitest';
import { lookPauseMs } from '../../src/os/look-pause.ts';

const CALM = { ageMs: 60_000, isNearMemory: false, cpuLeftMs: null, isFlooding: false };

it.each([
  ['far from every limit', {}, 1000],
  ['in its first moments', { ageMs: 0 }, 100],
  ['at the age of 300 ms', { ageMs: 300 }, 300],
  ['over half of its memory', { isNearMemory: true }, 100],
  ['writing fast', { isFlooding: true }, 250],
  ['with 2 s of processor time left', { cpuLeftMs: 2000 }, 1000],
  ['with 1.9 s left', { cpuLeftMs: 1900 }, 950],
  ['with 200 ms left', { cpuLeftMs: 200 }, 100],
  ['over its time', { cpuLeftMs: -5 }, 100],
  ['writing fast, with 300 ms left', { isFlooding: true, cpuLeftMs: 300 }, 150],
])('looks at one that is %s after a pause that it cannot use up its time in', (_, seen, expected) => {
  expect(lookPauseMs({ ...CALM, ...seen }, 2)).toBe(expected);
});
