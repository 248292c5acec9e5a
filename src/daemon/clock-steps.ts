// Notices that the wall clock was set, for those whose waits are kept as instants.

import { clockStep } from '../core/trigger/clock-step.ts';
import type { ClockReading } from '../core/trigger/clock-step.ts';
import type { House } from './house.ts';

/** Inside a transaction: by how many ms the wall clock was set since the last time that `who` asked; 0: it was not. */
export function takeClockStep(house: Pick<House, 'ledger' | 'clock' | 'boot'>, who: string): number {
  const { ledger, clock, boot } = house;
  const now: ClockReading = { wallMs: clock.now(), monotonicMs: clock.monotonic(), bootId: boot.bootId };
  const reading = ledger.states.get('clock', who) as ClockReading | null;
  const step = reading === null ? null : clockStep({ watermarkMs: reading.wallMs, epoch: 0, reading }, now);
  const byMs = step?.kind === 'step' ? step.byMs : 0;
  // Written when there is news only: this is asked every second.
  if (byMs !== 0 || reading?.bootId !== now.bootId) {
    ledger.states.set('clock', who, now);
  }
  return byMs;
}
