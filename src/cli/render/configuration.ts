// Draws what is wrong with the configuration, each with its place, and what a reload changed.

import type { ProblemView, ReloadView, StatusView } from '../../http/contract.ts';
import type { CheckView } from '../local.ts';
import type { Look } from './look.ts';
import { columnsOf, oneLine, pad } from './text.ts';
import { counted } from '../../lib/counted.ts';

/** The lines of `adf check`. `inForce`: the daemon that runs, if one does. */
export function renderCheck(view: CheckView & { readonly inForce: StatusView | null }, look: Look): readonly string[] {
  const running =
    view.inForce === null
      ? ''
      : `; the running configuration (loaded ${look.times.short(view.inForce.configLoadedAt)}) stays in force`;
  const last = view.ok
    ? `${oneLine(view.path)} is right${view.warnings.length === 0 ? '' : `, ${tally(view)}`}; ${
        view.inForce === null ? 'to run it: adf start' : 'to put it into force: adf reload'
      }`
    : `${tally(view)}. Nothing was changed${running}.`;
  return [...renderProblems(view, look), last];
}

/** The lines of `adf reload`. */
export function renderReload(view: ReloadView, look: Look): readonly string[] {
  const problems = renderProblems(view, look);
  if (view.errors.length > 0 || view.violations.length > 0) {
    const broken = view.violations.map((line) => look.style('bad', oneLine(line)));
    const count = view.errors.length > 0 ? tally(view) : `${counted(broken.length, 'guardrail')} would be broken`;
    return [...problems, ...broken, `${count}. Nothing was changed; the last good configuration stays in force.`];
  }
  const changes = [
    ...view.added.map((key) => look.style('good', `+ ${oneLine(key)}`)),
    ...view.changed.map(({ key, fields }) => look.style('care', `~ ${oneLine(`${key}: ${fields.join(', ')}`)}`)),
    ...view.removed.map((key) => look.style('bad', `- ${oneLine(key)}`)),
  ];
  const { added, changed, removed } = view;
  const counts = `${added.length} added, ${changed.length} changed, ${removed.length} removed`;
  if (view.failures.length > 0) {
    const failures = view.failures.map((line) => look.style('bad', oneLine(line)));
    return [...problems, ...changes, ...failures, `loaded: ${counts}; what is left: adf drift`];
  }
  const last = changes.length === 0 ? 'loaded; nothing is different' : `loaded: ${counts}; what comes next: adf next`;
  return [...problems, ...changes, last];
}

/** Errors and warnings in columns: place, key, what is wrong. */
export function renderProblems(
  { errors, warnings }: { readonly errors: readonly ProblemView[]; readonly warnings: readonly ProblemView[] },
  look: Look,
): readonly string[] {
  const rows = [
    ...errors.map((problem) => ({ problem, tone: 'bad' as const, message: oneLine(problem.message) })),
    ...warnings.map((problem) => ({ problem, tone: 'care' as const, message: `warning: ${oneLine(problem.message)}` })),
  ].map(({ problem, tone, message }) => ({
    place: oneLine(`${problem.file}:${problem.line}:${problem.column}`),
    key: oneLine(problem.key),
    tone,
    message,
  }));
  const places = Math.max(0, ...rows.map((row) => columnsOf(row.place)));
  const keys = Math.max(0, ...rows.map((row) => columnsOf(row.key)));
  return rows.map((row) => `${pad(row.place, places)}  ${pad(row.key, keys)}  ${look.style(row.tone, row.message)}`);
}

/** How many of each there are. */
export function tally(view: Pick<CheckView, 'errors' | 'warnings'>): string {
  return [
    ...(view.errors.length > 0 ? [counted(view.errors.length, 'error')] : []),
    ...(view.warnings.length > 0 ? [counted(view.warnings.length, 'warning')] : []),
  ].join(', ');
}
