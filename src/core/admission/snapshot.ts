// What the gates may read: host facts looked at directly before, and the ledger's counts, as one value.

import type { BudgetStand } from '../budget/budget.ts';
import type { HoldAnswer } from '../provider/hold.ts';
import type { Sandboxing } from '../sandbox/sandbox.ts';
import type { AgentDefinition, EnforcementDemand, Factory, Project } from '../fleet.ts';
import type { Shortage } from './shortage.ts';
import type { DecayStand } from '../trigger/decay.ts';
import type { DeathHold } from '../watch/mass-death.ts';

/** What a look at a pause flag showed. `unknown` (pause_dir unreadable) counts as paused: the safe side. */
export type FlagLook =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'present';
      readonly since: number;
      readonly owner: 'human' | 'breaker';
      /** Who put it there, for people, with a reason where the flag has one. */
      readonly by: string;
      readonly path: string;
    }
  | { readonly kind: 'unknown'; readonly message: string };

/** What the machine showed directly before the decision. */
export interface HostFacts {
  readonly lookedAt: number;
  readonly factoryFlag: FlagLook;
  readonly projectFlags: ReadonlyMap<string, FlagLook>;
  /** Attempts were killed in numbers, by nobody of us; null: not so. */
  readonly deaths: DeathHold | null;
  /** What was past its limit when last looked at, or is not yet clearly better. */
  readonly shortages: readonly Shortage[];
  readonly totalMemoryBytes: number;
  /** The ledger could be written when last tried. */
  readonly storageFailure: string | null;
  /** Limits that the kernel holds for a start now; null: the host cannot say at the moment. */
  readonly kernelHeld: {
    readonly memory: boolean;
    readonly cpu: boolean;
    readonly pids: boolean;
    readonly cpuQuota: boolean;
  } | null;
  /** What of sandboxes can be had for a start now; null: the host cannot say, or nobody asks for one. */
  readonly sandboxing: Sandboxing | null;
}

/** What the ledger says about everything that lives. Counts change as a pass admits. */
export interface LiveCounts {
  readonly total: number;
  readonly byProject: ReadonlyMap<string, number>;
  readonly byAgent: ReadonlyMap<string, number>;
  /** Runs by agent that wait to be tried again: they hold no slot and no memory, but nobody else may take their place. */
  readonly betweenAttempts: ReadonlyMap<string, number>;
  readonly promisedMemoryBytes: number;
}

/** The breaker as admission sees it. */
export type BreakerStand =
  | { readonly kind: 'closed' | 'half_open' }
  | { readonly kind: 'open' | 'isolated' | 'probing'; readonly text: string };

/** Everything that gates may read. */
export interface Snapshot {
  readonly now: number;
  readonly factory: Factory;
  readonly agent: AgentDefinition | null;
  readonly project: Project | null;
  readonly host: HostFacts;
  readonly live: LiveCounts;
  readonly breaker: BreakerStand;
  readonly quarantine: { readonly reason: string; readonly until: number | null } | null;
  /** The model account that the run would use, and what it may do there; null: it uses none. */
  readonly account: { readonly name: string; readonly why: string; readonly answer: HoldAnswer } | null;
  /** Budgets that cover the run, and how each would stand with it. */
  readonly budgets: readonly { readonly key: string; readonly stand: BudgetStand; readonly until: number }[];
  /** Its last runs changed nothing, and the slot that asks comes too soon; null: not so. */
  readonly decay: DecayStand | null;
  readonly draining: boolean;
  /** What the agent demands, the stricter of its own and the factory's. */
  readonly demand: EnforcementDemand;
}
