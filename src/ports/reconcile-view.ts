// What the reconciler answers, as JSON: drift, plan, and what came of carrying one out.

import type { Difference } from '../core/reconcile/diff.ts';
import type { DriftReport } from '../core/reconcile/drift-report.ts';
import type { Violation } from '../core/reconcile/guardrails.ts';
import type { Counts, PlanBinding } from '../core/reconcile/plan.ts';
import type { ReconciliationResult } from '../core/reconcile/result.ts';
import type { ProblemView } from './problem-view.ts';

/** agents.toml cannot be used, so that nothing is known of what is desired; what is in force stays. */
export interface BrokenView {
  readonly kind: 'broken';
  readonly errors: readonly ProblemView[];
  readonly warnings: readonly ProblemView[];
}

/** Who reconciled last, and when. */
export interface LastReconciliation {
  readonly at: number;
  readonly by: string;
  readonly success: boolean;
}

/** `drift`. */
export type DriftView =
  | BrokenView
  | (DriftReport & {
      readonly kind: 'drift';
      readonly environment: string;
      readonly changes: readonly Difference[];
      /** Null: nobody has, in this environment. */
      readonly last: LastReconciliation | null;
    });

/** `plan`: as it is shown, and as it is saved. */
export interface PlanView extends PlanBinding {
  readonly kind: 'plan';
  readonly version: 1;
  readonly madeAt: number;
  readonly environment: string;
  readonly changes: readonly Difference[];
  readonly counts: Counts;
  /** Limits that it would break: it will be refused. */
  readonly violations: readonly Violation[];
  readonly warnings: readonly ProblemView[];
}

/** `apply` as it was asked for. */
export interface ApplyWish {
  readonly by: string;
  readonly maxAttempts: number;
  /** A saved plan; null: whatever the plan is now. */
  readonly plan: PlanBinding | null;
}

/** `apply`: what was planned at first, and what came of it. With violations nothing was done. */
export type ApplyView =
  | BrokenView
  | {
      readonly kind: 'applied';
      readonly result: ReconciliationResult;
      readonly changes: readonly Difference[];
      readonly violations: readonly Violation[];
      readonly warnings: readonly ProblemView[];
    };

/** What changed by a reload; `errors` and `violations` leave the last good configuration in force. */
export interface ReloadView {
  readonly ok: boolean;
  readonly added: readonly string[];
  readonly changed: readonly { readonly key: string; readonly fields: readonly string[] }[];
  readonly removed: readonly string[];
  readonly errors: readonly ProblemView[];
  readonly warnings: readonly ProblemView[];
  /** Guardrails that it would break. */
  readonly violations: readonly string[];
  /** What could not be carried out, although the configuration is in force. */
  readonly failures: readonly string[];
}
