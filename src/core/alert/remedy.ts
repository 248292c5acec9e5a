// The closed list of what may be done about an alert, and what of it makes sense here: nothing else is ever carried out.

import { nearestName } from '../../lib/nearest.ts';
import type { AlertSubject } from './alert.ts';

/** Every action that can be suggested. */
export const REMEDIES = [
  'run_agent',
  'retry_run',
  'cancel_run',
  'release_agent',
  'pause_project',
  'resume_project',
  'reset_breaker',
] as const;

/** One of them. */
export type Remedy = (typeof REMEDIES)[number];

/** What may be allowed to happen by itself: letting go of a project again stays with a person. */
export const AUTOMATIC_REMEDIES = [
  'run_agent',
  'retry_run',
  'cancel_run',
  'release_agent',
  'pause_project',
] as const satisfies readonly Remedy[];

/** What each of them does, for the model and for people. */
export const REMEDY_MEANING: Readonly<Record<Remedy, string>> = {
  run_agent: 'ask for one run of an agent now',
  retry_run: 'ask for a run that ended once more',
  cancel_run: 'end a run that is alive',
  release_agent: 'end the quarantine of an agent',
  pause_project: 'start nothing of a project any more',
  resume_project: 'remove the pause flag of a project',
  reset_breaker: 'close the breaker of a project and forget its count',
};

/** Suggestions taken from one answer at most. */
export const MAX_OFFERS = 3;

/** An action as somebody wrote it. */
export interface Offer {
  readonly action: string;
  readonly target: string;
  readonly why: string;
}

/** The names that live now and belong to the alert. */
export interface Reach {
  readonly agents: readonly string[];
  readonly projects: readonly string[];
  readonly runs: readonly string[];
}

/** A suggestion that can be kept, or why it cannot. */
export type OfferVerdict =
  | { readonly kind: 'valid'; readonly action: Remedy; readonly target: string; readonly why: string }
  | { readonly kind: 'dropped'; readonly why: string };

/**
 * Whether `offer` is an action of the list on something that lives and that the alert is about. Text that a log smuggled in
 * ("resume everything") ends here: it can name neither another action nor anybody else.
 */
export function judgeOffer(offer: Offer, reach: Reach): OfferVerdict {
  const action = REMEDIES.find((one) => one === offer.action);
  if (action === undefined) {
    return { kind: 'dropped', why: `there is no action ${JSON.stringify(offer.action)}` };
  }
  const noun = nounOf(action);
  const names = reach[noun];
  if (!names.includes(offer.target)) {
    const near = nearestName(offer.target, names);
    const hint = near === null ? '' : ` (did it mean ${near}?)`;
    const what = JSON.stringify(offer.target);
    return { kind: 'dropped', why: `${action}: ${what} is none of the ${noun} that this alert is about${hint}` };
  }
  return { kind: 'valid', action, target: offer.target, why: offer.why };
}

/** What an alert about `subject` may reach, of what lives. A factory may only be made to do less. */
export function reachOf(
  subject: AlertSubject,
  live: {
    readonly agents: readonly { readonly key: string; readonly project: string | null }[];
    readonly projects: readonly string[];
    /** Of the alert, and alive. */
    readonly runs: readonly { readonly id: string; readonly agent: string; readonly project: string | null }[];
  },
): Reach {
  if (subject.kind === 'factory') {
    return { agents: [], projects: live.projects, runs: [] };
  }
  const agents = live.agents.filter((agent) =>
    subject.kind === 'agent' ? agent.key === subject.name : agent.project === subject.name,
  );
  const keys = agents.map(({ key }) => key);
  const own = subject.kind === 'project' ? subject.name : (agents[0]?.project ?? null);
  return {
    agents: keys,
    projects: live.projects.filter((project) => project === own),
    runs: live.runs.filter((run) => keys.includes(run.agent)).map(({ id }) => id),
  };
}

/** Whether `action` may be suggested for an alert about `subject` at all. */
export function mayConcern(action: Remedy, subject: AlertSubject): boolean {
  return subject.kind !== 'factory' || action === 'pause_project';
}

function nounOf(action: Remedy): keyof Reach {
  switch (action) {
    case 'run_agent':
    case 'release_agent':
      return 'agents';
    case 'retry_run':
    case 'cancel_run':
      return 'runs';
    case 'pause_project':
    case 'resume_project':
    case 'reset_breaker':
      return 'projects';
  }
}
