// Everything that the services of the daemon are given; each says with Pick<House, …> what it needs.

import type { AgentDefinition, Fleet, Project } from '../core/fleet.ts';
import type { AgentKey, AttemptId } from '../core/ids.ts';
import type { MeterOrder } from '../core/metering/order.ts';
import type { Digest } from '../core/reconcile/canonical.ts';
import type { TreeWaits } from '../core/supervise/liveness.ts';
import type { Silence } from '../core/watch/silence.ts';
import type { AgentDriver } from '../ports/agent-driver.ts';
import type { Channel } from '../ports/channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { ExecutionHost, ProcessIdentity } from '../ports/execution-host.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Model } from '../ports/model.ts';
import type { PauseFlags } from '../ports/pause-flags.ts';
import type { Tracker } from '../ports/tracker.ts';
import type { Zone } from '../core/trigger/zone.ts';
import type { Feed } from './feed.ts';
import type { Cover } from './mask.ts';

/** The composition of one daemon. */
export interface House {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly host: ExecutionHost;
  /** The flags in the pause_dir in force. */
  readonly pauseFlags: { readonly now: PauseFlags };
  readonly tracker: Tracker;
  readonly alerting: AlertingOutside;
  /** Time zones by IANA name. */
  readonly zones: (name: string) => Zone;
  readonly feed: Feed;
  readonly fleet: FleetInForce;
  readonly files: RunFiles;
  readonly driverFor: (cliTool: string) => AgentDriver;
  /** The variables that make the host start a meter with this order beside an agent. */
  readonly meter: (order: MeterOrder) => Readonly<Record<string, string>>;
  /** What only the machine can say; read before each pass, never cached by the caller. */
  readonly machine: MachineLook;
  /** What the dead-man noted. */
  readonly silences: SilenceNotes;
  readonly chance: Chance;
  /** A short name for a text, always the same one. */
  readonly digest: Digest;
  readonly boot: { readonly bootId: string; readonly pid: number; readonly version: string };
  /** Variables of the daemon's environment that agents may be given (`env_pass` and the short safe list). */
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: SecretValues;
}

/** Who is told of alerts, and who explains them, as agents.toml has it now. */
export interface AlertingOutside {
  /** The channel called `name`; null: there is none, or it is the tracker. */
  channel(name: string): Channel | null;
  /** The model of [ai]; null: nobody explains alerts. */
  readonly model: Model | null;
}

/** Silences that the dead-man noted and that were not taken over yet. */
export interface SilenceNotes {
  list(): Promise<readonly Silence[]>;
  remove(silence: Silence): Promise<void>;
}

/** The secrets of agents.toml, whose values lie outside. */
export interface SecretValues {
  /** What `agent` is given, by the names of its variables. Rejects with OperationalError `secret.…`. */
  of(agent: AgentDefinition): Promise<Readonly<Record<string, string>>>;
  /** Every value that must not be seen anywhere. */
  known(): readonly string[];
}

/** Randomness as an argument. */
export interface Chance {
  /** In [0, 1). */
  random(): number;
  uuid(): string;
}

/** Disk and memory. */
export interface MachineLook {
  /** Room for what the factory writes; each null where it cannot be told. */
  disk(): Promise<{ readonly freeBytes: number | null; readonly freeInodes: number | null }>;
  /** Share of the last ten seconds in which work stood still for want of it; null where the kernel does not tell. */
  pressurePercent(of: 'memory' | 'cpu'): number | null;
  readonly totalMemoryBytes: number;
  /** The file that `name` starts for whom has `path`; null: none can be executed. */
  findProgram(name: string, path: string | undefined): string | null;
  /** How busy the machine is; null where it cannot be told. */
  load(): { readonly cpuPercent: number | null; readonly memoryUsedBytes: number | null };
  /** What the processes of `attempt`, whose first one is `process`, wait for; null: cannot be seen. */
  waits(process: ProcessIdentity, attempt: AttemptId): TreeWaits | null;
  /** Whether exactly this process is alive; null: cannot be told. */
  isAlive(process: ProcessIdentity): Promise<boolean | null>;
}

/** A file that is written for an attempt. */
export interface InputFile {
  readonly path: string;
  readonly text: string;
  /** The attempt writes it, and it is read once more when the attempt has ended. */
  readonly isRead?: true;
}

/** Files of attempts: output that is followed, prompts that become stdin. */
export interface RunFiles {
  outPath(attempt: AttemptId, stream: 'out' | 'err'): string;
  /** Absolute path of the attempt's stdin file; other input files of it begin with this. */
  inputPath(attempt: AttemptId): string;
  /** Writes files with mode 0600. */
  writeInputs(attempt: AttemptId, files: readonly InputFile[]): Promise<void>;
  /** Removes what was written for `attempt`, but for what is to be read after its end. */
  removeInputs(attempt: AttemptId): Promise<void>;
  /** Removes that too: it was read, and what it said is kept. */
  removeRead(attempt: AttemptId): Promise<void>;
  /** Removes input files of attempts that are not in `open`: leftovers of a crash. */
  sweepInputs(open: ReadonlySet<AttemptId>): Promise<void>;
  /** Removes output last written before `before` (epoch ms), whoever wrote it, but for attempts in `open`. */
  sweepOutputs(before: number, open: ReadonlySet<AttemptId>): Promise<void>;
  /** Bytes of the file now; 0 when it does not exist. */
  size(path: string): Promise<number>;
  /** At most `limit` bytes from `from`. */
  read(path: string, from: number, limit: number): Promise<Uint8Array>;
  /** Overwrites these places of the file; what lies behind them stays. */
  cover(path: string, covers: readonly Cover[]): Promise<void>;
  /** A file below `folder` whose name ends so and that can be read; null: there is none. */
  findBelow(folder: string, endsWith: string): Promise<string | null>;
  /** Text of a file that `key` of agents.toml names; throws OperationalError when it cannot be read. */
  readText(path: string, key: string): Promise<string>;
  /** Another text once one of `paths` is another file, or comes or goes; never throws. */
  filesPrint(paths: readonly string[]): Promise<string>;
  /** Another text once one of the `texts`, the commit in the folder or an entry of the folder itself is another one; never throws. */
  inputsPrint(texts: readonly string[], folder: string): Promise<string>;
  /** Makes the folder of a project's workspaces, which belongs to `user` alone. Throws OperationalError `workspace`. */
  makeHome(path: string, user: string | null): Promise<void>;
}

/** The fleet in force; replaced by a reload, read afresh by every decision. */
export class FleetInForce {
  private fleet: Fleet;
  private byKey: ReadonlyMap<AgentKey, AgentDefinition> = new Map();
  private kernel = false;
  private sandbox = false;
  private byId: ReadonlyMap<string | null, Project> = new Map();

  constructor(fleet: Fleet) {
    this.fleet = fleet;
    this.replace(fleet);
  }

  get now(): Fleet {
    return this.fleet;
  }

  replace(fleet: Fleet): void {
    this.fleet = fleet;
    this.byKey = new Map(fleet.agents.map((agent) => [agent.key, agent]));
    this.byId = new Map(fleet.projects.map((project) => [project.id, project]));
    this.sandbox = fleet.agents.some((agent) => agent.sandbox !== 'off');
    this.kernel =
      fleet.factory.enforcement === 'kernel' || fleet.agents.some((agent) => agent.enforcement === 'kernel');
  }

  /** Some run must be held by the kernel: worth asking the host how it would hold one. */
  get demandsKernel(): boolean {
    return this.kernel;
  }

  /** Some agent has a sandbox: worth asking the host what it can hold. */
  get demandsSandbox(): boolean {
    return this.sandbox;
  }

  agent(key: AgentKey): AgentDefinition | null {
    return this.byKey.get(key) ?? null;
  }

  project(id: string | null): Project | null {
    return this.byId.get(id) ?? null;
  }
}
