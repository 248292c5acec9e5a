// When the windows of budgets begin and end, on the wall of a zone whose clocks change.

import { describe, expect, it } from 'vitest';

import { zoneTable } from '../../../src/adapters/clock/zone-table.ts';
import { windowAt } from '../../../src/core/budget/window.ts';
import type { BudgetWindow } from '../../../src/core/budget/window.ts';

const zones = zoneTable();
const at = (text: string): number => Date.parse(text);

describe('a window', () => {
  it.each<{ window: BudgetWindow; zone: string; now: string; from: string; until: string }>([
    {
      window: 'month',
      zone: 'UTC',
      now: '2026-12-31T23:59:59.999Z',
      from: '2026-12-01T00:00Z',
      until: '2027-01-01T00:00Z',
    },
    {
      window: 'month',
      zone: 'UTC',
      now: '2027-01-01T00:00:00Z',
      from: '2027-01-01T00:00Z',
      until: '2027-02-01T00:00Z',
    },
    {
      window: 'month',
      zone: 'Europe/Berlin',
      now: '2026-03-15T12:00Z',
      from: '2026-02-28T23:00Z',
      until: '2026-03-31T22:00Z',
    },
    {
      window: 'day',
      zone: 'Europe/Berlin',
      now: '2026-03-29T12:00Z',
      from: '2026-03-28T23:00Z',
      until: '2026-03-29T22:00Z',
    },
    {
      window: 'day',
      zone: 'Europe/Berlin',
      now: '2026-10-25T12:00Z',
      from: '2026-10-24T22:00Z',
      until: '2026-10-25T23:00Z',
    },
    {
      window: 'day',
      zone: 'America/New_York',
      now: '2026-11-21T04:59:59Z',
      from: '2026-11-20T05:00Z',
      until: '2026-11-21T05:00Z',
    },
    {
      window: 'hour',
      zone: 'Asia/Kolkata',
      now: '2026-11-21T10:29:59Z',
      from: '2026-11-21T09:30Z',
      until: '2026-11-21T10:30Z',
    },
    {
      window: 'hour',
      zone: 'Asia/Kolkata',
      now: '2026-11-21T10:30:00Z',
      from: '2026-11-21T10:30Z',
      until: '2026-11-21T11:30Z',
    },
  ])('of a $window in $zone around $now', ({ window, zone, now, from, until }) => {
    expect(windowAt(window, zones(zone), at(now))).toEqual({ from: at(from), until: at(until) });
  });
});
