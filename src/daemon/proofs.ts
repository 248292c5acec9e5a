// Gathers what there is to see of an attempt in its silence: processor time, what its processes wait for, and what both prove.

import { activityOf, liveness, parkedNote, PROOF_MS, QUIET_MS } from '../core/supervise/liveness.ts';
import type { Activity, CpuSample, Liveness, TreeWaits } from '../core/supervise/liveness.ts';
import type { Attempt } from '../core/run/run.ts';
import type { StreamState } from '../ports/agent-driver.ts';
import type { House } from './house.ts';
import type { UsageLook } from './usage-look.ts';

/** A host that did not answer is asked again after this long. */
const ASK_AGAIN_MS = 5000;

/** The silence that is looked into; instants in ms of the monotonic clock. */
export interface Silence {
  readonly since: number;
  /** What silence alone may last; null: for ever. */
  readonly limitMs: number | null;
  readonly said: Pick<StreamState, 'toolOpen' | 'retrying'>;
  readonly now: number;
}

/** What was seen of one attempt since its last word. */
export class Proofs {
  readonly #machine: Pick<House['machine'], 'waits'>;
  readonly #usage: Pick<UsageLook, 'of'>;
  readonly #attempt: Attempt;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #sample: (CpuSample & { readonly waits: TreeWaits | null }) | null = null;
  /** What its processes did up to the last look; `unknown` until there is a second one. */
  liveness: Liveness = 'unknown';
  /** Null: cannot be told. */
  activity: Activity | null = 'working';
  /** Why it is parked beyond doubt; null: it is not. */
  parked: string | null = null;

  constructor(machine: Pick<House['machine'], 'waits'>, usage: Pick<UsageLook, 'of'>, attempt: Attempt) {
    this.#machine = machine;
    this.#usage = usage;
    this.#attempt = attempt;
  }

  /** It spoke: what was seen before proves nothing any more. */
  forget(): void {
    this.#sample = null;
    this.liveness = 'unknown';
    this.activity = 'working';
    this.parked = null;
  }

  /** Looks, where a look is due: from `QUIET_MS` of silence on, and so that one stretch of proof ends with its limit. */
  async look(silence: Silence): Promise<void> {
    const { now, since, said } = silence;
    if (!this.#isDue(silence)) {
      return;
    }
    this.#lookedAt = now;
    const cpuMs = (await this.#usage.of(this.#attempt.id, now))?.cpuMs;
    const { identity } = this.#attempt;
    const waits = identity === null ? null : this.#machine.waits(identity, this.#attempt.id);
    const before = this.#sample;
    this.#sample = cpuMs === undefined ? before : { at: now, cpuMs, waits };
    this.liveness = cpuMs === undefined ? 'unknown' : liveness(before, { at: now, cpuMs });
    const { toolOpen, retrying } = said;
    const seen = { toolOpen, retrying, liveness: this.liveness, waits, before: before?.waits ?? null };
    this.activity = activityOf(seen) ?? (before === null ? null : this.activity);
    this.parked = activityOf(seen) === 'parked' && waits !== null ? parkedNote(waits, now - since) : null;
  }

  #isDue({ now, since, limitMs }: Silence): boolean {
    if (now < since + QUIET_MS || now - this.#lookedAt < ASK_AGAIN_MS) {
      return false;
    }
    const sample = this.#sample;
    const leadAt = limitMs === null ? null : since + limitMs - PROOF_MS;
    return sample === null || now - sample.at >= PROOF_MS || (leadAt !== null && sample.at < leadAt && now >= leadAt);
  }
}
