// `adf doctor --conformance`: puts the agent CLIs of this machine through the scenarios of the kit, against a model on loopback.

import { isAbsolute } from 'node:path';
import { runProgram } from '../adapters/program.ts';
import type { ConfigPlace, ConformanceView, ConformanceWish } from '../cli/local.ts';
import { readEnvironment } from '../config/env.ts';
import { findProgram } from '../config/this-machine.ts';
import { CLI_NAMES } from '../conformance/expectations.ts';
import type { CliName } from '../conformance/expectations.ts';
import { Kit } from '../conformance/kit.ts';
import type { KitCli } from '../conformance/kit.ts';
import { agentsOf, casesOf, endingOf, tokensText } from '../conformance/scenarios.ts';
import type { Case, Measured } from '../conformance/scenarios.ts';
import { secondsOf } from '../conformance/table.ts';
import { driverFor } from '../drivers/registry.ts';
import { nearestName } from '../lib/nearest.ts';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import { OwnFactory } from './own-factory.ts';
import { fleetBeside } from './tries.ts';

/** Time for a CLI to print its version; opencode needs 12 s the first time. */
const VERSION_TIMEOUT_MS = 20_000;

/** One view for each CLI that is here. Errors: `usage` for a CLI or scenario that is none, or when none is here. */
export async function conformance(
  place: ConfigPlace,
  wish: ConformanceWish,
  watch: { readonly tell: (line: string) => void; readonly interrupt: AbortSignal },
): Promise<readonly ConformanceView[]> {
  const names = wish.clis.length === 0 ? CLI_NAMES : wish.clis.map((name) => oneOf(name, CLI_NAMES, 'agent CLI'));
  const scenarios = new Set(CLI_NAMES.flatMap((cli) => casesOf(cli).map(({ scenario }) => scenario)));
  const wanted = new Set(wish.scenarios.map((name) => oneOf(name, [...scenarios], 'scenario')));
  const here = names.flatMap((name) => cliOf(place, name) ?? []);
  if (here.length === 0) {
    throw new OperationalError('usage', `none of ${names.join(', ')} is on PATH, and agents.toml names no path of one`);
  }
  const views: ConformanceView[] = [];
  for (const cli of here) {
    if (!watch.interrupt.aborted) {
      const cases = casesOf(cli.name).filter(({ scenario }) => wanted.size === 0 || wanted.has(scenario));
      views.push(await putThrough(cli, cases, watch));
    }
  }
  return views;
}

async function putThrough(
  cli: KitCli,
  cases: readonly Case[],
  watch: { readonly tell: (line: string) => void; readonly interrupt: AbortSignal },
): Promise<ConformanceView> {
  const version = await versionOf(cli);
  const { measuredWith } = driverFor(cli.name).capabilities;
  watch.tell(`${cli.name} ${version} (${cli.program}): ${cases.length} scenarios`);
  const rows: ConformanceView['rows'][number][] = [];
  const factory = await OwnFactory.make(cli.name);
  let kit: Kit | null = null;
  try {
    kit = await Kit.start(cli, factory, agentsOf(cli.name));
    for (const each of cases) {
      if (watch.interrupt.aborted) {
        break;
      }
      rows.push(...(await played(kit, each, watch.interrupt)));
      watch.tell(`  ${each.scenario}: ${rows.at(-1)?.wrong.length === 0 ? 'as expected' : 'differs'}`);
    }
  } finally {
    await (kit ?? factory).close();
  }
  return { cli: cli.name, version, program: cli.program, measuredWith, rows };
}

/** One that does not come to its end is a row too: the others are still worth their time. */
async function played(kit: Kit, each: Case, interrupt: AbortSignal): Promise<ConformanceView['rows']> {
  const interrupted = new Promise<readonly Measured[]>((resolve) => {
    interrupt.addEventListener('abort', () => resolve([]), { once: true });
  });
  try {
    return (await Promise.race([each.play(kit), interrupted])).map(rowOf);
  } catch (error) {
    const nothing = { ending: 'none', told: '–', served: '–', requests: 0, seconds: 0 };
    return [{ ...nothing, scenario: each.scenario, expected: each.title, wrong: [messageOf(error)] }];
  }
}

function rowOf({ scenario, run, served, requests, expected, wrong }: Measured): ConformanceView['rows'][number] {
  return {
    scenario,
    ending: endingOf(run),
    expected,
    told: tokensText(run.usage ?? null),
    served: tokensText(served),
    requests,
    seconds: secondsOf(run),
    wrong,
  };
}

/** The program that agents.toml names by its path, else the one on PATH; null: neither. */
function cliOf(place: ConfigPlace, name: CliName): KitCli | null {
  const written = fleetBeside(place)
    ?.agents.map(({ cliTool }) => cliTool)
    .find((tool) => isAbsolute(tool) && driverFor(tool).name === name);
  const program = written ?? findProgram(name, readEnvironment()['PATH']);
  return program === null ? null : { name, program, capabilities: driverFor(name).capabilities };
}

async function versionOf({ program }: KitCli): Promise<string> {
  const env = { PATH: readEnvironment()['PATH'] ?? '/usr/local/bin:/usr/bin:/bin' };
  const { stdout, failure } = await runProgram({ argv: [program, '--version'], env, timeoutMs: VERSION_TIMEOUT_MS });
  // They print their name, before or after it, or nothing else.
  return failure === null
    ? (/\d+(?:\.\d+)+\S*/.exec(stdout)?.[0] ?? 'of unknown version')
    : `of unknown version: ${failure}`;
}

function oneOf<Name extends string>(name: string, all: readonly Name[], what: string): Name {
  const found = all.find((each) => each === name);
  if (found === undefined) {
    const near = nearestName(name, all);
    const hint = near === null ? `one of ${all.join(', ')}` : `did you mean "${near}"?`;
    throw new OperationalError('usage', `no ${what} is called "${name}" (${hint})`);
  }
  return found;
}
