// Draws what differs from agents.toml, what would be done about it, and what came of that.

import { resourceName } from '../../core/reconcile/desired.ts';
import type { Difference } from '../../core/reconcile/diff.ts';
import { driftText } from '../../core/reconcile/drift-report.ts';
import type { Counts } from '../../core/reconcile/plan.ts';
import { resultText } from '../../core/reconcile/result.ts';
import type { ApplyView, BrokenView, DriftView, PlanView } from '../../http/contract.ts';
import { renderProblems, tally } from './configuration.ts';
import type { Look } from './look.ts';
import type { Tone } from './style.ts';
import { columnsOf, oneLine, pad } from './text.ts';

/** Characters of a plan's id that tell it from the others of a day. */
const ID_SHOWN = 12;

/** The lines of `adf drift`. */
export function renderDrift(view: DriftView, look: Look): readonly string[] {
  if (view.kind === 'broken') {
    return brokenLines(view, look);
  }
  const last =
    view.last === null
      ? []
      : [`last: ${view.last.by} at ${look.times.short(view.last.at)}${view.last.success ? '' : ', in vain'}`];
  const counts = `${view.totalResources} resources in agents.toml, ${view.observedCount} in force (${view.environment})`;
  return [
    ...driftText(view).map(oneLineKeepingIndent),
    ...(view.hasDrift ? ['', ...changeLines(view.changes, look), ''] : []),
    [counts, ...last, ...(view.hasDrift ? ['what would be done: adf plan'] : [])].join(' · '),
  ];
}

/** The lines of `adf plan`; `file`: where it was saved. */
export function renderPlan(
  view: PlanView | BrokenView,
  { file, look }: { readonly file: string | null; readonly look: Look },
): readonly string[] {
  if (view.kind === 'broken') {
    return brokenLines(view, look);
  }
  const { changes, violations, counts } = view;
  const what = changes.length === 0 ? `nothing to do: ${counts.unchanged} unchanged` : countsText(counts);
  const next =
    changes.length === 0
      ? []
      : [`to carry out exactly this: adf apply ${file === null ? 'FILE, after adf plan -o FILE' : oneLine(file)}`];
  return [
    ...renderProblems({ errors: [], warnings: view.warnings }, look),
    ...changeLines(changes, look),
    ...(violations.length === 0
      ? [`plan ${view.id.slice(0, ID_SHOWN)}: ${what}`, ...next]
      : [
          `this plan would be refused: ${what}`,
          ...violations.map(({ text }) => look.style('bad', `  ${oneLine(text)}`)),
        ]),
  ];
}

/** The lines of `adf apply`. */
export function renderApply(view: ApplyView, look: Look): readonly string[] {
  if (view.kind === 'broken') {
    return brokenLines(view, look);
  }
  const { result, changes, violations } = view;
  const attempts = result.attempts > 1 ? [`after ${result.attempts} attempts`] : [];
  const next = result.success ? [] : [violations.length > 0 ? 'nothing was done' : 'what is left: adf drift'];
  const end = [...attempts, ...next].join(' · ');
  return [...changeLines(changes, look), ...resultText(result).map(oneLineKeepingIndent), ...(end === '' ? [] : [end])];
}

function brokenLines(view: BrokenView, look: Look): readonly string[] {
  return [
    ...renderProblems(view, look),
    `${tally(view)}. Nothing was changed; the last good configuration stays in force.`,
  ];
}

/** One line per difference: sign, name, what becomes of it, and why. */
export function changeLines(changes: readonly Difference[], look: Look): readonly string[] {
  const rows = changes.map((change) => ({
    sign: SIGNS[change.difference],
    name: oneLine(resourceName(change)),
    word: WORDS[change.difference] ?? change.class.replace('-', ' '),
    text: oneLine(detailOf(change)),
  }));
  const names = Math.max(0, ...rows.map((row) => columnsOf(row.name)));
  const words = Math.max(0, ...rows.map((row) => columnsOf(row.word)));
  return rows.map(({ sign, name, word, text }) =>
    `${look.style(TONES[sign], sign)} ${pad(name, names)}  ${pad(word, words)}  ${text}`.trimEnd(),
  );
}

type Sign = '+' | '~' | '-';

const SIGNS: Readonly<Record<Difference['difference'], Sign>> = { create: '+', update: '~', drift: '~', delete: '-' };
const TONES: Readonly<Record<Sign, Tone>> = { '+': 'good', '~': 'care', '-': 'bad' };
const WORDS: Readonly<Partial<Record<Difference['difference'], string>>> = { create: 'create', delete: 'delete' };

function detailOf({ difference, fields, stops, missing }: Difference): string {
  const runs = (why: 'redefined' | 'removed'): string =>
    stops.flatMap((stop) => (stop.why === why ? [stop.run] : [])).join(', ');
  const again = runs('redefined');
  const gone = runs('removed');
  return [
    ...(fields.length > 0 ? [fields.join(', ')] : []),
    ...(difference === 'drift' && again !== '' ? ['it runs with an older definition'] : []),
    ...(again === '' ? [] : [`ends ${again} and starts anew`]),
    ...(gone === '' ? [] : [`ends ${gone}`]),
    ...(missing.length === 0 ? [] : [`replica ${missing.join(', ')} is wanted and not asked for`]),
  ].join(' · ');
}

function countsText({ created, updated, deleted, unchanged }: Counts): string {
  return `${created} to create, ${updated} to update, ${deleted} to delete, ${unchanged} unchanged`;
}

/** Names and errors may hold what others wrote. */
function oneLineKeepingIndent(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return indent + oneLine(line);
}
