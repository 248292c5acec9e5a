// Builds a house and its daemon from a loaded fleet: the one place that knows every adapter.

import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../adapters/clock/system-clock.ts';
import { zoneTable } from '../adapters/clock/zone-table.ts';
import { runFiles } from '../adapters/files/run-files.ts';
import { diskRoom, machineLoad, machineSize, pressurePercent, processIsAlive } from '../adapters/host/machine.ts';
import { silenceNotes } from '../adapters/host/silence-notes.ts';
import { treeWaits } from '../adapters/host/tree-waits.ts';
import { fileFlags } from '../adapters/pause-flags/files.ts';
import { sha256 } from '../config/hash.ts';
import { findProgram } from '../config/this-machine.ts';
import { silenceFolder } from '../core/install/layout.ts';
import type { Fleet } from '../core/fleet.ts';
import { personFlagText } from '../core/pause/flag-text.ts';
import { FACTORY_FLAG } from '../core/pause/flag.ts';
import { Daemon } from '../daemon/daemon.ts';
import { Feed } from '../daemon/feed.ts';
import { FleetInForce } from '../daemon/house.ts';
import type { House } from '../daemon/house.ts';
import type { LoadedFleet } from '../daemon/reconciler.ts';
import { redactedLedger } from '../daemon/redacted-ledger.ts';
import { driverFor } from '../drivers/registry.ts';
import { OperationalError } from '../lib/operational-error.ts';
import { bootId, identityOf, isAlive } from '../os/process-identity.ts';
import { stateIdOf } from '../os/state-id.ts';
import type { Clock } from '../ports/clock.ts';
import type { ExecutionHost } from '../ports/execution-host.ts';
import type { IssueView } from '../ports/control.ts';
import type { PauseFlags } from '../ports/pause-flags.ts';
import type { Tracker } from '../ports/tracker.ts';
import { secretsInForce } from './agent-secrets.ts';
import { alertingInForce } from './alerting.ts';
import { makeExecutionHost } from './execution-host.ts';
import { meterVariables } from './metering.ts';
import { openOrRestore } from './open-or-restore.ts';
import { packageFile } from './package-files.ts';
import { trackerInForce } from './tracker.ts';

/** What a daemon is made of; the optional parts are replaced by tests. */
export interface ComposeInput {
  readonly fleet: Fleet;
  readonly configPath: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly version: string;
  /** Reads the configuration as it is now. */
  readonly load: (running: Fleet) => Promise<LoadedFleet>;
  /** Another text as soon as a file of the configuration is another one. */
  readonly fingerprint?: () => string;
  readonly warn: (message: string) => void;
  /** A pass of the scheduler was completed. */
  readonly passed?: () => void;
  readonly fatal: (error: unknown) => void;
  readonly clock?: Clock;
  readonly host?: ExecutionHost;
  readonly tracker?: Tracker;
  readonly fileWatching?: boolean;
}

/** A daemon that was not started yet, and its house. */
export interface Composed {
  readonly daemon: Daemon;
  readonly house: House;
}

/** Opens the state directory (taking its lease) and wires everything. Errors: those of `openLedger`. */
export async function compose(input: ComposeInput): Promise<Composed> {
  const { fleet, clock = systemClock } = input;
  const { stateDir } = fleet.factory;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const self = identityOf(process.pid) ?? { bootId: bootId(), pid: process.pid, startTicks: 0 };
  const place = { path: join(stateDir, 'ledger.db'), migrationsDir: packageFile('migrations'), self, isAlive };
  const inForce = new FleetInForce(fleet);
  const secrets = secretsInForce(inForce, input.environment);
  const { ledger: opened, restored } = openOrRestore(place, clock.now());
  const ledger = redactedLedger(opened, () => secrets.known());
  const flags = flagsInForce(inForce, clock, input.fileWatching ?? true);
  const tracker = trackerInForce(inForce, { clock, ledger, environment: input.environment });
  if (restored !== null) {
    await pauseRestored(restored, { flags: flags.now, at: clock.now(), warn: input.warn });
  }
  const { version, environment, warn } = input;
  const choice = fleet.factory.host;
  const host =
    input.host ?? makeExecutionHost({ choice, stateDir, version, environment, log: warn, fail: failing(input) });
  const house: House = {
    clock,
    ledger,
    host,
    pauseFlags: flags,
    get tracker() {
      return input.tracker ?? tracker();
    },
    alerting: alertingInForce(inForce, clock, input.environment),
    zones: zoneTable(),
    feed: new Feed(),
    fleet: inForce,
    files: runFiles(stateDir, host.inputsDir ?? undefined),
    driverFor,
    meter: meterVariables,
    machine: thisMachine(stateDir),
    silences: silenceNotes(silenceFolder(stateDir)),
    chance: { random: Math.random, uuid: randomUUID },
    digest: sha256,
    boot: { bootId: self.bootId, pid: self.pid, version: input.version },
    environment: input.environment,
    secrets,
  };
  const daemon = new Daemon({
    house,
    configPath: input.configPath,
    hostName: hostname(),
    load: async () => input.load(inForce.now),
    ...(input.fingerprint === undefined ? {} : { fingerprint: input.fingerprint }),
    issues: () => localIssues(house),
    fatal: input.fatal,
    warn: input.warn,
    ...(input.passed === undefined ? {} : { passed: input.passed }),
  });
  return { daemon, house };
}

/** What the host meets by itself: the outside failing is told, a broken invariant ends the daemon. */
function failing({ warn, fatal }: Pick<ComposeInput, 'warn' | 'fatal'>): (error: unknown) => void {
  return (error) => {
    if (error instanceof OperationalError) {
      warn(error.message);
    } else {
      fatal(error);
    }
  };
}

function thisMachine(stateDir: string): House['machine'] {
  let stateId: string | null = null;
  return {
    totalMemoryBytes: machineSize().memoryBytes,
    disk: async () => diskRoom(stateDir),
    pressurePercent: (of) => pressurePercent(of),
    findProgram,
    load: machineLoad,
    waits: (process, attempt) => {
      stateId ??= stateIdOf(stateDir);
      return treeWaits({ ...process, marker: { attempt, stateId }, leaf: null });
    },
    isAlive: async (process) => Promise.resolve(processIsAlive(process)),
  };
}

/** What a restored ledger does not know may have been done already: a person looks first. */
async function pauseRestored(
  restored: string,
  to: { readonly flags: PauseFlags; readonly at: number; readonly warn: (message: string) => void },
): Promise<void> {
  const path = to.flags.path(FACTORY_FLAG);
  const asked = { by: 'dark-factory', reason: restored, at: to.at, until: null };
  const text = personFlagText(asked, { name: FACTORY_FLAG, path });
  await to.flags.touchPauseFlag({ name: FACTORY_FLAG, text, own: null });
  to.warn(`adf: ${restored}: rm ${path}`);
}

/** The flags of whatever pause_dir is in force. */
function flagsInForce(inForce: FleetInForce, clock: Clock, fileWatching: boolean): { readonly now: PauseFlags } {
  let flags: PauseFlags | null = null;
  return {
    get now(): PauseFlags {
      const dir = inForce.now.factory.pauseDir;
      if (flags?.dir !== dir) {
        flags = fileFlags({ dir, clock, fileWatching });
      }
      return flags;
    },
  };
}

/** Issues shown by `adf issues` at most. */
const MAX_ISSUES = 200;

function localIssues(house: House): readonly IssueView[] {
  const { issues } = house.ledger;
  return issues
    .list({ project: null, state: null, limit: MAX_ISSUES })
    .map(({ number, project, title, state, body, labels, createdAt }) => ({
      number,
      project,
      title,
      state,
      body,
      labels,
      createdAt,
      comments: issues.comments(number).map((comment) => ({ body: comment.body, createdAt: comment.createdAt })),
    }));
}
