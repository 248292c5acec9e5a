// The keys of the outbox as a person reads them: made by the same function that the daemon uses.

import { expect, it } from 'vitest';
import { reactionDoing, reactionDone } from '../../../src/cli/render/reaction-text.ts';
import { issuePlace, outboxPlace } from '../../../src/core/breaker/effect.ts';
import type { IssueEffect } from '../../../src/core/breaker/event.ts';
import type { ProjectId } from '../../../src/core/ids.ts';

const issue = (kind: IssueEffect['kind'], fingerprint: string): string =>
  issuePlace({ kind, fingerprint, incident: '4eb025cd082f4687', key: 'trip-1' } as IssueEffect).naturalKey;
const flag = (kind: 'write_flag' | 'remove_flag'): string =>
  outboxPlace('sandbox' as ProjectId, { kind, incident: '4eb025cd082f4687', writes: 1 } as never)?.naturalKey ?? '';

it.each([
  [issue('open_issue', 'breaker:sandbox'), '#1', 'issue of sandbox opened: #1', 'opening the issue of sandbox'],
  [issue('comment', 'breaker:web'), '#12', 'issue of web has news: #12', 'commenting on the issue of web'],
  [issue('reopen_issue', 'breaker:web'), '#12 open', 'issue of web reopened: #12', 'reopening the issue of web'],
  [issue('close_issue', 'quarantine:web/a'), '#3 closed', 'issue of web/a closed: #3', 'closing the issue of web/a'],
  [
    issue('close_issue', 'breaker:web'),
    'there is no issue of it here',
    'closing the issue of web: there is no issue of it here',
    'closing the issue of web',
  ],
  [flag('write_flag'), '/p/sandbox', 'flag of sandbox written: /p/sandbox', 'writing the flag of sandbox'],
  [flag('remove_flag'), 'removed', 'flag of sandbox removed', 'removing the flag of sandbox'],
  ['result/r101/end', '#42 succeeded', 'result of r101 posted: #42 succeeded', 'posting the result of r101'],
  ['something/else', 'done', 'something/else: done', 'something/else'],
])('%s', (key, note, ...words) => {
  expect([reactionDone(key, note), reactionDoing(key)]).toEqual(words);
});
