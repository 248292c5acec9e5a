import { describe, expect, it } from 'vitest';
import type { MisfirePolicy } from '../../../src/core/fleet.ts';
import type { MissCause } from '../../../src/core/trigger/misfire.ts';
import { planMisfire } from '../../../src/core/trigger/misfire.ts';
import { cron, zones } from '../../support/schedules.ts';

const NOW = Date.parse('2026-11-21T10:03:00Z');
const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Case {
  readonly text: string;
  readonly policy: MisfirePolicy;
  /** How long before now the watermark stands. */
  readonly agoMs: number;
  readonly lateOkMs?: number;
  readonly nowMs?: number;
  readonly cause?: MissCause;
  readonly runs: readonly string[];
  readonly missed: readonly string[];
}

const down = { cause: 'missed.down' } as const;
const hourlyDay = { text: '0 * * * *', agoMs: 24 * HOUR, ...down };

describe('slots since the last pass', () => {
  it.each<[string, Case]>([
    ['a slot on time runs', { text: '* * * * *', policy: 'skip', agoMs: 15 * SECOND, runs: ['10:03:00'], missed: [] }],
    ['nothing due is nothing', { text: '30 * * * *', policy: 'run_all', agoMs: MINUTE, runs: [], missed: [] }],
    [
      'a slot 15 s late is on time even without any late_ok',
      {
        text: '0 * * * *',
        policy: 'skip',
        agoMs: HOUR,
        lateOkMs: 0,
        nowMs: NOW - 165 * SECOND,
        runs: ['10:00:00'],
        missed: [],
      },
    ],
    [
      'a slot later than that without any late_ok is late',
      {
        text: '0 * * * *',
        policy: 'skip',
        agoMs: HOUR,
        lateOkMs: 0,
        nowMs: NOW - 165 * SECOND + 1,
        runs: [],
        missed: ['10:00:00 to 10:00:00: 1 late'],
      },
    ],
    [
      'a slot late by late_ok runs',
      {
        text: '0 * * * *',
        policy: 'skip',
        agoMs: 30 * MINUTE,
        nowMs: NOW + 2 * MINUTE,
        runs: ['10:00:00'],
        missed: [],
      },
    ],
    [
      'a slot late by more than late_ok does not',
      {
        text: '0 * * * *',
        policy: 'skip',
        agoMs: 30 * MINUTE,
        nowMs: NOW + 2 * MINUTE + 1,
        ...down,
        runs: [],
        missed: ['10:00:00 to 10:00:00: 1 missed.down'],
      },
    ],
    [
      'skip after a day down',
      { ...hourlyDay, policy: 'skip', runs: ['10:00:00'], missed: ['11:00:00 to 09:00:00: 23 missed.down'] },
    ],
    [
      'run_once after a day down',
      { ...hourlyDay, policy: 'run_once', runs: ['10:00:00'], missed: ['11:00:00 to 09:00:00: 23 missed.down'] },
    ],
    [
      'run_once runs however late',
      {
        text: '0 4 * * *',
        policy: 'run_once',
        agoMs: 48 * HOUR,
        ...down,
        runs: ['04:00:00'],
        missed: ['04:00:00 to 04:00:00: 1 missed.down'],
      },
    ],
    [
      'run_all runs the newest five',
      {
        ...hourlyDay,
        policy: 'run_all',
        runs: ['06:00:00', '07:00:00 +5', '08:00:00 +10', '09:00:00 +15', '10:00:00 +20'],
        missed: ['11:00:00 to 05:00:00: 19 missed.cap'],
      },
    ],
    [
      'run_all runs five of five',
      {
        text: '0 * * * *',
        policy: 'run_all',
        agoMs: 5 * HOUR,
        ...down,
        runs: ['06:00:00', '07:00:00 +5', '08:00:00 +10', '09:00:00 +15', '10:00:00 +20'],
        missed: [],
      },
    ],
    [
      'run_all does not delay what is on time',
      { text: '* * * * *', policy: 'run_all', agoMs: 2 * MINUTE, ...down, runs: ['10:02:00', '10:03:00'], missed: [] },
    ],
    [
      'a forward step is the cause of what it jumped over',
      {
        text: '* * * * *',
        policy: 'skip',
        agoMs: 72 * HOUR,
        cause: 'missed.clock_step',
        runs: ['10:03:00'],
        missed: ['10:04:00 to 10:02:00: 4319 missed.clock_step'],
      },
    ],
    [
      'without a cause, a loop that stood still leaves late and superseded slots',
      {
        text: '* * * * *',
        policy: 'skip',
        agoMs: 10 * MINUTE,
        nowMs: NOW + 30 * SECOND,
        runs: ['10:03:00'],
        missed: ['09:54:00 to 09:58:00: 5 late', '09:59:00 to 10:02:00: 4 superseded'],
      },
    ],
    [
      'a slot late by exactly late_ok is superseded, not late',
      {
        text: '* * * * *',
        policy: 'skip',
        agoMs: 10 * MINUTE,
        runs: ['10:03:00'],
        missed: ['09:54:00 to 09:57:00: 4 late', '09:58:00 to 10:02:00: 5 superseded'],
      },
    ],
    [
      'run_once that stood still leaves superseded slots only',
      {
        text: '* * * * *',
        policy: 'run_once',
        agoMs: 10 * MINUTE,
        runs: ['10:03:00'],
        missed: ['09:54:00 to 10:02:00: 9 superseded'],
      },
    ],
    [
      'more than five on time are cut by the cap, older ones are superseded',
      {
        text: '* * * * * *',
        policy: 'skip',
        agoMs: 20 * SECOND,
        runs: ['10:02:56', '10:02:57', '10:02:58', '10:02:59', '10:03:00'],
        missed: ['10:02:41 to 10:02:44: 4 superseded', '10:02:45 to 10:02:55: 11 missed.cap'],
      },
    ],
    [
      'five on time run',
      {
        text: '* * * * * *',
        policy: 'skip',
        agoMs: 5 * SECOND,
        runs: ['10:02:56', '10:02:57', '10:02:58', '10:02:59', '10:03:00'],
        missed: [],
      },
    ],
  ])('%s', (_title, { text, policy, agoMs, lateOkMs = 5 * MINUTE, nowMs = NOW, cause = null, runs, missed }) => {
    const rule = { schedule: cron(text), zone: zones('UTC'), misfire: { policy, lateOkMs } };
    const plan = planMisfire(rule, { afterMs: NOW - agoMs, untilMs: nowMs }, cause);
    expect(plan.runs.map(({ at, delayMs }) => time(at) + (delayMs === 0 ? '' : ` +${delayMs / SECOND}`))).toEqual(runs);
    expect(
      plan.stretches.map(({ from, to, count, reason }) => `${time(from)} to ${time(to)}: ${count} ${reason.code}`),
    ).toEqual(missed);
  });

  it('carry the numbers that were compared', () => {
    const rule = {
      schedule: cron('0 * * * *'),
      zone: zones('UTC'),
      misfire: { policy: 'skip', lateOkMs: 60_000 },
    } as const;
    const plan = planMisfire(rule, { afterMs: NOW - HOUR, untilMs: NOW }, null);
    expect(plan.stretches[0]?.reason).toMatchObject({ code: 'late', numbers: { lateMs: 180_000, limitMs: 60_000 } });
  });
});

function time(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
