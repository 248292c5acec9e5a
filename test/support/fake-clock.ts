// A clock that stands still until a test moves it: wall and monotonic time together, or the wall clock alone.

import type { Clock, Timer } from '../../src/ports/clock.ts';

interface Pending {
  readonly at: number;
  readonly act: () => void;
}

/** Wall clock, monotonic clock and timers by hand. */
export class FakeClock implements Clock {
  #wallMs: number;
  #elapsedMs = 3_600_000;
  readonly #timers = new Set<Pending>();

  constructor(wallMs: number) {
    this.#wallMs = wallMs;
  }

  now(): number {
    return this.#wallMs;
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
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#pass(next.at);
      next.act();
    }
    this.#pass(end);
  }

  /** Lets `ms` pass in which no timer runs: the loop is blocked, or nobody lives. */
  block(ms: number): void {
    this.#pass(this.#elapsedMs + ms);
  }

  /** Sets the wall clock by `byMs`. */
  set(byMs: number): void {
    this.#wallMs += byMs;
  }

  pending(): number {
    return this.#timers.size;
  }

  #pass(untilMs: number): void {
    const lengthMs = Math.max(0, untilMs - this.#elapsedMs);
    this.#elapsedMs += lengthMs;
    this.#wallMs += lengthMs;
  }

  #next(end: number): Pending | null {
    const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
    return due[0] ?? null;
  }
}
