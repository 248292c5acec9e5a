// What an operator sees of a breaker, and does to it by hand.

import type { Project } from '../core/fleet.ts';
import { threshold } from '../core/breaker/failure-count.ts';
import { failureName } from '../core/react/outcome-text.ts';
import { nearestName } from '../lib/nearest.ts';
import type { BreakerView, ControlRefusal } from '../ports/control.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import { refusal } from './lookup.ts';
import type { Recorder } from './recorder.ts';

type Needs = Pick<House, 'fleet' | 'pauseFlags'>;

/** The breaker of `project` as an operator sees it. */
export function breakerView(house: Needs, breakers: Breakers, project: Project): BreakerView {
  const state = breakers.state(project.id);
  const incident = state.kind === 'closed' ? null : state.incident;
  const stand = breakers.stand(project.id);
  return {
    project: project.id,
    state: state.kind,
    failures: state.counter.failures,
    threshold: threshold(project.breaker),
    incident: incident?.id ?? null,
    since: state.kind === 'closed' ? null : state.since,
    why: 'text' in stand ? stand.text : null,
    flag: house.pauseFlags.now.path(project.id),
    issue: incident?.issue ?? null,
    evidence: (incident?.evidence ?? state.counter.latest).map(({ run, agent, outcome, endedAt }) => ({
      run,
      agent,
      class: failureName(outcome),
      endedAt,
    })),
  };
}

/** `adf breaker trip|reset|isolate`. */
export function breakerVerb(
  house: Needs,
  parts: { readonly recorder: Recorder; readonly breakers: Breakers },
  asked: {
    readonly project: string;
    readonly verb: 'trip' | 'reset' | 'isolate';
    readonly by: string;
    readonly reason: string;
  },
): BreakerView | ControlRefusal {
  const project = house.fleet.project(asked.project);
  if (project === null) {
    const near = nearestName(
      asked.project,
      house.fleet.now.projects.map((one) => one.id),
    );
    return refusal(
      'project.unknown',
      `no project is called "${asked.project}"${near === null ? '' : ` (did you mean "${near}"?)`}`,
    );
  }
  parts.recorder.commit('operator', (note) => {
    parts.breakers.apply(project.id, { kind: asked.verb, by: asked.by, reason: asked.reason }, note);
  });
  return breakerView(house, parts.breakers, project);
}
