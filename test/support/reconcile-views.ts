// Views of the reconciler for tests of the command line.

import type { Difference } from '../../src/core/reconcile/diff.ts';
import type { RunId } from '../../src/core/ids.ts';
import type { ApplyView, DriftView, PlanView, ReloadView } from '../../src/ports/reconcile-view.ts';
import { AT } from './views.ts';

/** One change of each kind. */
export const CHANGES: readonly Difference[] = [
  change({ key: 'repo/new', difference: 'create' }),
  change({
    key: 'repo/sentinel',
    difference: 'update',
    class: 'restart',
    fields: ['args', 'env'],
    stops: [{ run: 'r101' as RunId, why: 'redefined' }],
  }),
  change({ key: 'repo/steward', difference: 'update', fields: ['schedule'] }),
  change({
    key: 'repo/old',
    difference: 'delete',
    class: 'recreate',
    stops: [{ run: 'r102' as RunId, why: 'removed' }],
  }),
];

/** A difference of an agent in which nothing is special. */
export function change(rest: Partial<Difference> & Pick<Difference, 'key' | 'difference'>): Difference {
  return { kind: 'agent', class: 'in-place', fields: [], stops: [], missing: [], ...rest };
}

const COUNTS = { created: 1, updated: 2, deleted: 1, unchanged: 5 };

export function reloadView(rest: Partial<ReloadView> = {}): ReloadView {
  const none = { added: [], changed: [], removed: [], errors: [], warnings: [], violations: [], failures: [] };
  return { ok: true, ...none, ...rest };
}

export function driftView(rest: Partial<Extract<DriftView, { kind: 'drift' }>> = {}): DriftView {
  return {
    kind: 'drift',
    hasDrift: false,
    driftedResources: [],
    totalResources: 8,
    observedCount: 8,
    environment: 'production',
    changes: [],
    last: null,
    ...rest,
  };
}

export function planView(rest: Partial<PlanView> = {}): PlanView {
  return {
    kind: 'plan',
    version: 1,
    madeAt: AT,
    id: 'f00dfacecafe',
    configHash: '9c1e0a17fedcba98',
    observedHash: '0123456789abcdef',
    environment: 'production',
    changes: CHANGES,
    counts: COUNTS,
    violations: [],
    warnings: [],
    ...rest,
  };
}

export function applyView(
  rest: Partial<Extract<ApplyView, { kind: 'applied' }>> = {},
): Extract<ApplyView, { kind: 'applied' }> {
  return {
    kind: 'applied',
    result: { success: true, ...COUNTS, errors: [], planned: COUNTS, attempts: 1 },
    changes: CHANGES,
    violations: [],
    warnings: [],
    ...rest,
  };
}
