// Compares what is in force and alive with what agents.toml says, and lets one at a time bring the one to the other.

import type { Fleet } from '../core/fleet.ts';
import { DEFAULT_ATTEMPTS } from '../core/reconcile/attempts.ts';
import { driftReport } from '../core/reconcile/drift-report.ts';
import { violations } from '../core/reconcile/guardrails.ts';
import type { Observed } from '../core/reconcile/observed.ts';
import { planOf } from '../core/reconcile/plan.ts';
import type { Plan } from '../core/reconcile/plan.ts';
import { readStored, storedKey } from '../core/reconcile/stored.ts';
import { formatUtc } from '../lib/utc.ts';
import type { ControlRefusal } from '../ports/control.ts';
import { problemLine } from '../ports/problem-view.ts';
import type { ProblemView } from '../ports/problem-view.ts';
import type { ApplyView, ApplyWish, BrokenView, DriftView, PlanView, ReloadView } from '../ports/reconcile-view.ts';
import { Convergence } from './convergence.ts';
import type { ConvergenceParts, ConvergenceWish } from './convergence.ts';
import type { House } from './house.ts';
import { isRefusal, refusal } from './lookup.ts';
import { ReconcileLock } from './reconcile-lock.ts';
import { reloadView } from './reload-view.ts';

/** Errors or warnings that a fact tells; the rest are counted. */
const MOST_PROBLEMS_TOLD = 10;

/** agents.toml as it is now. */
export type LoadedFleet =
  | { readonly kind: 'ok'; readonly fleet: Fleet; readonly warnings: readonly ProblemView[] }
  | { readonly kind: 'errors'; readonly errors: readonly ProblemView[]; readonly warnings: readonly ProblemView[] };

/** What the reconciler needs beside the house. */
export interface ReconcilerParts extends Omit<ConvergenceParts, 'lock'> {
  readonly load: () => Promise<LoadedFleet>;
  readonly fail: (error: unknown) => void;
}

/** What it uses of the house. */
type Needed = Pick<House, 'clock' | 'ledger' | 'boot' | 'chance' | 'digest' | 'fleet'>;

/** The reconciler. */
export class Reconciler {
  readonly #house: Needed;
  readonly #parts: ReconcilerParts;
  readonly #lock: ReconcileLock;

  constructor(house: Needed, parts: ReconcilerParts) {
    this.#house = house;
    this.#parts = parts;
    this.#lock = new ReconcileLock(house);
  }

  /** What differs; changes nothing. */
  async drift(): Promise<DriftView> {
    const loaded = await this.#parts.load();
    if (loaded.kind === 'errors') {
      return broken(loaded);
    }
    const { observed, plan } = this.#look(loaded.fleet);
    const { at, by, result } = readStored(this.#house.ledger.states.get('reconcile', storedKey(loaded.fleet)));
    return {
      kind: 'drift',
      ...driftReport(loaded.fleet, observed, plan),
      environment: plan.environment,
      changes: plan.changes,
      last: at === null || by === null || result === null ? null : { at, by, success: result.success },
    };
  }

  /** What `apply` would do; changes nothing. */
  async plan(): Promise<PlanView | BrokenView> {
    const loaded = await this.#parts.load();
    if (loaded.kind === 'errors') {
      return broken(loaded);
    }
    const { fleet, warnings } = loaded;
    const { observed, plan } = this.#look(fleet);
    const madeAt = this.#house.clock.now();
    return { kind: 'plan', version: 1, madeAt, ...plan, violations: violations(fleet, observed, plan), warnings };
  }

  /** Converges; see `Convergence` for what is thrown. `verb` is what others are told while it goes on. */
  async apply(wish: ApplyWish, verb = 'apply'): Promise<ApplyView | ControlRefusal> {
    const taken = this.#lock.take(wish.by, verb);
    if ('holder' in taken) {
      const { holder } = taken;
      const since = `${formatUtc(holder.since)} UTC`;
      return refusal(
        'reconcile.locked',
        `${holder.by} has begun ${holder.verb} at ${since} and is not done: look with adf drift, then ask again`,
      );
    }
    const { lease } = taken;
    try {
      const loaded = await this.#parts.load();
      return loaded.kind === 'errors'
        ? this.#reject(loaded)
        : await this.#converge(loaded.warnings, { desired: loaded.fleet, wish, lease });
    } finally {
      this.#release(lease);
    }
  }

  /** As `apply`, in the words of the configuration. */
  async reload(by: string): Promise<ReloadView | ControlRefusal> {
    const view = await this.apply({ by, maxAttempts: DEFAULT_ATTEMPTS, plan: null }, 'reload');
    return isRefusal(view) ? view : reloadView(view);
  }

  #look(desired: Fleet): { readonly observed: Observed; readonly plan: Plan } {
    const observed = this.#parts.observe();
    return { observed, plan: planOf(desired, observed, this.#house.digest) };
  }

  #reject(loaded: Extract<LoadedFleet, { kind: 'errors' }>): BrokenView {
    const { first, rest } = told(loaded.errors);
    this.#parts.recorder.commit('operator', (note) => {
      note({ kind: 'config.rejected', errors: loaded.errors.length, first, rest });
    });
    return broken(loaded);
  }

  async #converge(warnings: readonly ProblemView[], given: ConvergenceWish): Promise<ApplyView | ControlRefusal> {
    const house = this.#house;
    const parts = this.#parts;
    const lock = this.#lock;
    const end = await new Convergence(house, { ...parts, lock }, given).run();
    if (end.kind === 'stale') {
      return refusal('plan.stale', `${end.why}; nothing was done. A new one: adf plan -o FILE`);
    }
    const { result, changes } = end;
    if (warnings.length > 0 && changes.length > 0) {
      parts.recorder.commit('operator', (note) => {
        note({ kind: 'config.warned', warnings: warnings.length, ...told(warnings) });
      });
    }
    return { kind: 'applied', result, changes, violations: end.violations, warnings };
  }

  /** Where this cannot be written, the lease runs out by itself. */
  #release(lease: ConvergenceWish['lease']): void {
    try {
      if (this.#lock.isHeld(lease)) {
        this.#parts.recorder.commit('operator', () => {
          this.#lock.release(lease);
        });
      }
    } catch (error) {
      this.#parts.fail(error);
    }
  }
}

/** The first of `problems`, for the record. */
function told(problems: readonly ProblemView[]): { readonly first: string; readonly rest: readonly string[] } {
  const [first = '', ...rest] = problems.slice(0, MOST_PROBLEMS_TOLD).map(problemLine);
  return { first, rest };
}

function broken({ errors, warnings }: Extract<LoadedFleet, { kind: 'errors' }>): BrokenView {
  return { kind: 'broken', errors, warnings };
}
