// What the dead-man saw while the daemon could not speak, and the issue that tells people of it.

import { formatDuration } from '../../lib/duration.ts';
import { formatUtc } from '../../lib/utc.ts';
import { issueMarker } from '../react/marker.ts';
import { codeSpan, cutColumns, inert, TITLE_MAX_COLUMNS } from '../react/untrusted-text.ts';

/** A stretch without a completed pass of the scheduler. */
export interface Silence {
  /** Epoch ms of the last pass before it. */
  readonly since: number;
  /** How long it had lasted when it was seen; nobody measured its end. */
  readonly forMs: number;
}

/** Longest file name or text that is taken for a number of seconds. */
const NUMBER = /^\d{1,12}\s*$/;

/** The silence in a note of the dead-man: its name is the last pass, its text the age, both in seconds. Null: no note of his. */
export function parseSilence(name: string, text: string): Silence | null {
  return NUMBER.test(name) && NUMBER.test(text) ? { since: Number(name) * 1000, forMs: Number(text) * 1000 } : null;
}

/** The hidden line of its issue: one silence is one issue, however often it is told. */
export function silenceMarker({ since }: Silence): string {
  return issueMarker({ fingerprint: 'daemon/silent', incident: String(since) });
}

/** `[ADF] the daemon on build7 was silent for 6 min`. */
export function silenceTitle({ forMs }: Silence, host: string): string {
  return cutColumns(inert(`[ADF] the daemon on ${host} was silent for ${formatDuration(forMs)}`), TITLE_MAX_COLUMNS);
}

/** What was seen and what to look at, in commands to copy. */
export function silenceBody({ since, forMs }: Silence, host: string): string {
  const from = formatUtc(since);
  const seen = formatUtc(since + forMs);
  return [
    `No pass of the scheduler was completed on ${codeSpan(host)} since ${from} UTC; the dead-man saw it at ${seen} UTC. The daemon is back, and agents that ran went on. Slots that were due meanwhile follow their misfire policy.`,
    `**To find out why**: ${codeSpan(`journalctl --unit adf --since '${from} UTC'`)} and ${codeSpan('adf status')} on ${codeSpan(host)}. Close this issue when that is done.`,
  ].join('\n\n');
}
