// A clock that begins with the machine's and goes on only when a test says so.

import type { Clock, Timer } from '../../src/ports/clock.ts';

/** Timers by hand. */
export class ManualTimers implements Clock {
  /** Steps of the wall clock. */
  offsetMs = 0;
  readonly #startedAt: number;
  #elapsedMs = 0;
  readonly #timers = new Set<{ readonly at: number; readonly act: () => void }>();

  constructor(startedAt = Date.now()) {
    this.#startedAt = startedAt;
  }

  now(): number {
    return this.#startedAt + this.#elapsedMs + this.offsetMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, act: () => void): Timer {
    const timer = { at: this.#elapsedMs + delayMs, act };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** Lets `ms` pass and runs what comes due, in order. */
  advance(ms: number): void {
    const end = this.#elapsedMs + ms;
    while (this.step(end)) {
      // Each timer may have set others.
    }
  }

  /** Goes to the next timer until `end` (monotonic) and runs it; false: there was none, and it is `end` now. */
  step(end: number): boolean {
    const next = this.#next(end);
    // A leap may have left timers behind: time does not go back to them.
    this.#elapsedMs = Math.max(this.#elapsedMs, next?.at ?? end);
    if (next !== null) {
      this.#timers.delete(next);
      next.act();
    }
    return next !== null;
  }

  /** `ms` pass in which nothing runs, as while the loop is blocked; what came due runs with the next step. */
  leap(ms: number): void {
    this.#elapsedMs += ms;
  }

  pending(): number {
    return this.#timers.size;
  }

  #next(end: number): { readonly at: number; readonly act: () => void } | null {
    let first: { readonly at: number; readonly act: () => void } | null = null;
    for (const timer of this.#timers) {
      first = timer.at <= end && (first === null || timer.at < first.at) ? timer : first;
    }
    return first;
  }
}
