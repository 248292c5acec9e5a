// Decides whether something happened on an issue since an agent last saw it: by what the tracker dates, not by our clock.

/** The newest thing that others did on an issue: its instant (epoch ms of the tracker), and how many bear that instant. */
export interface IssueMoment {
  readonly at: number;
  readonly count: number;
}

/** What an agent's last successful run had seen of which issue. */
export interface SeenIssue {
  readonly issue: number;
  readonly moment: IssueMoment;
}

/**
 * Whether `latest` (null: nobody did anything since `seen`) is news. A tracker dates in whole seconds and is asked from an
 * instant on, that instant included, so what was seen comes again: only a later instant, or more at the same one, is new.
 */
export function isNews(seen: IssueMoment | null, latest: IssueMoment | null): boolean {
  if (latest === null) {
    return false;
  }
  return seen === null || latest.at > seen.at || (latest.at === seen.at && latest.count > seen.count);
}

/** `seen` as one word, kept with the agent. */
export function writeSeen({ issue, moment }: SeenIssue): string {
  return `issue ${issue} ${moment.at} ${moment.count}`;
}

/** The moment in `text` if it is about `issue`; null: another issue, another kind of pre-check, or nothing yet. */
export function readSeen(text: string | null, issue: number): IssueMoment | null {
  const [, number, at, count] = /^issue (\d{1,10}) (\d{1,16}) (\d{1,10})$/.exec(text ?? '') ?? [];
  return Number(number) === issue ? { at: Number(at), count: Number(count) } : null;
}

/** The newest of `instants` (epoch ms) as a moment; null: there are none. */
export function latestMoment(instants: readonly number[]): IssueMoment | null {
  const at = instants.reduce((newest, instant) => Math.max(newest, instant), Number.NEGATIVE_INFINITY);
  return instants.length === 0 ? null : { at, count: instants.filter((instant) => instant === at).length };
}
