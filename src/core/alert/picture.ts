// Everything that the rules look at, as one value: made by the monitor, judged here.

import type { AgentKey, ProjectId, RunId } from '../ids.ts';
import type { Layer } from '../fleet.ts';
import type { AlertSubject } from './alert.ts';
import type { AlertSettings } from './settings.ts';

/** One agent as it stands. */
export interface AgentPicture {
  readonly key: AgentKey;
  readonly project: ProjectId | null;
  readonly layer: Layer;
  /** Runs that are always wanted; 0: it comes and goes. */
  readonly desired: number;
  readonly running: number;
  /** Somebody holds it on purpose, or another alert tells of it; null: nobody does. */
  readonly excused: string | null;
  readonly quarantine: string | null;
  /** Over the last hour. */
  readonly failures: number;
  readonly restarts: number;
  /** Its newest failures, newest first. */
  readonly failed: readonly { readonly run: RunId; readonly text: string }[];
}

/** One project's breaker as it stands. */
export interface BreakerPicture {
  readonly project: ProjectId;
  readonly state: 'closed' | 'open' | 'half_open' | 'isolated';
  readonly reason: string;
  /** Why its flag could not be written; null: it could, or none is wanted. */
  readonly flagError: string | null;
  readonly runs: readonly RunId[];
}

/** What is spent of a budget, in micro-dollars. */
export interface BudgetPicture {
  readonly subject: AlertSubject;
  readonly spent: number;
  readonly limit: number;
  /** `this month`. */
  readonly window: string;
}

/** agents.toml differs from what is in force. */
export interface DriftPicture {
  /** Epoch ms of the first look that saw it. */
  readonly since: number;
  readonly parts: number;
  /** The first of them, by name. */
  readonly first: string;
  /** It cannot even be put into force: the parts are its errors. */
  readonly broken?: true;
}

/** One look. `null` where a look failed: then nothing is concluded. */
export interface Picture {
  readonly now: number;
  readonly settings: AlertSettings;
  readonly agents: readonly AgentPicture[];
  readonly breakers: readonly BreakerPicture[];
  readonly budgets: readonly BudgetPicture[] | null;
  readonly disk: { readonly freeBytes: number | null; readonly floorBytes: number };
  readonly drift: DriftPicture | 'none' | null;
  /** Late passes of the scheduler, oldest first. */
  readonly late: readonly { readonly at: number; readonly byMs: number }[];
}

/** `stopped`: none of those wanted is alive. `idle`: comes and goes, and is not here now. */
export type Standing = 'stopped' | 'degraded' | 'healthy' | 'idle';

/** How an agent stands; more alive than wanted is as odd as fewer. */
export function standingOf(agent: { readonly desired: number; readonly running: number }): Standing {
  if (agent.desired === 0) {
    return agent.running === 0 ? 'idle' : 'healthy';
  }
  if (agent.running === 0) {
    return 'stopped';
  }
  return agent.running === agent.desired ? 'healthy' : 'degraded';
}
