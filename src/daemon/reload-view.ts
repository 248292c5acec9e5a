// Says of a reconciliation what it changed in the configuration: the answer of `adf reload`.

import { resourceName } from '../core/reconcile/desired.ts';
import type { DifferenceKind } from '../core/reconcile/diff.ts';
import type { ApplyView, ReloadView } from '../ports/reconcile-view.ts';

/** `view` in the words of the configuration. */
export function reloadView(view: ApplyView): ReloadView {
  const nothing = { added: [], changed: [], removed: [], errors: [], violations: [], failures: [] };
  if (view.kind === 'broken') {
    return { ok: false, ...nothing, errors: view.errors, warnings: view.warnings };
  }
  const { changes, result, warnings } = view;
  const violations = view.violations.map(({ text }) => text);
  if (violations.length > 0) {
    return { ok: false, ...nothing, violations, warnings };
  }
  const of = (...kinds: readonly DifferenceKind[]): typeof changes =>
    changes.filter(({ difference }) => kinds.includes(difference));
  return {
    ok: result.success,
    added: of('create').map(resourceName),
    changed: of('update', 'drift').map((change) => ({ key: resourceName(change), fields: change.fields })),
    removed: of('delete').map(resourceName),
    errors: [],
    warnings,
    violations,
    failures: result.errors,
  };
}
