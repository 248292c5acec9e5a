// Tells an alert where escalations go: one issue per alert, with a comment for what happens to it, closed with it.

import type { Notice } from '../core/alert/notice.ts';
import { commentMarker, issueMarker } from '../core/react/marker.ts';
import { codeSpan, fence, inert } from '../core/react/untrusted-text.ts';
import type { ChannelReply } from '../ports/channel.ts';
import type { TrackerFailure, TrackerPlace } from '../ports/tracker.ts';
import type { House } from './house.ts';
import { CLOCK_SLACK_MS } from './tracker-clock.ts';

const TEXT_BYTES = 8000;
/** Alerts are the factory's: they go where issues go that belong to no project. */
const PLACE: TrackerPlace = { project: null, owner: null, repository: null };

/** Puts `notice` in place; every step looks first, so the whole may be repeated. */
export async function tellTracker(house: Pick<House, 'tracker' | 'fleet'>, notice: Notice): Promise<ChannelReply> {
  const { tracker, fleet } = house;
  const { alert, event } = notice;
  const since = alert.openedAt - CLOCK_SLACK_MS;
  const marker = issueMarker({
    fingerprint: `alert/${alert.rule}/${alert.subject}`,
    incident: `${alert.id}-${alert.openedAt}`,
  });
  if (event === 'opened') {
    const opened = await tracker.open(PLACE, {
      marker,
      title: inert(notice.title),
      body: bodyOf(notice),
      labels: fleet.now.gitea?.labels ?? [],
      assignees: fleet.now.gitea?.assignees ?? [],
      since,
    });
    return opened.kind === 'failed' ? failed(opened) : { kind: 'done', note: `#${opened.value.number}` };
  }
  const found = await tracker.find(PLACE, marker, since);
  if (found.kind === 'failed') {
    return failed(found);
  }
  if (found.value === null) {
    return { kind: 'done', note: 'there is no issue of it here' };
  }
  const { number } = found.value;
  const body = bodyOf(notice);
  const said = await tracker.comment(PLACE, number, { marker: commentMarker(notice.id), body, since, present: 'keep' });
  if (said.kind === 'failed') {
    return failed(said);
  }
  if (event !== 'explained') {
    const closed = await tracker.setState(PLACE, number, 'closed');
    if (closed.kind === 'failed') {
      return failed(closed);
    }
  }
  return { kind: 'done', note: `#${number}` };
}

function bodyOf({ title, text, command }: Notice): string {
  return [inert(title), ...(text === '' ? [] : [fence(text, TEXT_BYTES)]), `More: ${codeSpan(command)}`].join('\n\n');
}

function failed({ permanent, message, retryAt }: TrackerFailure): ChannelReply {
  return { kind: 'failed', permanent, message, retryAt };
}
