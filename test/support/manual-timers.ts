// A clock that begins with the machine's and goes on only when a test says so.

import type { Clock, Timer } from '../../src/ports/clock.ts';

/** Timers by hand. */
export class ManualTimers implements Clock {
  /** Steps of the wall clock. */
  offsetMs = 0;
  private readonly startedAt = Date.now();
  private elapsedMs = 0;
  private readonly timers = new Set<{ readonly at: number; readonly act: () => void }>();

  now(): number {
    return this.startedAt + this.elapsedMs + this.offsetMs;
  }

  monotonic(): number {
    return this.elapsedMs;
  }

  after(delayMs: number, act: () => void): Timer {
    const timer = { at: this.elapsedMs + delayMs, act };
    this.timers.add(timer);
    return { cancel: () => this.timers.delete(timer) };
  }

  /** Lets `ms` pass and runs what comes due, in order. */
  advance(ms: number): void {
    const end = this.elapsedMs + ms;
    for (let next = this.next(end); next !== null; next = this.next(end)) {
      this.timers.delete(next);
      this.elapsedMs = next.at;
      next.act();
    }
    this.elapsedMs = end;
  }

  pending(): number {
    return this.timers.size;
  }

  private next(end: number): { readonly at: number; readonly act: () => void } | null {
    const due = [...this.timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
    return due[0] ?? null;
  }
}
