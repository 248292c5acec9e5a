// Reads agents.toml into the fleet that the rest of the house runs, or tells everything that is wrong with it.

import type { Factory, Fleet } from '../core/fleet.ts';
import { buildFleet } from './build.ts';
import { checkAgents } from './check-agents.ts';
import { checkAlerts, warnOfAi } from './check-alerts.ts';
import { checkBudgets, checkPrices } from './check-budgets.ts';
import { checkProjects } from './check-projects.ts';
import { checkSecrets, warnOfSecrets } from './check-secrets.ts';
import { collectEntries } from './collect.ts';
import type { ConfigProblem } from './problem.ts';
import { quote } from './problem.ts';
import { includesOf, readFiles } from './read-files.ts';
import { LARGE_FLEET, releaseMemory } from './release-memory.ts';
import { Schedules } from './schedules.ts';
import type { Source } from './source.ts';
import { warnOfFleet, warnOfKeys } from './warn.ts';
import type { World } from './world.ts';

/** Where a configuration stands, as far as it could be read: what has to change for it to be another one. */
export interface ReadFrom {
  /** agents.toml first, then what it includes. */
  readonly files: readonly string[];
  /** Absolute patterns: other files may match them later. */
  readonly includes: readonly string[];
}

/** A fleet, or why there is none. Warnings come with both. */
export type LoadResult = ReadFrom &
  (
    | { readonly kind: 'ok'; readonly fleet: Fleet; readonly warnings: readonly ConfigProblem[] }
    | {
        readonly kind: 'errors';
        readonly errors: readonly ConfigProblem[];
        readonly warnings: readonly ConfigProblem[];
      }
  );

/** The factory that runs already: its ledger, its agents' output and its clients stay where they are. */
export interface RunningFactory extends Pick<Factory, 'stateDir' | 'socket' | 'pauseDir' | 'host'> {
  /** Names of the pause flags that people made. */
  readonly flags: readonly string[];
}

/** Where the configuration is, and the world it is checked against. */
export interface LoadInput extends World {
  /** Path of agents.toml, as it is shown in messages; relative paths in the file start at its folder. */
  readonly path: string;
  /** Its content, where that is not the file's: a text that is checked before it is written. */
  readonly text?: string;
  readonly running?: RunningFactory | undefined;
}

/** Loads the fleet. All problems are told at once; files that are no TOML are told alone, since the rest cannot be known. */
export function loadFleet(input: LoadInput): LoadResult {
  const result = loadAll(input);
  if (result.kind === 'ok' && result.fleet.agents.length >= LARGE_FLEET) {
    releaseMemory();
  }
  return result;
}

function loadAll(input: LoadInput): LoadResult {
  const { sources, errors } = readFiles(input);
  const [main, ...fragments] = sources;
  const files = [input.path, ...fragments.map((source) => source.file)];
  const read = { files, includes: main === undefined ? [] : includesOf(main) };
  if (main === undefined || errors.length > 0) {
    return { ...read, kind: 'errors', errors: inOrder(errors), warnings: [] };
  }
  const entries = collectEntries([main, ...fragments]);
  checkProjects(entries);
  checkAlerts(entries);
  checkBudgets(entries);
  checkPrices(entries);
  checkSecrets(entries);
  const schedules = new Schedules();
  checkAgents(entries, input, schedules);
  for (const source of sources) {
    warnOfKeys(source);
  }
  if (sources.some((source) => source.errors.length > 0)) {
    const found = inOrder(sources.flatMap((source) => source.errors));
    return { ...read, kind: 'errors', errors: found, warnings: warningsOf() };
  }
  const fleet = buildFleet(entries, input, schedules);
  if (input.running !== undefined) {
    compareWithRunning(main, fleet.factory, input.running);
  }
  if (main.errors.length > 0) {
    return { ...read, kind: 'errors', errors: inOrder(main.errors), warnings: warningsOf() };
  }
  warnOfFleet(entries, fleet, input);
  warnOfAi(entries);
  warnOfSecrets(entries, fleet, input);
  return { ...read, kind: 'ok', fleet, warnings: warningsOf() };

  function warningsOf(): ConfigProblem[] {
    return inOrder(sources.flatMap((source) => source.warnings));
  }
}

function compareWithRunning(main: Source, next: Factory, running: RunningFactory): void {
  for (const [key, before, after] of [
    ['state_dir', running.stateDir, next.stateDir],
    ['socket', running.socket, next.socket],
  ] as const) {
    if (before !== after) {
      const now = before === null ? 'in its usual place' : `at ${quote(before)}`;
      main.error(['factory', key], `cannot move while the factory runs (now ${now}): stop it, then start it again`);
    }
  }
  if (running.host !== next.host) {
    // Who holds the agents is chosen once: another host would know nothing of those that run.
    const now = `(now ${quote(running.host)})`;
    main.error(['factory', 'host'], `cannot change while the factory runs ${now}: stop it, then start it again`);
  }
  const [flag] = running.flags;
  if (running.pauseDir !== next.pauseDir && flag !== undefined) {
    const left = `${quote(running.flags.join(' '))} in ${quote(running.pauseDir)}`;
    main.warning(['factory', 'pause_dir'], `flags that people made stay behind and pause nothing any more: ${left}`);
  }
}

/** By place within each file; the files stay in the order in which they were read. */
function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const files = [...new Set(problems.map((problem) => problem.file))];
  return [...problems].sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}
