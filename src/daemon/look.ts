// Looks at the machine before a decision, and puts what it saw and what the ledger knows into one snapshot.

import type { HostFacts, LiveCounts, Snapshot } from '../core/admission/snapshot.ts';
import type { Queued } from '../core/admission/waiting.ts';
import { shortages } from '../core/admission/shortage.ts';
import type { Shortage } from '../core/admission/shortage.ts';
import type { AgentDefinition, EnforcementDemand } from '../core/fleet.ts';
import type { ProjectId } from '../core/ids.ts';
import type { Run } from '../core/run/run.ts';
import type { Breakers } from './breakers.ts';
import type { Budgets } from './budgets.ts';
import type { Decays } from './decays.ts';
import type { DeathGuard } from './death-guard.ts';
import type { Holds } from './holds.ts';
import type { House } from './house.ts';
import type { Quarantines } from './quarantines.ts';
import type { Note, Recorder } from './recorder.ts';

/** The daemon's own states that admission asks about. */
export interface LookParts {
  readonly recorder: Recorder;
  readonly breakers: Breakers;
  readonly quarantines: Quarantines;
  readonly holds: Holds;
  readonly budgets: Budgets;
  readonly decays: Decays;
  readonly deaths: DeathGuard;
  readonly isDraining: () => boolean;
}

/** Host facts without the flags. */
export type MachineFacts = Omit<HostFacts, 'factoryFlag' | 'projectFlags' | 'deaths' | 'storageFailure'>;

/** The projects of `runs`, each once. */
export function projectsOf(runs: readonly Run[]): readonly ProjectId[] {
  return [...new Set(runs.map((run) => run.project).filter((project) => project !== null))];
}

/** Reads host facts and builds snapshots. */
export class Look {
  readonly #house: Pick<House, 'clock' | 'fleet' | 'machine' | 'host'>;
  readonly #parts: LookParts;
  /** From look to look, for as long as the daemon lives: a new one begins with the limits themselves. */
  #short: readonly Shortage[] = [];

  constructor(house: Pick<House, 'clock' | 'fleet' | 'machine' | 'host'>, parts: LookParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** What of `due` has to be looked at outside any transaction before it is decided. */
  async inputs(due: readonly Queued[]): Promise<void> {
    await this.#parts.decays.look(due);
  }

  /** Disk, memory, pressure and enforcement; read outside any transaction, never cached. */
  async machineFacts(): Promise<MachineFacts> {
    const { clock, machine, host, fleet } = this.#house;
    const [disk, enforcement, sandboxing] = await Promise.all([
      machine.disk(),
      fleet.demandsKernel ? host.enforcement().catch(() => null) : null,
      fleet.demandsSandbox ? host.sandboxing({ addresses: fleet.demandsAddresses }).catch(() => null) : null,
    ]);
    const { factory } = fleet.now;
    const figures = {
      // Two files of the kernel less where nobody would be held.
      memory: factory.memoryPressurePercent < 100 ? machine.pressurePercent('memory') : null,
      cpu: factory.cpuPressurePercent < 100 ? machine.pressurePercent('cpu') : null,
      disk: disk.freeBytes,
      inodes: disk.freeInodes,
    };
    this.#short = shortages(this.#short, figures, factory);
    return {
      lookedAt: clock.now(),
      shortages: this.#short,
      totalMemoryBytes: machine.totalMemoryBytes,
      sandboxing,
      kernelHeld:
        enforcement === null
          ? null
          : {
              memory: enforcement.memory === 'kernel',
              // No kernel has a limit for the time of a tree: in a cgroup it counts, whatever the tree does, and we stop.
              cpu: enforcement.cpu === 'kernel' || enforcement.tree === 'cgroup',
              pids: enforcement.pids === 'kernel',
              cpuQuota: enforcement.cpuQuota === 'kernel',
            },
    };
  }

  /** The same with the flags of `runs`, looked at now: synchronous, so that nothing happens between look and decision. */
  hostFacts(machine: MachineFacts, runs: readonly Run[]): HostFacts {
    const { breakers, recorder } = this.#parts;
    return {
      ...machine,
      factoryFlag: breakers.factoryFlag(),
      deaths: this.#parts.deaths.hold(),
      projectFlags: new Map(projectsOf(runs).map((project) => [project, breakers.flag(project)])),
      storageFailure: recorder.storageFailure,
    };
  }

  /** One value for the gates. */
  snapshot(run: Run, host: HostFacts, live: LiveCounts): Snapshot {
    const { clock, fleet } = this.#house;
    const agent = fleet.agent(run.agent);
    return {
      now: clock.now(),
      factory: fleet.now.factory,
      agent,
      project: fleet.project(run.project),
      host,
      live,
      breaker: run.project === null ? { kind: 'closed' } : this.#parts.breakers.stand(run.project),
      quarantine: this.#parts.quarantines.of(run.agent),
      account: agent === null ? null : this.#parts.holds.standOf(run, agent),
      budgets: agent === null ? [] : this.#parts.budgets.claimsOf(agent, live),
      decay: agent === null ? null : this.#parts.decays.standOf(run, agent),
      draining: this.#parts.isDraining(),
      demand: this.#demandOf(run),
    };
  }

  /** `run` is claimed: on a held account it is the one that tries. */
  admitted(run: Run, note: Note): void {
    const agent = this.#house.fleet.agent(run.agent);
    if (agent !== null) {
      this.#parts.holds.admitted(run, agent, note);
    }
  }

  /** What holds `agent` back whatever it asks for; each null where it does not. */
  standing(agent: AgentDefinition): {
    readonly draining: boolean;
    readonly paused: string | null;
    readonly quarantine: string | null;
  } {
    const { breakers, quarantines, isDraining } = this.#parts;
    const { project } = agent;
    const flag = project === null ? null : breakers.flag(project);
    const stand = project === null ? null : breakers.stand(project);
    const paused =
      breakers.factoryFlag().kind !== 'absent'
        ? 'the whole factory is paused'
        : flag !== null && flag.kind !== 'absent'
          ? `project ${project} is paused`
          : stand !== null && 'text' in stand
            ? stand.text
            : null;
    return { draining: isDraining(), paused, quarantine: quarantines.of(agent.key)?.reason ?? null };
  }

  #demandOf(run: Run): EnforcementDemand {
    const { fleet } = this.#house;
    return fleet.now.factory.enforcement === 'kernel' || fleet.agent(run.agent)?.enforcement === 'kernel'
      ? 'kernel'
      : 'any';
  }
}
