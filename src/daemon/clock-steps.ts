// Notices that the wall clock was set, for those whose waits are kept as instants.

import { clockStep } from '../core/trigger/clock-step.ts';
import type { ClockReading } from '../core/trigger/clock-step.ts';
import type { House } from './house.ts';

type Needs = Pick<House, 'ledger' | 'clock' | 'boot'>;

/** Inside a transaction: by how many ms the wall clock was set since the last time that `who` asked; 0: it was not. */
export function takeClockStep(house: Needs, who: string): number {
  const { byMs, now, isNews } = lookAtClock(house, who);
  if (isNews) {
    house.ledger.states.set('clock', who, now);
  }
  return byMs;
}

/** Whether `takeClockStep` has anything to write: this is asked every second. */
export function hasClockNews(house: Needs, who: string): boolean {
  return lookAtClock(house, who).isNews;
}

function lookAtClock(
  { ledger, clock, boot }: Needs,
  who: string,
): { readonly byMs: number; readonly now: ClockReading; readonly isNews: boolean } {
  const now: ClockReading = { wallMs: clock.now(), monotonicMs: clock.monotonic(), bootId: boot.bootId };
  const reading = ledger.states.get('clock', who) as ClockReading | null;
  const step = reading === null ? null : clockStep({ watermarkMs: reading.wallMs, epoch: 0, reading }, now);
  const byMs = step?.kind === 'step' ? step.byMs : 0;
  return { byMs, now, isNews: byMs !== 0 || reading?.bootId !== now.bootId };
}
