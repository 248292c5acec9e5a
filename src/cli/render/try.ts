// Draws what became of a try in one line, use against limit, and the entry of agents.toml that keeps it.

import { printable } from '../../core/react/untrusted-text.ts';
import { formatBytes } from '../../lib/bytes.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { TryView } from '../local.ts';
import type { Look } from './look.ts';
import { oneLine } from './text.ts';
import { exitWord, runReason, runWord, tookText, withCommand } from './words.ts';

/** The lines of `adf try`. */
export function renderTry(view: TryView, look: Look): readonly string[] {
  const toml = printable(view.toml).trim().split('\n');
  return [
    endText(view, look),

    'keep it:',
    ...toml.map((line) => `  ${line}`.trimEnd()),
  ];
}

function endText({ run, limits }: TryView, look: Look): string {
  const word = runWord(run);
  const reason = oneLine(runReason(run, look.times));
  const exit = run.exit === null ? null : exitWord(run.exit);
  const how = run.enforcement?.memory ?? null;
  const doctor = how === null || how === 'kernel' ? '' : ', kernel limits: adf doctor';
  const took = tookText(run, look.times.now);
  const parts = [
    `${look.style(word.tone, word.text)}${reason === '' ? '' : `: ${reason}`}`,
    ...(exit === null || exit === reason ? [] : [exit]),
    ...(run.peakMemoryBytes === null
      ? []
      : [
          `peak ${formatBytes(run.peakMemoryBytes)} of ${formatBytes(limits.memoryBytes)} (${how ?? 'not held'}${doctor})`,
        ]),
    ...(run.cpuMs === null ? [] : [`${formatDuration(run.cpuMs)} cpu${ofLimit(limits.cpuMs)}`]),
    ...(took === '' ? [] : [`${took} of ${formatDuration(limits.wallMs)}`]),
  ];
  const refused = run.outcome?.kind === 'refused' ? 'adf status' : null;
  return withCommand(parts.join(' · '), refused);
}

function ofLimit(limitMs: number | null): string {
  return limitMs === null ? '' : ` of ${formatDuration(limitMs)}`;
}
