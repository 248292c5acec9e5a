// What starts and holds agents: the port behind keeper, systemd and the fake of the tests.
//
// Promises of every host (test/ports/execution-host.suite.ts):
// - a start is carried out at most once per attempt id, also across deaths of daemon and host;
// - what was started is reported as exited once, and again after each reconnect until it is acknowledged;
// - limits and stop plans are data given to the host, and it carries them out without the daemon;
// - `kill` ends the whole tree wherever the host can see it.

import type { AttemptId } from '../core/ids.ts';
import type { KernelCounters } from '../core/run/kernel-counters.ts';
import type { Sandbox, Sandboxing } from '../core/sandbox/sandbox.ts';
import type { StopPlan, StopReason } from '../core/supervise/stop-plan.ts';

/**
 * How one limit is held: by the kernel, by us on what the kernel counted of everything in the group, by looking at what we
 * find (with a pause between looks), or not at all.
 */
export type Held = 'kernel' | 'counted' | 'sampled' | 'none';

/** How each limit of an attempt is, or would be, held; `tree`: what a kill reaches (`cgroup` everything, `marker` what can be found). */
export interface Enforcement {
  readonly memory: Held;
  readonly cpu: Held;
  readonly pids: Held;
  readonly cpuQuota: Held;
  readonly tree: 'cgroup' | 'marker';
}

/** A process beyond doubt: pids are used again, this triple is not. `startTicks` is field 22 of /proc/PID/stat. */
export interface ProcessIdentity {
  readonly bootId: string;
  readonly pid: number;
  readonly startTicks: number;
}

/** Limits of one attempt; null: not limited. */
export interface Limits {
  readonly wallMs: number;
  readonly memoryBytes: number | null;
  /** Where the kernel begins to slow it down, if the kernel holds memory; absent in what an older version wrote. */
  readonly memoryHighBytes?: number | null;
  /** Processor time of the whole tree. */
  readonly cpuMs: number | null;
  readonly cpuQuotaPercent: number | null;
  readonly pids: number | null;
  /** Output kept on disk; the middle is cut out above it. */
  readonly outputBytes: number;
  /** Growth above this for 2 s ends the attempt. */
  readonly outputBytesPerSecond: number;
}

/** A limit whose crossing makes the host stop the attempt by itself. */
export type HostLimit = 'wall' | 'cpu' | 'memory' | 'output';

/** Everything a host needs to start one attempt. */
export interface StartSpec {
  readonly attemptId: AttemptId;
  /** Project and agent, for people who look at the machine: `web/steward`. */
  readonly label: string;
  /** System user that it runs as; null: the host's `defaultUser`, else the user of the host itself. */
  readonly user: string | null;
  readonly argv: readonly [string, ...string[]];
  /** Absolute. */
  readonly cwd: string;
  /** The complete environment; the host adds its own marker `ADF_ATTEMPT`, and HOME, USER, LOGNAME and SHELL where it changes the user. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the file given as stdin; null: /dev/null. */
  readonly stdinPath: string | null;
  /** Absolute paths of what was written for the attempt, stdin too: a host that changes the user hands them over to that user. */
  readonly inputs: readonly string[];
  /** What it may reach; null: all that its user may. A host that cannot hold it starts nothing. */
  readonly sandbox: Sandbox | null;
  /** Absolute; created if missing, appended to. */
  readonly outPath: string;
  /** Absolute path for stderr; null: stderr goes into `outPath`. */
  readonly errPath: string | null;
  readonly limits: Limits;
  /** What to do when a limit is crossed. */
  readonly stopPlans: Readonly<Record<HostLimit, StopPlan>>;
  /** Pause flags looked at once more directly before the spawn; if one exists the start is refused. */
  readonly pauseFlags: readonly string[];
}

/** The answer to a start. */
export type StartReply =
  | {
      readonly kind: 'started' | 'already_started';
      readonly identity: ProcessIdentity;
      readonly enforcement: Enforcement;
    }
  /** It ran and ended before; its exit report is, or will be, told as an event. */
  | { readonly kind: 'already_ended' }
  /** A pause flag exists. */
  | { readonly kind: 'paused'; readonly flag: string }
  | { readonly kind: 'did_not_start'; readonly cause: StartFailure; readonly message: string };

/** Why nothing was started: `program` and `directory` are the configuration's, the others are ours. */
export type StartFailure = 'program' | 'directory' | 'limits' | 'user' | 'host' | 'keeper_died';

/** What the operating system said about the end of an attempt, and what it used. */
export interface ExitReport {
  readonly attemptId: AttemptId;
  /** Both null: nobody can know any more (`hostDied`). */
  readonly code: number | null;
  readonly signal: string | null;
  /** The host that could have known died before the attempt ended. */
  readonly hostDied: boolean;
  /** The wrapper proved that the program never ran. */
  readonly didNotStart: { readonly cause: StartFailure; readonly message: string } | null;
  /** Epoch ms by the host's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly durationMs: number;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly enforcement: Enforcement;
  /** Why it was stopped, if it was: the first reason. */
  readonly stop: { readonly reason: StopReason; readonly at: number } | null;
  /** Bytes written in all and bytes cut out of the middle. */
  readonly output: { readonly writtenBytes: number; readonly cutBytes: number };
  /** Null where there is no controller. */
  readonly kernel: KernelCounters | null;
  /** Processes of the tree still alive when the first process ended, and killed then. */
  readonly survivors: number;
}

/** Place in a host's record up to which the daemon has committed. */
export interface HostCursor {
  readonly hostId: string;
  readonly offset: number;
}

/** Told by the host in the order of its record. `cursor` is the place after the entry; null: it comes from watching, not from a record. */
export type HostEvent =
  | {
      readonly kind: 'started';
      readonly attemptId: AttemptId;
      readonly identity: ProcessIdentity;
      readonly enforcement: Enforcement;
      readonly at: number;
      readonly cursor: HostCursor | null;
    }
  | {
      readonly kind: 'stopping';
      readonly attemptId: AttemptId;
      readonly reason: StopReason;
      readonly at: number;
      readonly cursor: HostCursor | null;
    }
  | { readonly kind: 'exited'; readonly report: ExitReport; readonly cursor: HostCursor | null }
  /** The process that held these attempts died; they are watched from here on, their exit codes are unknown. */
  | { readonly kind: 'host_died'; readonly hostId: string; readonly attempts: readonly AttemptId[] };

/** What the ledger believes to be alive, handed to the host when the daemon starts. */
export interface HeldAttempt {
  readonly attemptId: AttemptId;
  /** Null: the start was intended, nobody knows whether it happened. */
  readonly identity: ProcessIdentity | null;
  readonly startedAt: number;
  readonly limits: Limits;
  readonly stopPlans: Readonly<Record<HostLimit, StopPlan>>;
  readonly outPath: string;
  readonly errPath: string | null;
}

/** What the host says about a held attempt; `never_started`: an intended start that did not happen, and will not. */
export type Adoption = 'held' | 'watched' | 'ended' | 'gone' | 'never_started';

/** A tree that carries our marker and that nobody asked about. */
export interface StrayAttempt {
  readonly attemptId: AttemptId;
  readonly identity: ProcessIdentity;
}

/** Memory and processor time of a live attempt now. */
export interface LiveUsage {
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly peakMemoryBytes: number;
  readonly processes: number;
}

/** Starts, holds, limits, stops and reports attempts. */
export interface ExecutionHost {
  readonly name: string;
  /** User of attempts whose project names none; null: the host's own. */
  readonly defaultUser: string | null;
  /** Absolute path of a folder for input files that attempts of other users can reach; null: they run as us and reach ours. */
  readonly inputsDir: string | null;
  /**
   * Connects (starting the host's process if there is one), tells every event after `cursors`, and answers for each held
   * attempt what became of it. Events of `ended` attempts are told before the answer. Call once, before anything else.
   */
  connect(
    input: { readonly cursors: readonly HostCursor[]; readonly held: readonly HeldAttempt[] },
    tell: (event: HostEvent) => void,
  ): Promise<{ readonly adoptions: ReadonlyMap<AttemptId, Adoption>; readonly strays: readonly StrayAttempt[] }>;
  /** How limits would be held for a start now. */
  enforcement(): Promise<Enforcement>;
  /** What of sandboxes could be held for a start now; lists of addresses are looked at where `needs` says so, for that may take a try. */
  sandboxing(needs: { readonly addresses: boolean }): Promise<Sandboxing>;
  /**
   * Starts `spec`, unless its attempt was started before. A `started` event is told before the
   * answer, and for a quick program the `exited` one too. Rejects as `host.closed` when the host was let go first: whether it happens only the next `connect` can say.
   */
  start(spec: StartSpec): Promise<StartReply>;
  /** Begins `plan`; `already` when a stop is under way (only a plan that kills earlier is taken), `gone` when nothing is alive. */
  stop(attemptId: AttemptId, plan: StopPlan, reason: StopReason): Promise<'stopping' | 'already' | 'gone'>;
  /** Usage of all live attempts. */
  usage(): Promise<ReadonlyMap<AttemptId, LiveUsage>>;
  /** The ledger has everything up to `cursor`; a host whose record is small keeps it all the same until `forget`. */
  acknowledge(cursor: HostCursor): void;
  /** A verified copy of the ledger has everything up to `cursors`: nobody will ask for it again, even if the ledger is lost. */
  forget(cursors: readonly HostCursor[]): void;
  /** Lets go; with `end` the host's own process ends too when it holds nothing. */
  close(how: 'leave' | 'end'): Promise<void>;
}
