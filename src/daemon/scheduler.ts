// Finds the slots that came due, each once, whatever clock and daemon did meanwhile; decisions are core's `pass`.

import type { AgentDefinition } from '../core/fleet.ts';
import type { AgentKey } from '../core/ids.ts';
import { nextDue, pass } from '../core/trigger/pass.ts';
import type { SchedulerState } from '../core/trigger/clock-step.ts';
import type { PassResult, ScheduledAgent } from '../core/trigger/pass.ts';
import type { Timer } from '../ports/clock.ts';
import type { House } from './house.ts';
import type { Intake } from './intake.ts';
import type { Note, Recorder } from './recorder.ts';
import { SlotHeap } from './slot-heap.ts';

/** Longest pause between passes, so that a step of the clock is noticed soon. */
const LONGEST_PAUSE_MS = 15_000;
/** Pause after a pass that failed. */
const RETRY_MS = 1000;

/** What the scheduler needs beside the house. */
export interface SchedulerParts {
  readonly recorder: Recorder;
  readonly intake: Intake;
  /** Slots are waiting. */
  readonly wake: () => void;
  /** A pass was completed: the proof that we are at work. */
  readonly passed: () => void;
  readonly fail: (error: unknown) => void;
}

/** Since when a schedule is in force, kept so that a changed one gets no slots from before. */
interface SinceRow {
  readonly text: string;
  readonly atMs: number;
  readonly epoch: number;
}

/** Passes over the schedules of the fleet in force. */
export class Scheduler {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'zones' | 'boot'>;
  readonly #parts: SchedulerParts;
  readonly #heap = new SlotHeap();
  #scheduled: ReadonlyMap<AgentKey, ScheduledAgent> = new Map();
  /** The fleet was replaced since its schedules were read. */
  #isFleetStale = true;
  #timer: Timer | null = null;
  #isFirst = true;
  /** The heap may lack agents: the next pass looks at all. */
  #isHeapStale = true;
  #stopped = false;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'zones' | 'boot'>, parts: SchedulerParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** Reads the fleet's schedules and makes the first pass. */
  start(): void {
    this.pass();
  }

  /** The fleet was replaced: new schedules count from now. */
  reload(): void {
    this.#isFleetStale = true;
    this.#arm(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** One pass: due slots become waiting requests, missed ones become rows, all in one transaction. */
  pass(): void {
    const { clock, ledger, boot } = this.#house;
    if (this.#isFleetStale) {
      this.#adopt();
    }
    const now = { wallMs: clock.now(), monotonicMs: clock.monotonic(), bootId: boot.bootId };
    const state = ledger.states.get('clock', 'scheduler') as SchedulerState | null;
    const stepped = state !== null && now.wallMs < state.watermarkMs;
    const looksAtAll = this.#isHeapStale || stepped;
    const keys = looksAtAll ? [...this.#scheduled.keys()] : this.#heap.due(now.wallMs);
    // Should this pass fail, the agents that it took out of the heap are not lost.
    this.#isHeapStale = true;
    const result = pass({
      isFirst: this.#isFirst,
      state,
      now,
      agents: keys.flatMap((key) => this.#scheduled.get(key) ?? []),
      ranBefore: (agent, slotAt, epoch) => ledger.slots.ranBefore(agent, slotAt, epoch),
    });
    this.#parts.recorder.commit('scheduler', (note) => {
      this.#store(result, note);
    });
    if (looksAtAll || result.isRewound) {
      this.#heap.clear();
    }
    this.#queue(looksAtAll || result.isRewound ? [...this.#scheduled.keys()] : keys, result.state);
    this.#isFirst = false;
    this.#isHeapStale = false;
    if (result.due.length > 0) {
      this.#parts.wake();
    }
    this.#parts.passed();
    this.#arm(this.#pauseMs());
  }

  #store(result: PassResult, note: Note): void {
    const { ledger, fleet } = this.#house;
    for (const slot of result.due) {
      const agent = fleet.agent(slot.agent);
      if (agent !== null && !ledger.slots.covers(slot.agent, slot.epoch, slot.at)) {
        const accepted = this.#parts.intake.accept(
          {
            agent,
            trigger: { kind: 'slot', slotAt: slot.at, epoch: slot.epoch },
            key: null,
            input: {},
            notBefore: slot.notBefore,
          },
          note,
        );
        if (accepted.kind === 'new') {
          ledger.slots.insertWaiting({ agent: slot.agent, epoch: slot.epoch, at: slot.at, run: accepted.run.id });
        }
      }
    }
    for (const { agent, epoch, from, to, count, reason } of result.missed) {
      ledger.slots.insertStretch({ agent, epoch, from, to, count, verdict: 'missed', reasons: [reason] });
      note({ kind: 'slots.missed', agent, from, to, count, reason });
    }
    for (const fact of result.facts) {
      note(fact);
    }
    ledger.states.set('clock', 'scheduler', result.state);
  }

  /** Puts the next slot of each of `keys` into the heap. */
  #queue(keys: readonly AgentKey[], state: SchedulerState): void {
    for (const key of keys) {
      const agent = this.#scheduled.get(key);
      const at = agent === undefined || this.#heap.has(key) ? null : nextDue(agent, state);
      if (at !== null) {
        this.#heap.push(key, at);
      }
    }
  }

  #adopt(): void {
    const { fleet, ledger, clock, zones } = this.#house;
    const state = ledger.states.get('clock', 'scheduler') as SchedulerState | null;
    const scheduled = new Map<AgentKey, ScheduledAgent>();
    this.#parts.recorder.commit('scheduler', () => {
      for (const agent of fleet.now.agents) {
        if (isScheduled(agent)) {
          const since = this.#since(agent, {
            atMs: state === null ? clock.now() : Math.max(state.watermarkMs, clock.now()),
            epoch: state?.epoch ?? 0,
          });
          scheduled.set(agent.key, {
            key: agent.key,
            schedule: agent.schedule,
            zone: zones(agent.timezone),
            jitterMs: agent.jitterMs,
            misfire: agent.misfire,
            since,
          });
        }
      }
    });
    this.#heap.clear();
    this.#scheduled = scheduled;
    this.#isHeapStale = true;
    this.#isFleetStale = false;
  }

  /** The stored row of an unchanged schedule, or a new one that begins at `begin`. */
  #since(
    agent: AgentDefinition,
    begin: { readonly atMs: number; readonly epoch: number },
  ): { readonly atMs: number; readonly epoch: number } {
    const { ledger } = this.#house;
    const text = `${agent.schedule?.text ?? ''} ${agent.timezone} ${agent.jitterMs}`;
    const known = ledger.states.get('schedule', `since ${agent.key}`) as SinceRow | null;
    if (known?.text === text) {
      return { atMs: known.atMs, epoch: known.epoch };
    }
    const row: SinceRow = { text, ...begin };
    ledger.states.set('schedule', `since ${agent.key}`, row);
    return begin;
  }

  #pauseMs(): number {
    const next = this.#heap.nextAt();
    return next === null ? LONGEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, Math.max(0, next - this.#house.clock.now()));
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#stopped) {
      return;
    }
    this.#timer = this.#house.clock.after(delayMs, () => {
      try {
        this.pass();
      } catch (error) {
        this.#parts.fail(error);
        this.#arm(RETRY_MS);
      }
    });
  }
}

function isScheduled(
  agent: AgentDefinition,
): agent is AgentDefinition & { readonly schedule: NonNullable<AgentDefinition['schedule']> } {
  return agent.schedule !== null && agent.layer !== 'Growth' && !agent.eventOnly;
}
