// With which session an attempt begins, on both sides of each limit.

import { describe, expect, it } from 'vitest';

import { chooseSession } from '../../../src/core/session/session.ts';
import type { SessionRecord, SessionWish } from '../../../src/core/session/session.ts';

const RECORD: SessionRecord = {
  id: 's1',
  driver: 'claude',
  agent: 'worker',
  workingDir: '/repo',
  begunAt: 1000,
  usedAt: 2000,
  tokens: 500,
  total: null,
  usable: true,
};
const WISH: SessionWish = {
  wanted: 'resume',
  record: RECORD,
  rule: { maxAgeMs: 9000, maxTokens: 500 },
  driver: 'claude',
  workingDir: '/repo',
  now: 10_000,
};

describe('a session', () => {
  it('is gone on with at exactly its greatest age and size', () => {
    expect(chooseSession(WISH)).toEqual({ kind: 'resume', from: 's1' });
  });

  it.each<[string, Partial<SessionWish>, string]>([
    ['the failure asks for a fresh one', { wanted: 'fresh' }, 'its failure asks for a fresh session'],
    ['there is none', { record: null }, 'it had no session'],
    ['it is poisoned', { record: { ...RECORD, usable: false } }, 'its session is poisoned'],
    [
      'nobody knows what of it was kept',
      { record: { ...RECORD, usable: null } },
      'nobody knows whether its session was kept',
    ],
    ['the agent has another CLI now', { driver: 'codex' }, 'its session belongs to another CLI or folder'],
    ['the agent works elsewhere now', { workingDir: '/other' }, 'its session belongs to another CLI or folder'],
    ['it is a millisecond too old', { now: 10_001 }, 'its session is 9 s old, max_age 9 s'],
    [
      'it has used a token too many',
      { record: { ...RECORD, tokens: 501 } },
      'its session has used 501 tokens, max_tokens 500',
    ],
  ])('is left behind when %s', (_title, over, because) => {
    expect(chooseSession({ ...WISH, ...over })).toEqual({ kind: 'new', because });
  });
});
