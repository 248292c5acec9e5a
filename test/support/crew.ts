// Twenty real agents under a real daemon: each prints until it is told how to end, and what it did can be checked to the line.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { RecordedFact } from '../../src/core/run/facts.ts';
import type { RunView } from '../../src/ports/control.ts';
import { seeded } from './chance.ts';
import type { DaemonProcess } from './daemon-process.ts';

/** Agents alive at one time. */
export const CREW = 20;

/** How an agent is told to end, and the exit that must be recorded. */
interface End {
  readonly script: string;
  readonly exit: { readonly code: number | null; readonly signal: string | null };
}

const SIGNALS = ['TERM', 'KILL', 'HUP', 'ABRT'] as const;

/** Prints twice a second until `end.<number>` exists, and does what stands there. */
const TASK = `
echo began >>began.$1
n=0
while [ ! -s end.$1 ]; do n=$((n+1)); echo "line $n"; sleep 0.5; done
echo "total $n"
. ./end.$1
`;

/**
 * Stands below `[factory]`. As many agents as may live at once: none of them fails often enough in a row to be quarantined;
 * and every third ends by a signal of its own, which here is no sign that something kills what runs.
 */
export const CREW_TOML = [
  'mass_death_hold = "0s"\n',
  ...Array.from({ length: CREW }, (_, index) => agentToml(nameOf(index + 1), TASK)),
].join('');

/** An agent that runs the shell script `task` with what `adf run` is given, and whatever `more` says. */
export function agentToml(name: string, task: string, more = 'timeout = "2m"'): string {
  return `
[[agents]]
name = "${name}"
layer = "Growth"
cli_tool = "sh"
overlap = "allow"
working_dir = "."
grace_period_secs = 5
max_memory_bytes = "64MiB"
${more}
task = '''${task}'''
`;
}

/** The agent that runs number `number`. */
export function nameOf(number: number): string {
  return `crew-${((number - 1) % CREW) + 1}`;
}

/** Some end with 0, some with another code, some by a signal. */
function endOf(number: number): End {
  const signal = SIGNALS[number % SIGNALS.length] ?? 'TERM';
  return number % 3 === 2
    ? { script: `kill -${signal} $$`, exit: { code: null, signal: `SIG${signal}` } }
    : {
        script: `exit ${number % 3 === 0 ? 0 : number % 200}`,
        exit: { code: number % 3 === 0 ? 0 : number % 200, signal: null },
      };
}

/** The numbers of round `round`. */
export function crewOf(round: number): readonly number[] {
  return Array.from({ length: CREW }, (_, index) => round * CREW + index + 1);
}

/** Tells the agents to end. */
export function release(daemon: DaemonProcess, numbers: readonly number[]): void {
  for (const number of numbers) {
    writeFileSync(daemon.rig.path(`end.${number}`), `${endOf(number).script}\n`);
  }
}

/** An agent that is always on: each time that it begins it says `word` in `began.<name>`. */
export function alwaysToml(name: string, word: string): string {
  return `
[[agents]]
name = "${name}"
layer = "Safety"
cli_tool = "sh"
working_dir = "."
grace_period_secs = 5
max_memory_bytes = "64MiB"
task = "echo ${word} >>began.${name}; exec sleep 300"
`;
}

/** What the agents called `names` said, each time that they began. */
export function saidBy(daemon: DaemonProcess, names: readonly string[]): readonly (readonly string[])[] {
  return names.map((name) => {
    const path = daemon.rig.path(`began.${name}`);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  });
}

/** Asks for one run per number; resolves when all of them print. The ids, in the order of the numbers. */
export async function startCrew(daemon: DaemonProcess, numbers: readonly number[]): Promise<readonly string[]> {
  const replies = await Promise.all(
    numbers.map(async (number) => daemon.client.run(nameOf(number), { key: `crew-${number}`, args: [String(number)] })),
  );
  const ids = replies.map((reply) => reply.run.id);
  await daemon.until(async () => {
    const live = new Set((await daemon.runs()).filter((run) => run.state === 'running').map((run) => run.id));
    return ids.every((id) => live.has(id)) && numbers.every((number) => timesBegun(daemon, number) === 1) ? true : null;
  });
  return ids;
}

/** Resolves with the runs of `ids` when all have ended. */
export async function ended(daemon: DaemonProcess, ids: readonly string[]): Promise<readonly RunView[]> {
  return daemon.until(async () => {
    const runs = new Map((await daemon.runs()).map((run) => [run.id, run]));
    const found = ids.flatMap((id) => runs.get(id) ?? []);
    return found.length === ids.length && found.every((run) => run.state === 'ended') ? found : null;
  });
}

/** How often the agent's script began: nothing may run twice. */
export function timesBegun(daemon: DaemonProcess, number: number): number {
  const path = daemon.rig.path(`began.${number}`);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}

/** Fails unless every run of `ids` ended once, as its number says, and all its lines are in its file. */
export async function expectTrueEnds(
  daemon: DaemonProcess,
  given: {
    readonly numbers: readonly number[];
    readonly runs: readonly RunView[];
    readonly facts: readonly RecordedFact[];
  },
): Promise<void> {
  const { numbers, runs, facts } = given;
  expect(runs.map((run) => run.exit)).toEqual(numbers.map((number) => endOf(number).exit));
  expect(runs.map((run) => run.outcome?.kind)).toEqual(
    numbers.map((number) => (endOf(number).exit.code === 0 ? 'succeeded' : 'failed')),
  );
  expect(numbers.map((number) => timesBegun(daemon, number))).toEqual(numbers.map(() => 1));
  for (const kind of ['attempt.starting', 'attempt.started', 'attempt.ended', 'run.ended'] as const) {
    const told = (id: string): number => facts.filter((fact) => fact.kind === kind && fact.run === id).length;
    expect([kind, runs.map((run) => told(run.id))]).toEqual([kind, runs.map(() => 1)]);
  }
  await Promise.all(runs.map(async (run) => expectWholeOutput(daemon, run.id)));
}

/** Every line that the agent says it printed is there, in order, once. */
export async function expectWholeOutput(daemon: DaemonProcess, run: string): Promise<void> {
  const { attempts } = await daemon.client.show(run);
  const lines = readFileSync(attempts[0]?.outPath ?? '', 'utf8')
    .trimEnd()
    .split('\n');
  const printed = lines.slice(0, -1);
  expect(lines.at(-1)).toBe(`total ${printed.length}`);
  expect(printed).toEqual(printed.map((_, index) => `line ${index + 1}`));
}

/** Chance that repeats itself: its seed from SEED, else from the clock, printed so that a failure can be had again. */
export function printedChance(title: string): () => number {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  process.stdout.write(`${title}: SEED=${seed}\n`);
  return seeded(seed);
}
