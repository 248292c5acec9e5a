// One line of `status` about a project: open or held, by whom, and what ends it.

import type { FlagLook } from '../core/admission/snapshot.ts';
import type { BreakerState } from '../core/breaker/state.ts';
import type { Project } from '../core/fleet.ts';
import type { ProjectView } from '../ports/control.ts';
import type { AgentViewParts, Sight } from './agent-views.ts';
import type { House } from './house.ts';

const HOUR_MS = 3_600_000;

type Needs = Pick<House, 'ledger' | 'clock' | 'pauseFlags'>;

/** The line of `project`. */
export function projectView(
  house: Needs,
  parts: AgentViewParts,
  given: { readonly project: Project; readonly sight: Sight },
): ProjectView {
  const { project, sight } = given;
  const { ledger, clock, pauseFlags } = house;
  const now = clock.now();
  const ends = ledger.runs.ends({ project: project.id }, now - HOUR_MS, now);
  const flag = parts.breakers.flag(project.id);
  const state = parts.breakers.state(project.id);
  const stand = parts.breakers.stand(project.id);
  const held = holdOf({ flag, state, text: 'text' in stand ? stand.text : null });
  return {
    id: project.id,
    state: project.enabled ? held.state : 'disabled',
    running: sight.live.filter((run) => run.project === project.id).length,
    limit: project.maxConcurrentAgents,
    ok1h: ends.succeeded,
    failed1h: ends.failed,
    why: withIssue(held.why, state),
    todo:
      held.state === 'isolated'
        ? `adf breaker reset ${project.id}`
        : held.state === 'PAUSED'
          ? `rm ${pauseFlags.now.path(project.id)}`
          : null,
  };
}

interface Hold {
  readonly state: 'open' | 'PAUSED' | 'isolated';
  readonly why: string | null;
}

function holdOf(given: { readonly flag: FlagLook; readonly state: BreakerState; readonly text: string | null }): Hold {
  const { flag, state, text } = given;
  if (state.kind === 'isolated') {
    return { state: 'isolated', why: text };
  }
  if (flag.kind === 'unknown') {
    return { state: 'PAUSED', why: `paused to be safe: ${flag.message}` };
  }
  if (state.kind === 'open') {
    return { state: 'PAUSED', why: `breaker: ${text ?? ''}` };
  }
  if (flag.kind === 'present') {
    return { state: 'PAUSED', why: `paused by ${flag.by}` };
  }
  return { state: 'open', why: state.kind === 'half_open' ? 'resumed; the next counted run decides' : null };
}

function withIssue(why: string | null, state: BreakerState): string | null {
  const issue = state.kind === 'closed' ? null : (state.incident?.issue ?? null);
  return why === null || issue === null ? why : `${why} · issue #${issue.number}`;
}
