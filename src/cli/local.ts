// What works without a daemon, as functions that main provides; every result is data, the commands make words of it.

import type { AttemptEnforcement, Trigger } from '../core/run/run.ts';
import type { RecordedFact } from '../core/run/facts.ts';
import type { NextView, ProblemView, RunView, StatusView } from '../http/contract.ts';

/** Which agents.toml: `--config`, or null for $ADF_CONFIG, the nearest one upwards, /etc/adf/agents.toml. */
export interface ConfigPlace {
  readonly config: string | null;
}

/** Where flags lie: as agents.toml says, or, where it is broken, as the daemon that runs has it in force. */
export interface FlagPlace extends ConfigPlace {
  readonly inForce?: { readonly pauseDir: string; readonly projects: readonly string[] };
}

/** `start` as it was asked for. */
export interface StartWish extends ConfigPlace {
  /** SIGTERM drains, too. */
  readonly drainOnTerm: boolean;
  /** `json`: log lines for a collector instead of lines for people; null: where systemd started it. */
  readonly log: 'json' | 'text' | null;
}

/** What a factory in the foreground tells of itself when it stands. */
export interface StartedView {
  readonly name: string;
  readonly version: string;
  readonly stateDir: string;
  readonly pauseDir: string;
  readonly projects: readonly string[];
  readonly agents: readonly {
    readonly key: string;
    readonly name: string;
    readonly memoryBytes: number;
    readonly wallMs: number;
  }[];
  readonly limits: AttemptEnforcement;
  /** Attempts of an earlier daemon that go on. */
  readonly held: number;
  readonly warnings: readonly ProblemView[];
  readonly next: readonly NextView[];
}

/** Where a factory in the foreground shows what happens. */
export interface Foreground {
  started(view: StartedView): void;
  /** `trigger`: why the run of a start was asked for. */
  fact(fact: RecordedFact, trigger?: Trigger): void;
  /** Ctrl-C: `live` runs get `graceMs`. */
  /** A finished line of a log, as it is. */
  line(text: string): void;
  draining(view: { readonly live: number; readonly graceMs: number }): void;
  stopped(view: { readonly recorded: number; readonly left: number }): void;
}

/** `check`. */
export interface CheckView {
  /** The file that was checked. */
  readonly path: string;
  readonly ok: boolean;
  readonly errors: readonly ProblemView[];
  readonly warnings: readonly ProblemView[];
}

/** `init`. */
export interface InitView {
  readonly path: string;
  /** False: the file was there already and was left alone. */
  readonly written: boolean;
  readonly agents: readonly string[];
  /** What it found in the repository that led to them. */
  readonly notes: readonly string[];
}

/** What a daemon tells doctor of itself. */
export type DaemonSeen = Pick<StatusView, 'pid' | 'stateDir' | 'limits'>;

/** One thing that `doctor` looked at. */
export interface DoctorCheck {
  readonly area: string;
  /** `limited`: works, but not in full; `missing`: something that agents.toml needs does not work. */
  readonly state: 'ok' | 'limited' | 'missing';
  readonly text: string;
  /** What to do about it. */
  readonly remedy: string | null;
}

/** `doctor --conformance`: which CLIs and scenarios; none named: all. */
export interface ConformanceWish {
  readonly clis: readonly string[];
  readonly scenarios: readonly string[];
}

/** What one agent CLI of this machine did in the scenarios. Tokens: input / cache read / cache write / output / reasoning. */
export interface ConformanceView {
  readonly cli: string;
  readonly version: string;
  readonly program: string;
  /** The version that the driver was measured with. */
  readonly measuredWith: string | null;
  readonly rows: readonly {
    readonly scenario: string;
    /** The outcome as one word: its class, or its kind. */
    readonly ending: string;
    readonly expected: string;
    readonly told: string;
    /** The model's own count. */
    readonly served: string;
    readonly requests: number;
    readonly seconds: number;
    /** What is not as expected, in sentences. */
    readonly wrong: readonly string[];
  }[];
}

/** `pause`: `made` is false when the flag was there already. */
export interface PauseView {
  readonly project: string;
  readonly flag: string;
  readonly made: boolean;
  readonly owner: 'human' | 'breaker';
  readonly since: number;
  /** When it ends by itself. */
  readonly until: number | null;
}

/** `resume`: `removed` is false when there was no flag. */
export interface ResumeView {
  readonly project: string;
  readonly flag: string;
  readonly removed: boolean;
}

/** `try` as it was asked for. `driver` null: `command` is a program and its arguments; else `command` is empty. */
export interface TryWish extends ConfigPlace {
  readonly driver: string | null;
  readonly task: string | null;
  readonly command: readonly string[];
  readonly project: string | null;
  readonly memoryBytes: number | null;
  readonly wallMs: number | null;
  readonly cpuMs: number | null;
}

/** `try`: what became of it, against which limits, and the entry that keeps it. */
export interface TryView {
  readonly run: RunView;
  readonly limits: { readonly memoryBytes: number; readonly wallMs: number; readonly cpuMs: number | null };
  readonly toml: string;
}

/** Which tries `runs --tries` lists. */
export interface TriesFilter {
  readonly project?: string;
  readonly state?: string;
  readonly outcome?: string;
  readonly limit: number;
}

/** Changes of the machine itself. */
export type InstallVerb = 'install' | 'upgrade' | 'uninstall';

/** `install` and its like as they were asked for. */
export interface InstallWish {
  readonly verb: InstallVerb;
  /** Show, change nothing. */
  readonly printOnly: boolean;
}

/** What they did, or would do. */
export interface InstallView {
  readonly verb: InstallVerb;
  readonly printed: boolean;
  readonly steps: readonly {
    readonly what: string;
    /** The whole text of a file. */
    readonly text: string | null;
    readonly state: 'planned' | 'changed' | 'already';
  }[];
  /** What is wrong with the projects of agents.toml, as doctor says it; nothing before anything was done. */
  readonly checks: readonly DoctorCheck[];
  /** What a person does next. */
  readonly next: readonly string[];
}

/** Everything that needs no daemon. Failures are OperationalError: codes `config…` end with 2, all others with 1. */
export interface Local {
  /** The control socket of the daemon that runs this configuration. */
  socketPath(place: ConfigPlace): Promise<string>;
  /** Why nobody may be at that socket though a daemon runs: what the configuration does not say; null: it says all. */
  whyThere(place: ConfigPlace): Promise<string | null>;
  /** Runs the factory until it is told to end; answers the exit code. Signals are its own. */
  start(wish: StartWish, foreground: Foreground): Promise<number>;
  check(place: ConfigPlace): Promise<CheckView>;
  /** Writes `text` to `path`, all of it or nothing. */
  savePlan(path: string, text: string): Promise<void>;
  /** Writes agents.toml for the repository at `directory` (null: where we stand). */
  init(directory: string | null): Promise<InitView>;
  install(wish: InstallWish): Promise<InstallView>;
  next(place: ConfigPlace, forMs: number): Promise<readonly NextView[]>;
  /** `daemon`: the one that answers; null: none does. */
  doctor(place: ConfigPlace, daemon?: DaemonSeen | null): Promise<readonly DoctorCheck[]>;
  /** Takes minutes; `tell` is told how far it is. Asks no provider, and reads no login. */
  conformance(
    place: ConfigPlace,
    wish: ConformanceWish,
    watch: { readonly tell: (line: string) => void; readonly interrupt: AbortSignal },
  ): Promise<readonly ConformanceView[]>;
  /** `project` may be `__all__`. Throws `unknown_project` with the nearest name. */
  pause(
    place: FlagPlace,
    wish: {
      readonly project: string;
      readonly forMs: number | null;
      readonly reason: string | null;
      readonly by: string;
    },
  ): Promise<PauseView>;
  resume(place: FlagPlace, wish: { readonly project: string; readonly by: string }): Promise<ResumeView>;
  /** `onOutput` is told what it prints, while it runs; `interrupt` cancels it. */
  try(
    wish: TryWish,
    watch: { readonly onOutput: (text: string) => void; readonly interrupt: AbortSignal },
  ): Promise<TryView>;
  /** What was tried, newest first. */
  tries(place: ConfigPlace, filter: TriesFilter): Promise<readonly RunView[]>;
}
