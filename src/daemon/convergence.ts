// One reconciliation: attempt by attempt it looks afresh, writes down what it intends, acts, and writes down what came of it.

import type { Fleet } from '../core/fleet.ts';
import { afterAttempt, attemptLine } from '../core/reconcile/attempts.ts';
import type { AttemptEnd } from '../core/reconcile/attempts.ts';
import { resourceName } from '../core/reconcile/desired.ts';
import type { Difference, RunToStop } from '../core/reconcile/diff.ts';
import { violations } from '../core/reconcile/guardrails.ts';
import type { Violation } from '../core/reconcile/guardrails.ts';
import type { ReconcileLease } from '../core/reconcile/lease.ts';
import type { Observed } from '../core/reconcile/observed.ts';
import { countsOf, planOf, stale } from '../core/reconcile/plan.ts';
import type { Plan } from '../core/reconcile/plan.ts';
import { distinct, failureLines } from '../core/reconcile/result.ts';
import type { FailedAction, ReconciliationResult } from '../core/reconcile/result.ts';
import { storedKey } from '../core/reconcile/stored.ts';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import type { ApplyWish } from '../ports/reconcile-view.ts';
import type { FleetSwitch } from './fleet-switch.ts';
import type { House } from './house.ts';
import type { ReconcileLock } from './reconcile-lock.ts';
import type { Recorder } from './recorder.ts';

/** What a convergence acts with. */
export interface ConvergenceParts {
  readonly recorder: Recorder;
  readonly lock: ReconcileLock;
  readonly observe: () => Observed;
  readonly fleetSwitch: Pick<FleetSwitch, 'put' | 'rename'>;
  /** Asks for the end of a run; null when it ends, else why not. */
  readonly stop: (run: RunToStop) => Promise<string | null>;
}

/** What it is to come to, for whom, under whose lease. */
export interface ConvergenceWish {
  readonly desired: Fleet;
  readonly wish: ApplyWish;
  readonly lease: ReconcileLease;
}

/** What came of it; `stale`: the saved plan did not fit, and nothing was done. */
export type Converged =
  | { readonly kind: 'stale'; readonly why: string }
  | {
      readonly kind: 'ended';
      readonly result: ReconciliationResult;
      readonly changes: readonly Difference[];
      readonly violations: readonly Violation[];
    };

/** One reconciliation while it goes on; `run` it once. */
export class Convergence {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'digest' | 'fleet'>;
  readonly #parts: ConvergenceParts;
  readonly #given: ConvergenceWish;
  /** Of the first attempt that could be made. */
  #first: Plan | null = null;
  #done: readonly Difference[] = [];
  #errors: readonly string[] = [];
  #broken: readonly Violation[] = [];
  #staleBecause: string | null = null;
  #number = 0;
  /** Why the last attempt could not be made; null: it could. */
  #cause: OperationalError | null = null;

  constructor(
    house: Pick<House, 'clock' | 'ledger' | 'digest' | 'fleet'>,
    parts: ConvergenceParts,
    given: ConvergenceWish,
  ) {
    this.#house = house;
    this.#parts = parts;
    this.#given = given;
  }

  /** Converges in as many attempts as the wish allows. Throws the last OperationalError when none of them did anything. */
  async run(): Promise<Converged> {
    for (;;) {
      this.#number += 1;
      const end = await this.#tryOnce();
      const limit = this.#given.wish.maxAttempts;
      const next = afterAttempt(end, { number: this.#number, limit, hasResult: this.#done.length > 0 });
      if (next.kind === 'again') {
        await this.#pause(next.pauseMs);
        continue;
      }
      if (this.#staleBecause !== null) {
        return { kind: 'stale', why: this.#staleBecause };
      }
      const result = this.#save(end.kind === 'converged');
      if (next.kind === 'throw' && this.#cause !== null) {
        throw new OperationalError(this.#cause.code, this.#errors.join('\n'), this.#cause);
      }
      return { kind: 'ended', result, changes: this.#first?.changes ?? [], violations: this.#broken };
    }
  }

  async #tryOnce(): Promise<AttemptEnd> {
    try {
      return await this.#attempt();
    } catch (error) {
      const cause = outside(error);
      const before = this.#cause === null ? [] : this.#errors;
      this.#errors = [...before, attemptLine(this.#number, cause.message)];
      this.#cause = cause;
      return { kind: 'thrown' };
    }
  }

  /** One attempt, from a look of its own. */
  async #attempt(): Promise<AttemptEnd> {
    const { desired, wish } = this.#given;
    const observed = this.#parts.observe();
    const plan = planOf(desired, observed, this.#house.digest);
    if (this.#first === null && wish.plan !== null) {
      this.#staleBecause = stale(wish.plan, plan);
      if (this.#staleBecause !== null) {
        return { kind: 'refused' };
      }
    }
    this.#first ??= plan;
    if (plan.changes.length === 0) {
      this.#parts.fleetSwitch.rename(desired);
      return { kind: 'converged' };
    }
    this.#broken = violations(desired, observed, plan);
    if (this.#broken.length > 0) {
      this.#errors = this.#broken.map(({ text }) => text);
      return { kind: 'refused' };
    }
    this.#begin(plan);
    const failed = await this.#stopAll(plan.changes);
    const names = new Set(failed.map(({ name }) => name));
    this.#done = distinct([...this.#done, ...plan.changes.filter((change) => !names.has(resourceName(change)))]);
    this.#errors = failureLines(failed, plan.changes.length);
    this.#cause = null;
    return { kind: failed.length === 0 ? 'converged' : 'partial' };
  }

  /** The intent, and with it everything that only the ledger has to know. */
  #begin(plan: Plan): void {
    const { desired, wish, lease } = this.#given;
    this.#parts.fleetSwitch.put(desired, plan.changes, (note) => {
      this.#parts.lock.renew(lease);
      const { created, updated, deleted } = plan.counts;
      note({
        kind: 'reconcile.started',
        by: wish.by,
        plan: plan.id,
        number: this.#number,
        of: wish.maxAttempts,
        created,
        updated,
        deleted,
      });
    });
  }

  async #stopAll(changes: readonly Difference[]): Promise<readonly FailedAction[]> {
    const results = await Promise.all(
      changes.map(async (change) => {
        const told = await Promise.all(change.stops.map(async (run) => this.#parts.stop(run)));
        const message = told.filter((text) => text !== null).join('; ');
        return message === '' ? [] : [{ name: resourceName(change), message }];
      }),
    );
    return results.flat();
  }

  /** The end, whatever it is. That it could not be kept is told, and is no reason to forget it. */
  #save(success: boolean): ReconciliationResult {
    const { desired } = this.#given;
    const isIdle = success && this.#done.length === 0;
    const result: ReconciliationResult = {
      success,
      ...countsOf(this.#done, desired),
      errors: success ? [] : this.#errors,
      planned: this.#first?.counts ?? countsOf([], desired),
      attempts: isIdle ? 0 : this.#number,
    };
    try {
      this.#keep(result);
      return result;
    } catch (error) {
      return {
        ...result,
        errors: [...result.errors, `the result could not be saved: ${messageOf(outside(error))}`],
      };
    }
  }

  #keep(result: ReconciliationResult): void {
    const { ledger, fleet, clock } = this.#house;
    const { desired, lease, wish } = this.#given;
    const { by } = wish;
    this.#parts.recorder.commit('operator', (note) => {
      const { success, created, updated, deleted, errors } = result;
      if (result.attempts > 0) {
        note({ kind: 'reconcile.ended', by, success, created, updated, deleted, errors });
      }
      const stored = { version: 1, configHash: fleet.now.hash, at: clock.now(), by, result } as const;
      ledger.states.set('reconcile', storedKey(desired), stored);
      this.#parts.lock.release(lease);
    });
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) {
      await new Promise<void>((resolve) => {
        this.#house.clock.after(ms, resolve);
      });
    }
  }
}

/** `error` where it comes from outside; a broken invariant, or a ledger that is another daemon's now, is thrown on. */
function outside(error: unknown): OperationalError {
  if (error instanceof OperationalError && error.code !== 'fenced') {
    return error;
  }
  throw error;
}
