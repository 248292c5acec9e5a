// Writes a run's observability in the words of other tools: a Mermaid gantt chart, and Chrome's trace format.

import type { KernelObservability } from './observability.ts';

/** One complete event of Chrome's trace format (chrome://tracing, Perfetto); `ts` and `dur` are microseconds. */
export interface ChromeEvent {
  readonly name: string;
  readonly cat: 'step' | 'lease';
  readonly ph: 'X';
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, string | boolean>>;
}

/** Steps on the first line, leases each on one of their own. What has no time cannot be drawn and is left out. */
export function chromeTrace(seen: KernelObservability): { readonly traceEvents: readonly ChromeEvent[] } {
  const common = { ph: 'X', pid: 1 } as const;
  const steps = (seen.reasoningTimeline ?? []).flatMap(({ name, label, at, lastsMs, idle }): readonly ChromeEvent[] =>
    at === null
      ? []
      : [
          {
            ...common,
            name,
            cat: 'step',
            ts: at * 1000,
            dur: (lastsMs ?? 0) * 1000,
            tid: 1,
            args: { event: label, idle },
          },
        ],
  );
  const leases = (seen.leaseGraph ?? []).map(({ what, holder, from, to, endedBy }, index): ChromeEvent => ({
    ...common,
    name: what,
    cat: 'lease',
    ts: from * 1000,
    dur: Math.max(0, (to ?? from) - from) * 1000,
    tid: index + 2,
    args: { holder, endedBy: endedBy ?? 'held' },
  }));
  return { traceEvents: [...steps, ...leases] };
}

/** A gantt chart: one section for the steps, one for the leases. */
export function mermaid(run: string, seen: KernelObservability): string {
  const steps = (seen.reasoningTimeline ?? []).flatMap(({ name, label, at, lastsMs, idle }) =>
    at === null ? [] : [`  ${word(`${name} (${label})`)} :${idle ? '' : 'active, '}${at}, ${at + (lastsMs ?? 0)}`],
  );
  const leases = (seen.leaseGraph ?? []).map(
    ({ what, holder, from, to }) => `  ${word(`${what} held by ${holder}`)} :${from}, ${Math.max(from, to ?? from)}`,
  );
  return [
    'gantt',
    `  title ${word(run)}`,
    '  dateFormat x',
    '  axisFormat %H:%M:%S',
    ...(steps.length === 0 ? [] : ['  section steps', ...steps]),
    ...(leases.length === 0 ? [] : ['  section leases', ...leases]),
    '',
  ].join('\n');
}

/** Text that cannot end a label: to Mermaid `:`, `;`, `#` and a line break are syntax. */
function word(text: string): string {
  return text.replaceAll('#', ' ').replace(/[^\w .()/-]/g, '_');
}
