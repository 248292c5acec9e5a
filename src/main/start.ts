// `adf start`: the factory in the foreground or as a service.

import { serviceNotice } from '../adapters/host/service-notice.ts';
import type { Foreground, StartWish, StartedView } from '../cli/local.ts';
import { definedEnvironment, readEnvironment, unitFolders } from '../config/env.ts';
import { LARGE_FLEET, releaseMemory } from '../config/release-memory.ts';
import type { Fleet } from '../core/fleet.ts';
import { heartbeatFile } from '../core/install/layout.ts';
import { redact } from '../core/redact.ts';
import type { RecordedFact } from '../core/run/facts.ts';
import type { Trigger } from '../core/run/run.ts';
import type { Daemon } from '../daemon/daemon.ts';
import type { House } from '../daemon/house.ts';
import { serve } from '../http/serve.ts';
import type { ControlServer } from '../http/serve.ts';
import { messageOf, OperationalError } from '../lib/operational-error.ts';
import { calmed } from './calm.ts';
import { compose } from './compose.ts';
import type { ComposeInput } from './compose.ts';
import { controlSocket, load, loadOrThrow, prepareSocket, runningNow } from './config.ts';
import { fingerprint, loadedFrom } from './fingerprint.ts';
import { askOfKeepers } from './keepers-in-service.ts';
import type { KeeperQuestion } from './keepers-in-service.ts';
import type { Log } from './log.ts';
import { packageVersion } from './package-files.ts';
import { EndWish, onSignals } from './signals.ts';
import { secretsOf } from './secrets.ts';

/** Coming slots named when it stands. */
const NEXT_SHOWN = 3;
/** How far the list of coming slots looks. */
const NEXT_WITHIN_MS = 24 * 3_600_000;

/** What tests put in the place of the outside. */
export interface StartParts extends Pick<ComposeInput, 'clock' | 'host'> {
  /** What goes into force instead of what was loaded. */
  readonly seen?: (fleet: Fleet) => Fleet;
}

/** Runs the factory until a signal ends it; answers the exit code. Errors: those of the configuration and of the ledger. */
export async function start(wish: StartWish, shown: Foreground, parts: StartParts = {}): Promise<number> {
  const isService = unitFolders(readEnvironment()).state !== null;
  const place = { config: wish.config, asService: true, foreground: !isService };
  const first = loadOrThrow(place);
  const { path, warnings } = first;
  let from = loadedFrom(first, null);
  const { seen = (fleet: Fleet) => fleet, ...outside } = parts;
  const fleet = seen(first.fleet);
  const environment = definedEnvironment();
  const ended = new EndWish();
  let known = (): readonly string[] => secretsOf(fleet, environment);
  const asLog = wish.log === 'json' || (wish.log === null && isService);
  const { foreground, problem } = await tellerOf(shown, asLog, () => known());
  const warn = calmed((message) => problem('warn', message), Date.now);
  const notice = serviceNotice({ environment, heartbeat: heartbeatFile(fleet.factory.stateDir), failed: warn });
  await mindKeepers({ choice: fleet.factory.host, pid: process.pid, environment }, warn);
  const { daemon, house } = await compose({
    ...outside,
    fleet,
    configPath: path,
    environment,
    version: packageVersion(),
    // The same file, and none that may be found in its place when it is gone.
    load: async (running) => {
      const now = load({ ...place, config: path }, runningNow(running));
      from = loadedFrom(now, from);
      return Promise.resolve(now.kind === 'ok' ? { ...now, fleet: seen(now.fleet) } : now);
    },
    fingerprint: () => fingerprint(from),
    warn,
    passed: notice.passed,
    fatal: (error) => {
      ended.fatal(error);
    },
  });
  known = () => house.secrets.known();
  const facts = tellFacts(house, foreground);
  const restore = onSignals({ daemon, house, ended, foreground, drainOnTerm: wish.drainOnTerm, warn });
  try {
    const socketPath = controlSocket(fleet);
    prepareSocket(socketPath, fleet);
    await daemon.start();
    const server = await serve({
      control: daemon.control,
      socketPath,
      shared: unitFolders(environment).runtime !== null,
      onCrash: (error) => {
        daemon.failed(error);
      },
    });
    await notice.ready();
    foreground.started(await startedView(daemon, house, warnings));
    if (fleet.agents.length >= LARGE_FLEET) {
      // Starting looked at every agent more than once; an idle process would keep that memory.
      releaseMemory();
    }
    facts.begin();
    return await finish({ daemon, ended, server, told: { foreground, problem }, recorded: facts.recorded });
  } finally {
    restore();
  }
}

/** Refuses keepers that each restart of our service would end, where there is another way; warns of them elsewhere. Error: `config`. */
async function mindKeepers(question: Omit<KeeperQuestion, 'isRoot'>, warn: (message: string) => void): Promise<void> {
  const wrong = await askOfKeepers({ ...question, isRoot: process.getuid?.() === 0 });
  if (wrong?.refused === true) {
    throw new OperationalError('config', `${wrong.text}: ${wrong.cure}`);
  }
  if (wrong !== null) {
    warn(`${wrong.text}: ${wrong.cure}`);
  }
}

/** Who is told what happens: a person, or a collector of logs. A person's terminal does without the logger's memory. */
async function tellerOf(shown: Foreground, asLog: boolean, secrets: () => readonly string[]): Promise<Log> {
  if (asLog) {
    const { logTo } = await import('./log.ts');
    return logTo(shown, { secrets });
  }
  return { foreground: shown, problem: (_level, message) => process.stderr.write(`${redact(message, secrets())}\n`) };
}

/** Tells `foreground` each fact, from `begin` on: what happens before is shown below the line that says what has started. */
function tellFacts(
  house: House,
  foreground: Foreground,
): { readonly begin: () => void; readonly recorded: () => number } {
  let recorded = 0;
  let early: RecordedFact[] | null = [];
  const tell = (fact: RecordedFact): void => foreground.fact(fact, triggerOf(house, fact));
  house.feed.subscribe((fact) => {
    recorded += fact.kind === 'run.ended' ? 1 : 0;
    if (early === null) {
      tell(fact);
    } else {
      early.push(fact);
    }
  });
  return {
    begin: () => {
      early?.forEach(tell);
      early = null;
    },
    recorded: () => recorded,
  };
}

/** Why the run of a start was asked for. */
function triggerOf(house: House, fact: RecordedFact): Trigger | undefined {
  return fact.kind === 'attempt.started' && fact.run !== undefined
    ? house.ledger.runs.get(fact.run)?.trigger
    : undefined;
}

async function startedView(daemon: Daemon, house: House, warnings: StartedView['warnings']): Promise<StartedView> {
  const fleet = house.fleet.now;
  return {
    name: fleet.factory.name,
    version: house.boot.version,
    stateDir: fleet.factory.stateDir,
    pauseDir: fleet.factory.pauseDir,
    projects: fleet.projects.map((project) => project.id),
    agents: fleet.agents.map(({ key, name, maxMemoryBytes, timeoutMs }) => ({
      key,
      name,
      memoryBytes: maxMemoryBytes,
      wallMs: timeoutMs,
    })),
    limits: await house.host.enforcement(),
    held: house.ledger.attempts.open().length,
    warnings,
    next: (await daemon.control.next(NEXT_WITHIN_MS)).slice(0, NEXT_SHOWN),
  };
}

async function finish(given: {
  readonly daemon: Daemon;
  readonly ended: EndWish;
  readonly server: ControlServer;
  readonly told: Log;
  readonly recorded: () => number;
}): Promise<number> {
  const { daemon, ended, server, told } = given;
  const why = await ended.wait();
  try {
    if (why.kind === 'fatal') {
      throw why.error;
    }
    const { left } = await daemon.stop(why.how, async () => server.close());
    told.foreground.stopped({ recorded: given.recorded(), left });
    return why.code;
  } catch (error) {
    await server.close();
    if (error instanceof OperationalError && error.code !== 'fenced') {
      throw error;
    }
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    told.problem(
      'error',
      `adf: this must not happen, the daemon ends; agents go on and the next start adopts them: ${messageOf(error)}\n${stack}`,
    );
    return 1;
  }
}
