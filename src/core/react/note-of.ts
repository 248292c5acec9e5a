// Turns what a breaker or a quarantine has to say into the note that is put on its issue.

import { unreachable } from '../../lib/unreachable.ts';
import type { IssueNote } from '../breaker/event.ts';
import type { Note } from './comment-text.ts';
import type { Incident } from './incident.ts';

/** `note` about `incident` as a note for its issue. */
export function noteOf(note: IssueNote, incident: Incident): Note {
  const at = 'at' in note ? note.at : incident.since;
  switch (note.kind) {
    case 'tripped':
    case 'tripped_again':
    case 'does_not_count':
    case 'flag_failing':
    case 'quarantined':
    case 'quarantined_again':
      return { kind: 'tripped_again', at, incident };
    case 'success_while_open':
      return { kind: 'succeeded_while_open', at, run: note.run, incident };
    case 'closed_by_person':
      return { kind: 'closed_by_person', at, incident };
    case 'lifted':
      return note;
    case 'closed_by_success':
      return { kind: 'ended', at, how: { kind: 'succeeded', run: note.run, agent: note.agent } };
    case 'agent_succeeded':
      return { kind: 'ended', at, how: { kind: 'recovered', run: note.run, agent: note.agent } };
    case 'released':
      return { kind: 'ended', at, how: { kind: 'released', by: note.by } };
    case 'closed_by_hand':
      return { kind: 'ended', at, how: { kind: 'reset', by: note.by, reason: note.reason } };
    case 'nothing_counts':
      return { kind: 'ended', at, how: { kind: 'nothing_counts' } };
    case 'flag_no_longer_failing':
      return { kind: 'ended', at, how: { kind: 'over', why: note.why } };
    case 'no_longer_counted':
      return { kind: 'ended', at, how: { kind: 'over', why: `${note.agent} no longer counts for its project` } };
    default:
      return unreachable(note);
  }
}
