// One pass of the scheduler as data: what it is given, and what the ledger is to be told.

import type { Reason } from '../admission/reasons.ts';
import type { MisfirePolicy } from '../fleet.ts';
import type { AgentKey } from '../ids.ts';
import type { Schedule } from './schedule-fields.ts';
import type { Zone } from './zone.ts';

/** Both clocks and the boot, read together. `monotonicMs` counts from the boot of the machine. */
export interface ClockReading {
  readonly wallMs: number;
  readonly monotonicMs: number;
  readonly bootId: string;
}

/** What is stored between passes, in the transaction that stores a pass's slots. */
export interface SchedulerState {
  /** Every slot due at or before this instant of this epoch is covered. */
  readonly watermarkMs: number;
  readonly epoch: number;
  readonly reading: ClockReading;
}

/** An agent as a pass needs it. */
export interface ScheduledAgent {
  readonly key: AgentKey;
  readonly schedule: Schedule;
  readonly zone: Zone;
  readonly jitterMs: number;
  readonly misfire: { readonly policy: MisfirePolicy; readonly lateOkMs: number };
  /** When its schedule came into force, if after the first start: slots up to then are not its own. Void in later epochs. */
  readonly since: { readonly atMs: number; readonly epoch: number } | null;
}

/** What a pass is given. */
export interface PassInput {
  /** The first pass of this process: what was missed, was missed while the factory was down. */
  readonly isFirst: boolean;
  /** Null: this state directory never had a pass. */
  readonly state: SchedulerState | null;
  readonly now: ClockReading;
  /** Every agent whose `nextDue` is at or before now; a superset does no harm. On the first pass: all. */
  readonly agents: Iterable<ScheduledAgent>;
  /** Whether a slot of the agent at this instant ran in an epoch before `epoch`; asked for fixed schedules only. */
  readonly ranBefore: (agent: AgentKey, slotAt: number, epoch: number) => boolean;
}

/** A slot to insert with its request. */
export interface DueSlot {
  readonly agent: AgentKey;
  readonly epoch: number;
  readonly at: number;
  /** Not to be admitted before: jitter, spacing of a catch-up, the quiet time after a boot. */
  readonly notBefore: number;
}

/** Slots from `from` to `to` (both slots) that do not run, all for one reason. */
export interface MissedStretch {
  readonly agent: AgentKey;
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly reason: Reason;
}

/** What a pass noticed about time itself; a subset of core/run/facts.ts. `epoch` is the one that holds afterwards. */
export type PassFact =
  | { readonly kind: 'clock.stepped'; readonly byMs: number; readonly epoch: number }
  | { readonly kind: 'scheduler.late'; readonly byMs: number };

/** What a pass decided. */
export interface PassResult {
  readonly due: readonly DueSlot[];
  readonly missed: readonly MissedStretch[];
  readonly facts: readonly PassFact[];
  /** To be stored in the same transaction. */
  readonly state: SchedulerState;
  /** The wall clock went back: every agent's `nextDue` has to be asked again, from the new watermark. */
  readonly isRewound: boolean;
}
