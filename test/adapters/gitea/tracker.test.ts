// The Gitea tracker keeps its promises against the double, with requests as Gitea documents them.

import { describe, expect, it } from 'vitest';
import { doubleSubject, type DoubleSubject } from './double.ts';
import { giteaSuite } from './gitea.suite.ts';

const used: DoubleSubject[] = [];

giteaSuite('the double', async () => {
  const subject = await doubleSubject();
  used.push(subject);
  return subject;
});

describe('all requests of the suite', () => {
  it('are as documented, and none of them searches or filters by label', () => {
    expect(used).toHaveLength(2);
    for (const { double } of used) {
      expect(double.violations).toEqual([]);
      expect(double.seen.filter((request) => /[?&](q|labels)=/.test(request.path))).toEqual([]);
    }
  });
});
