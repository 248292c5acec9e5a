// How long an account is held, and who may try it, on both sides of each instant.

import { describe, expect, it } from 'vitest';

import {
  holdAfter,
  mayStart,
  readHold,
  withCanary,
  withCredential,
  withoutProof,
} from '../../../src/core/provider/hold.ts';
import type { AccountEvidence, Hold } from '../../../src/core/provider/hold.ts';

const NOW = 1_000_000_000;
const MINUTE = 60_000;
const CONTEXT = { now: NOW, chance: 0, skewMs: MINUTE };
const QUOTA: AccountEvidence & { readonly run: string } = {
  run: 'r1',
  class: 'quota',
  evidence: 'rate_limit_event: rejected',
  resetAt: null,
  retryAfterMs: null,
};

function held(over: Partial<Hold> = {}): Hold {
  return { ...holdAfter(null, QUOTA, CONTEXT), ...over };
}

describe('the end of a hold', () => {
  it.each([
    { title: 'is the announced reset and the skew', over: { resetAt: NOW + 5000 }, until: NOW + 5000 + MINUTE },
    {
      title: 'is spread by half a minute at most',
      over: { resetAt: NOW + 5000 },
      chance: 0.999999,
      until: NOW + 5000 + MINUTE + 30_000,
    },
    { title: 'is what the server asked for', over: { class: 'rate', retryAfterMs: 8000 }, until: NOW + 8000 },
    {
      title: 'spreads a short wait by a quarter',
      over: { class: 'rate', retryAfterMs: 8000 },
      chance: 0.999999,
      until: NOW + 10_000,
    },
    { title: 'is short for a rate limit without a time', over: { class: 'rate' }, until: NOW + 10_000 },
    { title: 'is five minutes when nobody named one', over: {}, until: NOW + 5 * MINUTE },
    { title: 'is five minutes for a reset that has passed', over: { resetAt: NOW }, until: NOW + 5 * MINUTE },
    {
      title: 'is no later than the longest window',
      over: { resetAt: NOW * 10 },
      until: NOW + 32 * 86_400_000 + MINUTE,
    },
  ] as const)('$title', (row) => {
    const chance = 'chance' in row ? row.chance : 0;
    expect(holdAfter(null, { ...QUOTA, ...row.over }, { ...CONTEXT, chance }).until).toBe(row.until);
  });

  it('doubles with each try that meets the same, up to an hour', () => {
    const waits: number[] = [];
    let hold = held();
    for (let probe = 0; probe < 6; probe += 1) {
      waits.push((hold.until - NOW) / MINUTE);
      hold = holdAfter(withCanary(hold, 'r2'), { ...QUOTA, run: 'r2' }, CONTEXT);
    }
    expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
    expect(hold.probes).toBe(6);
  });

  it('is not brought forward, nor counted, by runs that were under way', () => {
    const announced = holdAfter(null, { ...QUOTA, resetAt: NOW + 90 * MINUTE }, CONTEXT);
    expect(holdAfter(announced, { ...QUOTA, run: 'r2' }, CONTEXT)).toMatchObject({
      until: announced.until,
      announced: true,
      probes: 0,
    });
  });

  it('is put off by a run that was told a later one', () => {
    const later = holdAfter(held(), { ...QUOTA, run: 'r2', resetAt: NOW + 90 * MINUTE }, CONTEXT);
    expect(later.until).toBe(NOW + 91 * MINUTE);
  });

  it('is not decided by a straggler while the canary tries', () => {
    const probing = withCanary(held(), 'r2');
    expect(holdAfter(probing, { ...QUOTA, run: 'r3' }, CONTEXT)).toBe(probing);
  });
});

describe('a run', () => {
  it.each([
    ['goes on a free account', null, { kind: 'go' }],
    ['waits a millisecond before the end', held({ until: NOW + 1 }), { kind: 'wait', until: NOW + 1 }],
    ['tries from the end on', held({ until: NOW }), { kind: 'probe' }],
    ['waits for another canary', held({ until: NOW, canary: 'r2' }), { kind: 'wait', until: null }],
    ['goes on as the canary', held({ until: NOW, canary: 'r1' }), { kind: 'probe' }],
  ] as const)('%s', (_title, hold, answer) => {
    expect(mayStart(hold, 'r1', NOW)).toEqual(answer);
  });

  it('that proved nothing leaves the try to another one, a little later', () => {
    const probing = withCanary(held({ until: NOW }), 'r1');
    expect(withoutProof(probing, 'r1', { now: NOW, waitMs: 500 })).toMatchObject({ canary: null, until: NOW + 500 });
    expect(withoutProof(probing, 'r2', { now: NOW, waitMs: 500 })).toBe(probing);
  });
});

describe('a stored hold', () => {
  it('is read back, and refused when a newer version wrote it', () => {
    expect(readHold(null)).toBeNull();
    expect(readHold(held())).toEqual(held());
    expect(() => readHold({ version: 2 })).toThrow(/cannot read/);
  });
});

describe('the files of a login', () => {
  const until = NOW + 5 * MINUTE;

  it.each<{ what: string; before: string | undefined; at: number; until: number }>([
    { what: 'that are looked at for the first time change nothing', before: undefined, at: NOW + MINUTE, until },
    { what: 'that are the same change nothing', before: 'new', at: NOW + MINUTE, until },
    { what: 'that are other ones end the wait', before: 'old', at: NOW + MINUTE, until: NOW + MINUTE },
    { what: 'that are other ones make no wait longer', before: 'old', at: until + MINUTE, until },
  ])('$what', ({ before, at, until: end }) => {
    const hold = held(before === undefined ? {} : { credential: before });
    expect(withCredential(hold, 'new', at)).toMatchObject({ credential: 'new', until: end });
  });

  it('are remembered when the try fails too', () => {
    const tried = withCanary(held({ credential: 'new' }), 'r2');
    expect(holdAfter(tried, { ...QUOTA, run: 'r2' }, CONTEXT).credential).toBe('new');
  });
});
