// One attempt that lives in a unit: its limits that no kernel holds, its stop plan, and what it uses.

import { AttemptWatch, type Remains, type Stopping } from '../../os/attempt-watch.ts';
import { killLeaf } from '../../os/cgroup.ts';
import type { Punch } from '../../os/output-file.ts';
import { ticksToMs } from '../../os/proc.ts';
import { firstRuns, type Tree } from '../../os/tree.ts';
import { bootId } from '../../os/process-identity.ts';
import type { Enforcement, HeldAttempt, ProcessIdentity, StartSpec } from '../../ports/execution-host.ts';
import type { StartRecord } from './record-script.ts';
import type { Recorded } from './records.ts';

/** What is needed to hold an attempt; what it was to run is known to the daemon that started it. */
export type Terms = Pick<HeldAttempt, 'limits' | 'stopPlans' | 'outPath' | 'errPath'> &
  Partial<Pick<StartSpec, 'argv' | 'cwd'>>;

/** What a live unit is made with. */
export interface LiveUnitInput {
  readonly unit: string;
  readonly start: Recorded<StartRecord>;
  /** Null: nobody knows them any more; it is not limited by us then. */
  readonly terms: Terms | null;
  /** How limits are held now: a record of an older version does not say how they were at the start. */
  readonly heldNow: Enforcement;
  /** A stop that an earlier daemon had begun. */
  readonly begun: Stopping | null;
  readonly marker: Tree['marker'];
  readonly punch: Punch;
  /** Kills a unit where the kernel has no cgroup.kill. */
  readonly killUnit: (unit: string) => Promise<void>;
  readonly onStopping: (stopping: Stopping) => void;
}

/** An attempt from its start until its end is recorded. */
export class LiveUnit {
  readonly unit: string;
  readonly start: Recorded<StartRecord>;
  readonly terms: Terms | null;
  /** How its limits were held at the start, whatever was given or taken away since. */
  readonly enforcement: Enforcement;
  /** Since when its first process is seen to be gone while nothing is recorded; null: it runs, or nobody looked. */
  goneSince: number | null = null;
  /** Whether the last look at its records failed: that is said once. */
  isUnreadable = false;
  readonly watch: AttemptWatch;
  readonly #tree: Tree;
  readonly #killUnit: (unit: string) => Promise<void>;

  constructor(input: LiveUnitInput) {
    const { pid, startTicks, group } = input.start.record;
    const { terms } = input;
    this.unit = input.unit;
    this.start = input.start;
    this.terms = terms;
    this.enforcement = input.start.record.held ?? input.heldNow;
    this.#killUnit = input.killUnit;
    this.#tree = { pid, startTicks, marker: input.marker, leaf: group };
    this.watch = new AttemptWatch({
      tree: this.#tree,
      // Memory is the kernel's; what no kernel limits for a whole tree is looked at.
      nets: terms === null ? null : { ...terms.limits, memoryBytes: null, plans: terms.stopPlans },
      outputs: terms === null ? [] : [terms.outPath, ...(terms.errPath === null ? [] : [terms.errPath])],
      startedMono: startTicks === 0 ? input.start.record.uptimeMs : ticksToMs(startTicks),
      begun: input.begun,
      leafCpuBefore: 0,
      punch: input.punch,
      kill: () => this.#kill(),
      onStopping: input.onStopping,
    });
  }

  /** Whether its first process is alive. */
  get runs(): boolean {
    return firstRuns(this.#tree);
  }

  get identity(): ProcessIdentity {
    return identityIn(this.start.record);
  }

  /** Lets go of it at its end, and says what it left. */
  finish(): Promise<Remains> {
    return this.watch.finish();
  }

  /** After the first process is gone the manager clears the rest and records the end from within the group: a blow would hit that. */
  async #kill(): Promise<boolean> {
    if (this.runs && !killLeaf(this.start.record.group)) {
      await this.#killUnit(this.unit);
    }
    return !this.runs;
  }
}

/** Who the first process of a recorded start is. */
function identityIn({ bootId: boot, pid, startTicks }: StartRecord): ProcessIdentity {
  return { bootId: boot, pid, startTicks };
}

/** Whether `record` is of this boot: nothing older is alive. */
export function isOfThisBoot(record: StartRecord): boolean {
  return record.bootId === bootId();
}
