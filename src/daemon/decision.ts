// Decides about one waiting request inside the dispatcher's transaction, and writes down what was decided.

import { admit } from '../core/admission/admit.ts';
import type { Share } from '../core/admission/order.ts';
import type { Verdict } from '../core/admission/gate.ts';
import type { Queued } from '../core/admission/waiting.ts';
import type { Reason } from '../core/admission/reasons.ts';
import { reason } from '../core/admission/reasons.ts';
import type { HostFacts } from '../core/admission/snapshot.ts';
import { expiry } from '../core/admission/waiting.ts';
import type { RunId } from '../core/ids.ts';
import type { Run } from '../core/run/run.ts';
import { endRun } from './end-run.ts';
import type { House } from './house.ts';
import type { LiveIndex } from './live-index.ts';
import type { Look } from './look.ts';
import { move } from './move.ts';
import type { Note } from './recorder.ts';
import { subject } from './subject.ts';

/** An unchanged answer is written again (newer numbers, count) only after this long. */
const NOTE_AGAIN_MS = 60_000;

/** What a pass knows while it decides. */
export interface PassView {
  readonly facts: HostFacts;
  readonly live: LiveIndex;
  /** Instants of waiting slots by agent. */
  readonly slots: ReadonlyMap<string, readonly number[]>;
}

/** Decides and stores decisions. */
export class Decision {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet'>;
  readonly #look: Look;
  /** When each project was last given a run; forgotten with the daemon, and then all are equal. */
  readonly #served = new Map<string, number>();
  readonly #noted = new Map<RunId, { readonly answer: string; readonly at: number }>();

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet'>, look: Look) {
    this.#house = house;
    this.#look = look;
  }

  /** What a project has had: decides whose turn it is. */
  shareOf(project: string, live: LiveIndex): Share {
    return { live: live.ofProject(project), servedAt: this.#served.get(project) ?? 0 };
  }

  /** The transaction of the last decisions was undone: nothing of them is written. */
  undone(): void {
    this.#noted.clear();
  }

  /** Whether `run` was told since this daemon began why it waits. */
  hasAnswered(run: RunId): boolean {
    return this.#noted.has(run);
  }

  /** Forgets what was told to requests that do not wait any more. */
  forgetAllBut(waiting: readonly Pick<Run, 'id'>[]): void {
    if (this.#noted.size > waiting.length) {
      const kept = new Set(waiting.map(({ id }) => id));
      [...this.#noted.keys()].filter((id) => !kept.has(id)).forEach((id) => this.#noted.delete(id));
    }
  }

  /** What was decided. `admit`: it is claimed now, and `view.live` counts it. */
  decide(run: Run, view: PassView, note: Note): Verdict['kind'] {
    const { clock, fleet, ledger } = this.#house;
    const agent = fleet.agent(run.agent);
    const now = clock.now();
    const ended =
      agent === null
        ? null
        : expiry(run, { agent, factory: fleet.now.factory, newerSlots: newerSlots(run, view.slots), now });
    const verdict: Verdict = ended === null ? this.#ask(run, view) : { kind: 'refuse', reasons: [ended] };
    switch (verdict.kind) {
      case 'admit': {
        const memoryPromisedBytes = agent?.maxMemoryBytes ?? 0;
        view.live.admit(run, memoryPromisedBytes);
        this.#noted.delete(run.id);
        this.#served.set(run.project ?? '', now);
        move(ledger, run, { event: 'admit', memoryPromisedBytes });
        if (run.trigger.kind === 'slot') {
          ledger.slots.settle(run.id, 'admitted');
        }
        this.#look.admitted(run, note);
        note({ kind: 'run.admitted', ...subject(run) });
        break;
      }
      case 'defer':
        this.#keep(run, { decision: 'deferred', reasons: verdict.reasons }, note);
        break;
      case 'refuse':
        view.live.leave(run);
        this.#refuse(run, verdict.reasons, note);
    }
    return verdict.kind;
  }

  #ask(run: Run, view: PassView): Verdict {
    const { fleet, ledger } = this.#house;
    const { trigger } = run;
    const isFixed = fleet.agent(run.agent)?.schedule?.isInterval === false;
    // A fixed slot that ran in an earlier epoch of the clock is the same slot again.
    if (
      trigger.kind === 'slot' &&
      isFixed &&
      run.attempts === 0 &&
      ledger.slots.ranBefore(run.agent, trigger.slotAt, trigger.epoch)
    ) {
      return {
        kind: 'refuse',
        reasons: [reason('duplicate.clock_step', 'this slot already ran before the clock was set back')],
      };
    }
    return admit(run, this.#look.snapshot(run, view.facts, view.live.counts()));
  }

  #refuse(run: Run, reasons: readonly Reason[], note: Note): void {
    const { ledger, clock } = this.#house;
    const now = clock.now();
    if (run.trigger.kind === 'safety') {
      // A standing wish is never over: it is asked again at the next change.
      this.#keep(run, { decision: 'refused', reasons }, note);
      return;
    }
    this.#noted.delete(run.id);
    if (run.trigger.kind === 'slot' && ledger.attempts.ofRun(run.id).length === 0) {
      const from = run.trigger.slotAt;
      const isNews = ledger.slots.refuse(run.id, reasons, now);
      ledger.runs.remove(run.id);
      if (isNews) {
        const { run: _never, ...about } = subject(run);
        note({ kind: 'slots.refused', ...about, from, reasons });
      }
      return;
    }
    endRun(this.#house, { run, outcome: { kind: 'refused', reasons } }, note);
  }

  /** The request waits on; its answer is written when it changes. */
  #keep(
    run: Run,
    given: { readonly decision: 'deferred' | 'refused'; readonly reasons: readonly Reason[] },
    note: Note,
  ): void {
    const now = this.#house.clock.now();
    const answer = `${given.decision} ${given.reasons.map((one) => `${one.code} ${one.text}`).join('; ')}`;
    const last = this.#noted.get(run.id);
    if (last?.answer === answer && now - last.at < NOTE_AGAIN_MS) {
      return;
    }
    this.#noted.set(run.id, { answer, at: now });
    if (this.#house.ledger.verdicts.note(run.id, given.decision, { reasons: given.reasons, now })) {
      note({ kind: 'run.deferred', ...subject(run), reasons: given.reasons });
    }
  }
}

/** Instants of waiting slots by agent. */
export function waitingSlots(waiting: readonly Queued[]): ReadonlyMap<string, readonly number[]> {
  const slots = new Map<string, number[]>();
  for (const run of waiting) {
    if (run.slotAt !== null) {
      const known = slots.get(run.agent);
      if (known === undefined) {
        slots.set(run.agent, [run.slotAt]);
      } else {
        known.push(run.slotAt);
      }
    }
  }
  return slots;
}

/** Later slots of the same agent that wait too. */
export function newerSlots(
  run: Pick<Run, 'agent'> & ({ readonly slotAt: number | null } | Pick<Run, 'trigger'>),
  slots: PassView['slots'],
): number {
  const slotAt = 'slotAt' in run ? run.slotAt : run.trigger.kind === 'slot' ? run.trigger.slotAt : null;
  return slotAt === null ? 0 : (slots.get(run.agent) ?? []).filter((at) => at > slotAt).length;
}
