// A daemon's scheduler without a daemon: passes over a fake machine whose clock can be set, and a slot table that refuses doubles.

import type { ClockReading, SchedulerState } from '../../src/core/trigger/clock-step.ts';
import { nextDue, pass } from '../../src/core/trigger/pass.ts';
import type { DueSlot, MissedStretch, PassFact, ScheduledAgent } from '../../src/core/trigger/pass.ts';

const LONGEST_PAUSE_MS = 15_000;

/** A slot as the rig saw it start, with the true time at which it did. */
export interface StartedSlot extends DueSlot {
  readonly trueMs: number;
}

/** A stretch of time covered in one epoch: (fromMs, toMs] of the wall clock. */
export interface Covered {
  readonly epoch: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Moves time, passes as the daemon would, and keeps what passes decide. */
export class SchedulerRig {
  readonly due: StartedSlot[] = [];
  readonly missed: MissedStretch[] = [];
  readonly facts: PassFact[] = [];
  readonly covered: Covered[] = [];
  readonly agents: readonly ScheduledAgent[];
  /** What a clock that nobody sets would show. */
  trueMs: number;
  #wallOffsetMs = 0;
  #bootedAtMs: number;
  #boot = 1;
  #state: SchedulerState | null = null;
  #isUp = false;
  readonly #slots = new Set<string>();
  readonly #ran = new Map<string, number>();

  constructor(agents: readonly ScheduledAgent[], startMs: number) {
    this.agents = agents;
    this.trueMs = startMs;
    this.#bootedAtMs = startMs - 3_600_000;
    this.start();
  }

  get wallMs(): number {
    return this.trueMs + this.#wallOffsetMs;
  }

  get epoch(): number {
    return this.#state?.epoch ?? 0;
  }

  /** Starts the daemon: its first pass. */
  start(): void {
    this.#pass(true);
    this.#isUp = true;
  }

  /** Kills the daemon. */
  stop(): void {
    this.#isUp = false;
  }

  /** Sets the wall clock by `byMs`. */
  setClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** The machine boots again, the daemon is down. */
  reboot(): void {
    this.#isUp = false;
    this.#boot += 1;
    this.#bootedAtMs = this.trueMs;
  }

  /** Lets time pass; an up daemon passes at each due slot and every 15 s, unless its loop is blocked. */
  advance(lengthMs: number, loop: 'runs' | 'blocked' = 'runs'): void {
    const end = this.trueMs + lengthMs;
    if (!this.#isUp || loop === 'blocked') {
      this.trueMs = end;
    }
    while (this.trueMs < end) {
      const waitMs = Math.max(1, Math.min(this.#nextMs() - this.wallMs, LONGEST_PAUSE_MS, end - this.trueMs));
      this.trueMs += waitMs;
      this.#pass(false);
    }
  }

  /** One pass now. */
  look(): void {
    this.#pass(false);
  }

  #nextMs(): number {
    const state = this.#state;
    return state === null ? this.wallMs : Math.min(...this.agents.map((agent) => nextDue(agent, state) ?? Infinity));
  }

  #reading(): ClockReading {
    return { wallMs: this.wallMs, monotonicMs: this.trueMs - this.#bootedAtMs, bootId: `boot-${this.#boot}` };
  }

  #pass(isFirst: boolean): void {
    const before = this.#state;
    const now = this.#reading();
    // Only who may be due, as the daemon's heap gives them.
    const agents = this.agents.filter(
      (agent) => isFirst || before === null || (nextDue(agent, before) ?? Infinity) <= now.wallMs,
    );
    const result = pass({
      isFirst,
      state: before,
      now,
      agents,
      ranBefore: (agent, at, epoch) => (this.#ran.get(`${agent} ${at}`) ?? epoch) < epoch,
    });
    for (const slot of result.due) {
      this.#once(`${slot.agent} ${slot.epoch} ${slot.at}`);
      const ranIn = this.#ran.get(`${slot.agent} ${slot.at}`);
      this.#ran.set(`${slot.agent} ${slot.at}`, Math.min(ranIn ?? slot.epoch, slot.epoch));
      this.due.push({ ...slot, trueMs: this.trueMs });
    }
    this.missed.push(...result.missed);
    this.facts.push(...result.facts);
    if (before !== null && now.wallMs > before.watermarkMs) {
      this.covered.push({ epoch: before.epoch, fromMs: before.watermarkMs, toMs: now.wallMs });
    }
    this.#state = result.state;
  }

  #once(key: string): void {
    if (this.#slots.has(key)) {
      throw new Error(`slot inserted twice: ${key}`);
    }
    this.#slots.add(key);
  }
}
