// The few lines inside a pause flag: who, why, since when, and what to type. Read back only to know our own work.

import { formatUtc } from '../../lib/utc.ts';
import type { BreakerState, IssueLink } from '../breaker/state.ts';
import { describeCause } from '../breaker/trip-cause.ts';
import type { WriteFlag } from '../breaker/event.ts';
import { incidentOf } from './flag.ts';

/** Longest value of one line; the flag is for reading, the log has the rest. */
const VALUE_CHARS = 300;

/** Stands in a flag for which a person gave no reason. */
const NO_REASON = 'no reason given';

/** Text of the flag that the breaker writes. */
export function breakerFlagText(
  flag: Pick<WriteFlag, 'incident' | 'stampAt' | 'cause' | 'runs'>,
  place: {
    readonly name: string;
    readonly path: string;
    readonly issue: IssueLink | null;
    /** Address of the repository where its issue is opened; null: in the ledger. */
    readonly repository: string | null;
  },
): string {
  const { issue, name, repository } = place;
  const where = repository === null ? 'adf issues' : `in ${repository}: adf breaker show ${name} says which`;
  return lines([
    ['paused', `${name}: nothing of it is dispatched until this file is removed`],
    ['by', `the breaker, ${formatUtc(flag.stampAt)} UTC`],
    ['why', describeCause(flag.cause)],
    ['runs', flag.runs.length === 0 ? 'none' : flag.runs.join(' ')],
    ['issue', issue === null ? where : `#${issue.number} ${issue.url ?? '(adf issues)'}`],
    ['to see', `adf breaker show ${name}`],
    ['to resume', `rm ${shellWord(place.path)}   or   adf resume ${name}`],
    ['incident', flag.incident],
  ]);
}

/** Text of the flag that `adf pause` writes. `until`: epoch ms at which it is removed again; null: by hand only. */
export function personFlagText(
  asked: {
    readonly by: string;
    readonly reason: string | null;
    readonly at: number;
    readonly until: number | null;
  },
  place: { readonly name: string; readonly path: string },
): string {
  return lines([
    ['paused', `${place.name}: nothing of it is dispatched until this file is removed`],
    ['by', `${asked.by}, ${formatUtc(asked.at)} UTC`],
    ['why', asked.reason ?? NO_REASON],
    ['until', asked.until === null ? 'somebody removes this file' : `${asked.until} (${formatUtc(asked.until)} UTC)`],
    ['to resume', `rm ${shellWord(place.path)}   or   adf resume ${place.name}`],
  ]);
}

/** What the text of a flag says; nulls where it says nothing. The text is anybody's: show it, believe none of it. */
export interface FlagWords {
  readonly by: string | null;
  readonly why: string | null;
  /** Epoch ms. */
  readonly until: number | null;
  readonly incident: string | null;
}

/** Reads the lines that we write; of a person's own words it finds nothing. */
export function readFlagText(text: string | null): FlagWords {
  const until = Number(/^(\d{1,15})\b/.exec(value(text, 'until') ?? '')?.[1] ?? 'NaN');
  return {
    by: value(text, 'by'),
    why: value(text, 'why'),
    until: Number.isSafeInteger(until) ? until : null,
    incident: incidentOf(text),
  };
}

/** Who a flag that is not the breaker's says it is from, and why: `eva: a deployment`; `a person` where it says nothing. */
export function flagAuthor(text: string | null): string {
  const { by, why, incident } = readFlagText(text);
  const name = by?.split(',')[0]?.trim() ?? '';
  if (name === '' || incident !== null) {
    return 'a person';
  }
  return why === null || why === NO_REASON ? name : `${name}: ${why}`;
}

/** The issue of the incident that `state` is in, for the text of its flag. */
export function issueOf(state: BreakerState): IssueLink | null {
  return state.kind === 'closed' ? null : (state.incident?.issue ?? null);
}

/** `word` as one word of a POSIX shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function lines(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([key, text]) => `${key.padEnd(10)} ${oneLine(text)}\n`).join('');
}

// A reason given by a person may hold anything; a second line in it could pass for our incident line.
function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, VALUE_CHARS);
}

function value(text: string | null, key: string): string | null {
  const line = (text ?? '').split('\n').find((row) => row.startsWith(`${key} `));
  return line === undefined ? null : oneLine(line.slice(key.length));
}
