// Decides about one waiting request inside the dispatcher's transaction, and writes down what was decided.

import { admit } from '../core/admission/admit.ts';
import type { Share } from '../core/admission/order.ts';
import type { Verdict } from '../core/admission/gate.ts';
import type { Reason } from '../core/admission/reasons.ts';
import { reason } from '../core/admission/reasons.ts';
import type { HostFacts } from '../core/admission/snapshot.ts';
import { expiry } from '../core/admission/waiting.ts';
import type { RunId } from '../core/ids.ts';
import type { Run } from '../core/run/run.ts';
import type { House } from './house.ts';
import type { LiveIndex } from './live-index.ts';
import type { Look } from './look.ts';
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
  private readonly house: Pick<House, 'clock' | 'ledger' | 'fleet'>;
  private readonly look: Look;
  /** When each project was last given a run; forgotten with the daemon, and then all are equal. */
  private readonly served = new Map<string, number>();
  private readonly noted = new Map<RunId, { readonly answer: string; readonly at: number }>();

  constructor(house: Decision['house'], look: Look) {
    this.house = house;
    this.look = look;
  }

  /** What a project has had: decides whose turn it is. */
  shareOf(project: string, live: LiveIndex): Share {
    return { live: live.ofProject(project), servedAt: this.served.get(project) ?? 0 };
  }

  /** The transaction of the last decisions was undone: nothing of them is written. */
  undone(): void {
    this.noted.clear();
  }

  /** True when `run` was admitted: it is claimed now, and `view.live` counts it. */
  decide(run: Run, view: PassView, note: Note): boolean {
    const { clock, fleet, ledger } = this.house;
    const agent = fleet.agent(run.agent);
    const now = clock.now();
    const ended =
      agent === null
        ? null
        : expiry(run, { agent, factory: fleet.now.factory, newerSlots: newer(run, view.slots), now });
    const verdict: Verdict = ended === null ? this.ask(run, view) : { kind: 'refuse', reasons: [ended] };
    switch (verdict.kind) {
      case 'admit': {
        const memoryPromisedBytes = agent?.maxMemoryBytes ?? 0;
        view.live.admit(run, memoryPromisedBytes);
        this.noted.delete(run.id);
        this.served.set(run.project ?? '', now);
        ledger.runs.update(run.id, { state: 'claimed', memoryPromisedBytes });
        if (run.trigger.kind === 'slot') {
          ledger.slots.settle(run.id, 'admitted');
        }
        this.look.admitted(run, note);
        note({ kind: 'run.admitted', ...subject(run) });
        return true;
      }
      case 'defer':
        this.keep(run, { decision: 'deferred', reasons: verdict.reasons }, note);
        return false;
      case 'refuse':
        view.live.leave(run);
        this.refuse(run, verdict.reasons, note);
        return false;
    }
  }

  private ask(run: Run, view: PassView): Verdict {
    const { fleet, ledger } = this.house;
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
    return admit(run, this.look.snapshot(run, view.facts, view.live.counts()));
  }

  private refuse(run: Run, reasons: readonly Reason[], note: Note): void {
    const { ledger, clock } = this.house;
    const now = clock.now();
    if (run.trigger.kind === 'safety') {
      // A standing wish is never over: it is asked again at the next change.
      this.keep(run, { decision: 'refused', reasons }, note);
      return;
    }
    this.noted.delete(run.id);
    const hasBegun = ledger.attempts.ofRun(run.id).length > 0;
    if (run.trigger.kind === 'slot' && hasBegun) {
      // Admitted it was, once: what became of it then is told by its run.
      ledger.slots.settle(run.id, 'admitted');
    }
    if (run.trigger.kind === 'slot' && !hasBegun) {
      const from = run.trigger.slotAt;
      const isNews = ledger.slots.refuse(run.id, reasons, now);
      ledger.runs.remove(run.id);
      if (isNews) {
        const { run: _never, ...about } = subject(run);
        note({ kind: 'slots.refused', ...about, from, reasons });
      }
      return;
    }
    ledger.verdicts.note(run.id, 'refused', { reasons, now });
    ledger.runs.update(run.id, { state: 'ended', endedAt: now, outcome: { kind: 'refused', reasons } });
    note({ kind: 'run.refused', ...subject(run), reasons });
  }

  /** The request waits on; its answer is written when it changes. */
  private keep(
    run: Run,
    given: { readonly decision: 'deferred' | 'refused'; readonly reasons: readonly Reason[] },
    note: Note,
  ): void {
    const now = this.house.clock.now();
    const answer = `${given.decision} ${given.reasons.map((one) => `${one.code} ${one.text}`).join('; ')}`;
    const last = this.noted.get(run.id);
    if (last?.answer === answer && now - last.at < NOTE_AGAIN_MS) {
      return;
    }
    this.noted.set(run.id, { answer, at: now });
    if (this.house.ledger.verdicts.note(run.id, given.decision, { reasons: given.reasons, now })) {
      note({ kind: 'run.deferred', ...subject(run), reasons: given.reasons });
    }
  }
}

/** Instants of waiting slots by agent. */
export function waitingSlots(waiting: readonly Run[]): ReadonlyMap<string, readonly number[]> {
  const slots = new Map<string, number[]>();
  for (const run of waiting) {
    if (run.trigger.kind === 'slot') {
      const known = slots.get(run.agent);
      if (known === undefined) {
        slots.set(run.agent, [run.trigger.slotAt]);
      } else {
        known.push(run.trigger.slotAt);
      }
    }
  }
  return slots;
}

function newer(run: Run, slots: PassView['slots']): number {
  const { trigger } = run;
  return trigger.kind === 'slot' ? (slots.get(run.agent) ?? []).filter((at) => at > trigger.slotAt).length : 0;
}
