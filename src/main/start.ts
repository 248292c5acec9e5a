// `adf start`: the factory in the foreground or as a service, and what signals do to it (runtime.md section 2).

import type { Foreground, StartWish, StartedView } from '../cli/local.ts';
import { readEnvironment, unitFolders } from '../config/env.ts';
import { LARGE_FLEET, releaseMemory } from '../config/release-memory.ts';
import type { Fleet } from '../core/fleet.ts';
import type { RecordedFact } from '../core/run/facts.ts';
import type { Trigger } from '../core/run/run.ts';
import type { Daemon, StopHow } from '../daemon/daemon.ts';
import type { House } from '../daemon/house.ts';
import { serve } from '../http/serve.ts';
import type { ControlServer } from '../http/serve.ts';
import { messageOf } from '../lib/operational-error.ts';
import { compose } from './compose.ts';
import type { ComposeInput } from './compose.ts';
import { controlSocket, loadOrThrow, prepareSocket, reload } from './config.ts';
import { packageVersion } from './package-files.ts';

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
export async function start(wish: StartWish, foreground: Foreground, parts: StartParts = {}): Promise<number> {
  const place = { config: wish.config, asService: true, foreground: unitFolders(readEnvironment()).state === null };
  const { fleet: loaded, path, warnings } = loadOrThrow(place);
  const { seen = (fleet: Fleet) => fleet, ...outside } = parts;
  const fleet = seen(loaded);
  const ended = new EndWish();
  const { daemon, house } = await compose({
    ...outside,
    fleet,
    configPath: path,
    environment: definedOnly(readEnvironment()),
    version: packageVersion(),
    // The same file, and none that may be found in its place when it is gone.
    load: async (inForce) => Promise.resolve(reload({ ...place, config: path }, inForce)),
    warn: (message) => {
      process.stderr.write(`${message}\n`);
    },
    fatal: (error) => {
      ended.fatal(error);
    },
  });
  let recorded = 0;
  // What happens while it starts is shown below the line that says what has started.
  let early: RecordedFact[] | null = [];
  house.feed.subscribe((fact) => {
    recorded += fact.kind === 'run.ended' ? 1 : 0;
    if (early === null) {
      foreground.fact(fact, triggerOf(house, fact));
    } else {
      early.push(fact);
    }
  });
  const restore = onSignals({ daemon, house, ended, foreground, drainOnTerm: wish.drainOnTerm });
  try {
    const socketPath = controlSocket(fleet);
    prepareSocket(socketPath, fleet);
    await daemon.start();
    const server = await serve({
      control: daemon.control,
      socketPath,
      onCrash: (error) => {
        ended.fatal(error);
      },
    });
    foreground.started(await startedView(daemon, house, warnings));
    if (fleet.agents.length >= LARGE_FLEET) {
      // Starting looked at every agent more than once; an idle process would keep that memory.
      releaseMemory();
    }
    for (const fact of early) {
      foreground.fact(fact, triggerOf(house, fact));
    }
    early = null;
    return await finish({ daemon, house, ended, server, foreground, recorded: () => recorded });
  } finally {
    restore();
  }
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
  readonly house: House;
  readonly ended: EndWish;
  readonly server: ControlServer;
  readonly foreground: Foreground;
  readonly recorded: () => number;
}): Promise<number> {
  const { daemon, house, ended, server, foreground } = given;
  const why = await ended.wait();
  if (why.kind === 'fatal') {
    process.stderr.write(
      `adf: this must not happen, the daemon ends; agents go on and the next start adopts them: ${messageOf(why.error)}\n`,
    );
    process.stderr.write(`${why.error instanceof Error ? (why.error.stack ?? '') : ''}\n`);
    await server.close();
    return 1;
  }
  await server.close();
  const left = (): number => (why.how.kind === 'leave' ? house.ledger.attempts.open().length : 0);
  const count = left();
  await daemon.stop(why.how);
  foreground.stopped({ recorded: given.recorded(), left: count });
  return why.code;
}

/** How the daemon is asked to end; the first wish counts. */
class EndWish {
  private resolve: (why: Wish) => void = () => undefined;
  private readonly promise = new Promise<Wish>((resolve) => {
    this.resolve = resolve;
  });

  end(how: StopHow, code: number): void {
    this.resolve({ kind: 'end', how, code });
  }

  fatal(error: unknown): void {
    this.resolve({ kind: 'fatal', error });
  }

  async wait(): Promise<Wish> {
    return this.promise;
  }
}

type Wish =
  | { readonly kind: 'end'; readonly how: StopHow; readonly code: number }
  | { readonly kind: 'fatal'; readonly error: unknown };

/** Installs the signal handlers; the answer takes them away again. */
function onSignals(given: {
  readonly daemon: Daemon;
  readonly house: House;
  readonly ended: EndWish;
  readonly foreground: Foreground;
  readonly drainOnTerm: boolean;
}): () => void {
  const { daemon, house, ended, foreground } = given;
  let interrupts = 0;
  const graceMs = (): number => house.fleet.now.factory.drainTimeoutMs;
  const drain = (): void => {
    foreground.draining({ live: house.ledger.runs.live().length, graceMs: graceMs() });
    ended.end({ kind: 'drain', timeoutMs: graceMs() }, 0);
  };
  const handlers: Readonly<Record<string, () => void>> = {
    SIGINT: () => {
      interrupts += 1;
      if (interrupts === 1) {
        drain();
      } else {
        daemon.killAll().catch((error: unknown) => {
          ended.fatal(error);
        });
      }
    },
    SIGTERM: () => {
      if (given.drainOnTerm) {
        drain();
      } else {
        ended.end({ kind: 'leave' }, 0);
      }
    },
    SIGHUP: process.stdin.isTTY
      ? () => {
          ended.end({ kind: 'leave' }, 0);
        }
      : () => {
          daemon.control.reload('SIGHUP').catch((error: unknown) => {
            ended.fatal(error);
          });
        },
  };
  for (const [signal, handle] of Object.entries(handlers)) {
    process.on(signal, handle);
  }
  return () => {
    for (const [signal, handle] of Object.entries(handlers)) {
      process.off(signal, handle);
    }
  };
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
