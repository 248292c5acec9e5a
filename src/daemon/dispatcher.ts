// Asks admission about every waiting request and hands what was admitted to the launcher.

import { admit } from '../core/admission/admit.ts';
import type { Verdict } from '../core/admission/gate.ts';
import { order } from '../core/admission/order.ts';
import type { Reason } from '../core/admission/reasons.ts';
import { reason } from '../core/admission/reasons.ts';
import type { HostFacts } from '../core/admission/snapshot.ts';
import type { Breakers } from './breakers.ts';
import { expiresAt, expiry } from '../core/admission/waiting.ts';
import type { Run } from '../core/run/run.ts';
import type { Timer } from '../ports/clock.ts';
import type { Launcher } from './launcher.ts';
import { LiveIndex } from './live-index.ts';
import { projectsOf } from './look.ts';
import type { Look, MachineFacts } from './look.ts';
import type { House } from './house.ts';
import type { Note, Recorder } from './recorder.ts';
import type { Stops } from './stops.ts';
import { subject } from './subject.ts';

/** Requests decided in one transaction; the rest follows in the next. */
const BATCH = 256;
/** A pass at least this often while anything waits, so that no missed wake leaves a request waiting. */
const LONGEST_WAIT_MS = 1000;

/** What the dispatcher needs beside the house. */
export interface DispatcherParts {
  readonly recorder: Recorder;
  readonly look: Look;
  readonly breakers: Breakers;
  readonly launcher: Launcher;
  readonly stops: Stops;
  readonly fail: (error: unknown) => void;
}

/** Decides about waiting requests, one pass at a time. */
export class Dispatcher {
  private readonly house: Pick<House, 'clock' | 'ledger' | 'fleet'>;
  private readonly parts: DispatcherParts;
  private timer: Timer | null = null;
  private passing: Promise<void> | null = null;
  private again = false;
  private stopped = false;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet'>, parts: DispatcherParts) {
    this.house = house;
    this.parts = parts;
  }

  /** Something changed: ask again soon. Cheap to call often. */
  wake(): void {
    if (this.stopped) {
      return;
    }
    if (this.passing !== null) {
      this.again = true;
      return;
    }
    this.arm(0);
  }

  /** No decision is made after this; resolves when the pass under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.passing;
  }

  /** One pass over everything that waits; resolves when its decisions are durable. */
  async pass(): Promise<void> {
    while (this.passing !== null) {
      await this.passing;
    }
    if (this.stopped) {
      return;
    }
    this.timer?.cancel();
    this.timer = null;
    this.again = false;
    this.passing = this.decideAll();
    try {
      await this.passing;
    } finally {
      this.passing = null;
      if (this.again) {
        this.wake();
      }
    }
  }

  private arm(delayMs: number): void {
    this.timer?.cancel();
    this.timer = this.house.clock.after(delayMs, () => {
      this.pass().catch((error: unknown) => {
        this.parts.fail(error);
        this.arm(LONGEST_WAIT_MS);
      });
    });
  }

  private async decideAll(): Promise<void> {
    const { clock, ledger } = this.house;
    const waiting = ledger.runs.waiting();
    const due = waiting.filter((run) => run.notBefore <= clock.now());
    if (due.length > 0) {
      const machine = await this.parts.look.machineFacts(due);
      const live = LiveIndex.of(ledger.runs.live());
      const slots = waitingSlots(waiting);
      const ordered = order(due, (project) => live.ofProject(project), clock.now());
      for (let start = 0; start < ordered.length && !this.stopped; start += BATCH) {
        this.decideBatch(ordered.slice(start, start + BATCH), { machine, live, slots });
      }
    }
    this.armNext(waiting);
  }

  private decideBatch(
    batch: readonly Run[],
    given: { readonly machine: MachineFacts; readonly live: LiveIndex; readonly slots: WaitingSlots },
  ): void {
    const admitted: Run[] = [];
    this.parts.recorder.commit('scheduler', (note) => {
      // Whoever removed a flag has decided: the breaker learns of it before any gate is asked.
      this.parts.breakers.observe(projectsOf(batch), note);
      const facts = this.parts.look.hostFacts(given.machine, batch);
      for (const run of batch) {
        // A cancel may have ended it while the host was looked at.
        const current = this.house.ledger.runs.get(run.id);
        if (current?.state === 'waiting' && this.decide(current, { ...given, facts }, note)) {
          admitted.push(current);
        }
      }
    });
    for (const run of admitted) {
      if (this.house.fleet.agent(run.agent)?.overlap === 'replace') {
        this.parts.stops.replaceFor(run);
      }
      this.parts.launcher.launch(run);
    }
  }

  /** True when admitted. */
  private decide(
    run: Run,
    given: { readonly facts: HostFacts; readonly live: LiveIndex; readonly slots: WaitingSlots },
    note: Note,
  ): boolean {
    const { clock, fleet, ledger } = this.house;
    const agent = fleet.agent(run.agent);
    const now = clock.now();
    if (agent !== null) {
      const ended = expiry(run, { agent, factory: fleet.now.factory, newerSlots: newerSlots(run, given.slots), now });
      if (ended !== null) {
        this.refuse(run, [ended], note);
        return false;
      }
    }
    const verdict = this.withDuplicate(
      run,
      admit(run, this.parts.look.snapshot(run, given.facts, given.live.counts())),
    );
    switch (verdict.kind) {
      case 'admit':
        given.live.add(run, agent?.maxMemoryBytes ?? 0);
        ledger.runs.update(run.id, { state: 'claimed', memoryPromisedBytes: agent?.maxMemoryBytes ?? 0 });
        ledger.slots.settle(run.id, 'admitted');
        note({ kind: 'run.admitted', ...subject(run) });
        return true;
      case 'defer':
        if (ledger.verdicts.note(run.id, 'deferred', { reasons: verdict.reasons, now })) {
          note({ kind: 'run.deferred', ...subject(run), reasons: verdict.reasons });
        }
        return false;
      case 'refuse':
        this.refuse(run, verdict.reasons, note);
        return false;
    }
  }

  /** A fixed slot that ran in an earlier clock epoch is the same slot again. */
  private withDuplicate(run: Run, verdict: Verdict): Verdict {
    if (run.trigger.kind !== 'slot' || run.attempts > 0) {
      return verdict;
    }
    const agent = this.house.fleet.agent(run.agent);
    if (
      agent?.schedule?.isInterval !== false ||
      !this.house.ledger.slots.ranBefore(run.agent, run.trigger.slotAt, run.trigger.epoch)
    ) {
      return verdict;
    }
    return {
      kind: 'refuse',
      reasons: [reason('duplicate.clock_step', 'this slot already ran before the clock was set back')],
    };
  }

  private refuse(run: Run, reasons: readonly Reason[], note: Note): void {
    const { ledger, clock } = this.house;
    const now = clock.now();
    if (run.trigger.kind === 'safety') {
      // A standing wish is never over: it is asked again at the next change.
      if (ledger.verdicts.note(run.id, 'refused', { reasons, now })) {
        note({ kind: 'run.deferred', ...subject(run), reasons });
      }
      return;
    }
    if (run.trigger.kind === 'slot' && run.attempts === 0) {
      const from = run.trigger.slotAt;
      const fresh = ledger.slots.refuse(run.id, reasons, now);
      ledger.runs.remove(run.id);
      if (fresh) {
        note({
          kind: 'slots.refused',
          agent: run.agent,
          ...(run.project === null ? {} : { project: run.project }),
          from,
          reasons,
        });
      }
      return;
    }
    ledger.verdicts.note(run.id, 'refused', { reasons, now });
    ledger.runs.update(run.id, { state: 'ended', endedAt: now, outcome: { kind: 'refused', reasons } });
    note({ kind: 'run.refused', ...subject(run), reasons });
  }

  private armNext(waiting: readonly Run[]): void {
    if (waiting.length === 0 || this.stopped) {
      return;
    }
    const { clock, fleet } = this.house;
    const now = clock.now();
    const next = Math.min(
      ...waiting.map((run) => {
        const agent = fleet.agent(run.agent);
        return run.notBefore > now || agent === null ? run.notBefore : expiresAt(run, agent, fleet.now.factory);
      }),
    );
    this.arm(Math.min(LONGEST_WAIT_MS, Math.max(1, next - now)));
  }
}

/** Instants of waiting slots by agent. */
type WaitingSlots = ReadonlyMap<string, readonly number[]>;

function waitingSlots(waiting: readonly Run[]): WaitingSlots {
  const slots = new Map<string, number[]>();
  for (const run of waiting) {
    if (run.trigger.kind === 'slot') {
      slots.set(run.agent, [...(slots.get(run.agent) ?? []), run.trigger.slotAt]);
    }
  }
  return slots;
}

function newerSlots(run: Run, slots: WaitingSlots): number {
  const { trigger } = run;
  return trigger.kind === 'slot' ? (slots.get(run.agent) ?? []).filter((at) => at > trigger.slotAt).length : 0;
}
