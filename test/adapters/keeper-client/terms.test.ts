// What is kept of an attempt for as long as it lives, and what is not.

import { expect, it } from 'vitest';
import { KnownTerms } from '../../../src/adapters/keeper-client/terms.ts';
import type { StartReply } from '../../../src/ports/execution-host.ts';
import { specIn } from '../../support/host-specs.ts';

const SPEC = { ...specIn('/tmp', { id: 'r1.1', argv: ['true'] }, {}), env: { TOKEN: 'hush' } };
const STARTED = { kind: 'started' } as StartReply;

it('keeps limits and files of a start that lives, and nothing that it was given', async () => {
  const terms = new KnownTerms();
  expect(await terms.keepFor(SPEC, () => Promise.resolve(STARTED))).toBe(STARTED);
  const { limits, stopPlans, outPath, errPath } = SPEC;
  expect(terms.get('r1.1')).toEqual({ limits, stopPlans, outPath, errPath });
  terms.forget('r1.1');
  expect(terms.has('r1.1')).toBe(false);
});

it.each<StartReply>([
  { kind: 'did_not_start', cause: 'program', message: 'no' },
  { kind: 'paused', flag: '/pause/web' },
  { kind: 'already_ended' },
])('keeps nothing of a start that is answered by $kind', async (reply) => {
  const terms = new KnownTerms();
  let before = false;
  await terms.keepFor(SPEC, () => {
    before = terms.has('r1.1');
    return Promise.resolve(reply);
  });
  expect([before, terms.has('r1.1')]).toEqual([true, false]);
});

it('keeps them where the answer never came: the next daemon may find it alive', async () => {
  const terms = new KnownTerms();
  await expect(terms.keepFor(SPEC, () => Promise.reject(new Error('let go')))).rejects.toThrow('let go');
  expect(terms.has('r1.1')).toBe(true);
});
