// Which names a pattern means.

import { describe, expect, it } from 'vitest';

import { matchesPattern } from '../../src/core/name-pattern.ts';

describe('matchesPattern', () => {
  it.each([
    ['project-meta', 'project-meta', true],
    ['project-meta', 'project-meta-odilo', false],
    ['project-meta-*', 'project-meta-odilo', true],
    ['project-meta-*', 'project-meta', false],
    ['project-meta-*', 'project-meta-', true],
    ['*', '', true],
    ['*-meta', 'fleet-meta', true],
    ['*-meta', 'meta-coordinator', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'acb', false],
    ['a*a', 'a', false],
    ['a.c', 'abc', false],
  ])('%j against %j: %j', (pattern, name, expected) => {
    expect(matchesPattern(pattern, name)).toBe(expected);
  });
});
