// Draws breakers: where each stands, how far its count is, which issue tells of it, and how to move it.

import type { BreakerView } from '../../http/contract.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';
import type { Tone } from './style.ts';
import { oneLine } from './text.ts';

const TONES: Readonly<Record<BreakerView['state'], Tone>> = {
  closed: 'good',
  open: 'bad',
  half_open: 'care',
  isolated: 'bad',
};

/** The table of `adf breakers`. */
export function renderBreakers(breakers: readonly BreakerView[], look: Look): readonly string[] {
  if (breakers.length === 0) {
    return ['no projects, so no breakers; add [[projects]] to agents.toml: adf explain projects'];
  }
  const rows = breakers.map((breaker) => [
    breaker.project,
    { text: stateWord(breaker.state), tone: TONES[breaker.state] },
    `${breaker.failures} of ${breaker.threshold}`,
    breaker.since === null ? '' : look.times.time(breaker.since),
    breaker.issue === null ? '' : `#${breaker.issue.number}`,
    breaker.state === 'closed' ? '' : `adf breaker show ${breaker.project}`,
  ]);
  return table(['PROJECT', 'STATE', 'FAILURES', 'SINCE', 'ISSUE', 'MORE'], rows, look);
}

/** The lines of `adf breaker show`, and of every move. */
export function renderBreaker(breaker: BreakerView, look: Look): readonly string[] {
  const since = breaker.since === null ? '' : ` since ${look.times.time(breaker.since)}`;
  const word = look.style(TONES[breaker.state], stateWord(breaker.state));
  const lines = [
    `${look.style('strong', oneLine(breaker.project))}  ${word}${since} · ${breaker.failures} of ${breaker.threshold} failures in a row`,
  ];
  if (breaker.why !== null) {
    lines.push(`  why ${oneLine(breaker.why)}`);
  }
  for (const run of breaker.evidence) {
    lines.push(`  ${look.times.time(run.endedAt)}  ${oneLine(`${run.agent}  ${run.class} → adf show ${run.run}`)}`);
  }
  if (breaker.issue !== null) {
    const where = breaker.issue.url ?? `adf issues show ${breaker.issue.number}`;
    lines.push(`  issue #${breaker.issue.number} (${oneLine(where)})`);
  }
  return [...lines, oneLine(nextLine(breaker))];
}

function stateWord(state: BreakerView['state']): string {
  return state === 'half_open' ? 'half open' : state;
}

function nextLine({ project, state, flag }: BreakerView): string {
  switch (state) {
    case 'closed':
      return `to hold the project: adf pause ${project}`;
    case 'open':
      return `to resume: rm ${flag}   or   adf resume ${project}`;
    case 'half_open':
      return `the next counted run decides; to close it now: adf breaker reset ${project}`;
    case 'isolated':
      return `it stays so until: adf breaker reset ${project}`;
  }
}
