// How a pre-check is asked: as a short attempt on the same host, with the agent's limits and environment.

import type { AgentDefinition } from '../core/fleet.ts';
import type { AttemptPurpose } from '../core/run/run.ts';
import type { LaunchPlan } from '../ports/agent-driver.ts';

/** Time for git to find the last commit of the watched paths. */
const GIT_TIMEOUT_MS = 60_000;

/** A short attempt that goes before, or after, the main one, and the time that it may take. */
export interface Step {
  readonly purpose: Exclude<AttemptPurpose, 'main'>;
  readonly plan: LaunchPlan;
  readonly timeoutMs: number;
}

/** The pre-check of `agent` as a plan, or null: it has none that a process answers. */
export function precheckPlan(agent: AgentDefinition): Step | null {
  const { preCheck } = agent;
  switch (preCheck.kind) {
    case 'always':
    case 'gitea-issue':
      return null;
    case 'git-diff':
      return {
        purpose: 'precheck',
        plan: programPlan(['git', 'log', '-1', '--format=%H', '--', ...preCheck.watchPaths]),
        timeoutMs: GIT_TIMEOUT_MS,
      };
    case 'shell':
      return {
        purpose: 'precheck',
        plan: programPlan(['sh', '-c', preCheck.script]),
        timeoutMs: preCheck.timeoutMs,
      };
  }
}

/**
 * What a finished pre-check says. `seen`: the newest commit of the watched paths, or the newest moment of the issue, kept
 * once the run has succeeded. `findings`: what the run is told of it, which is foreign text. `unreachable`: who was to be asked does not answer, which is nobody's fault here.
 */
export type PrecheckAnswer =
  | { readonly kind: 'go'; readonly seen: string | null; readonly findings: string | null }
  | { readonly kind: 'nothing'; readonly text: string }
  | { readonly kind: 'broken' | 'unreachable'; readonly text: string };

/** Exit 0 is go and 1 is "nothing to do" (as `test` and `grep` have it); anything else is a broken check. */
export function precheckAnswer(
  agent: AgentDefinition,
  end: { readonly code: number | null; readonly output: string },
  lastSeen: string | null,
): PrecheckAnswer {
  if (agent.preCheck.kind === 'git-diff') {
    const commit = end.output.trim();
    if (end.code !== 0) {
      return { kind: 'broken', text: `git log ended with ${end.code ?? 'a signal'}: ${commit.slice(0, 200)}` };
    }
    return commit === lastSeen
      ? {
          kind: 'nothing',
          text: `no commit touched ${agent.preCheck.watchPaths.join(', ')} since ${commit === '' ? 'the beginning' : commit.slice(0, 10)}`,
        }
      : { kind: 'go', seen: commit, findings: commitsInWords(agent.preCheck.watchPaths, commit, lastSeen) };
  }
  if (end.code === 0) {
    const findings = end.output.trim();
    return { kind: 'go', seen: null, findings: findings === '' ? null : findings };
  }
  return end.code === 1
    ? { kind: 'nothing', text: 'the pre-check said that there is nothing to do (exit 1)' }
    : { kind: 'broken', text: `the pre-check ended with ${end.code ?? 'a signal'}: ${end.output.trim().slice(-200)}` };
}

function commitsInWords(paths: readonly string[], newest: string, lastSeen: string | null): string {
  const since = lastSeen === null || lastSeen === '' ? 'No run has seen it yet.' : `The last run saw ${lastSeen}.`;
  return `The newest commit that touches ${paths.join(', ')} is ${newest}. ${since}`;
}

/** The plan of a program that is no agent. */
export function programPlan(argv: readonly [string, ...string[]]): LaunchPlan {
  return {
    argv,
    env: {},
    stdin: null,
    files: [],
    separateStderr: false,
    stopManner: 'terminate-first',
    firstOutputMs: null,
    idleMs: null,
    idleWithToolMs: null,
    sessionId: null,
  };
}
