// The branded ids of the house and how they are written.

import type { Brand } from '../lib/brand.ts';

/** Id of a project: 1 to 64 of letters, digits, dot, dash, underscore; it is also the name of its pause flag. */
export type ProjectId = Brand<string, 'ProjectId'>;

/** An agent across projects: `project/name`, or `name` for an agent without a project (names hold no slash). */
export type AgentKey = Brand<string, 'AgentKey'>;

/** One wish carried to an end, short enough to type: `r7m1`. Unique in a state directory, in order of creation. */
export type RunId = Brand<string, 'RunId'>;

/** One process launch of a run: `r7m1.1`, `r7m1.2`, … A pre-check is `r7m1.1p`. It is the fence of a start. */
export type AttemptId = Brand<string, 'AttemptId'>;

/** The key of agent `name` in `project` (null: none). */
export function agentKey(project: ProjectId | null, name: string): AgentKey {
  return (project === null ? name : `${project}/${name}`) as AgentKey;
}

/** The id of attempt `number` (from 1) of `run`. */
export function attemptId(run: RunId, number: number): AttemptId {
  return `${run}.${number}` as AttemptId;
}
