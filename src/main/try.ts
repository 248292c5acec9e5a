// `adf try`: one run through the same gates, limits and ledger, without an entry in agents.toml.

import { join } from 'node:path';
import type { TryView, TryWish } from '../cli/local.ts';
import { definedEnvironment, readEnvironment } from '../config/env.ts';
import { loadFleet } from '../config/load.ts';
import { thisMachine } from '../config/this-machine.ts';
import type { AgentDefinition, Fleet } from '../core/fleet.ts';
import { DRIVER_NAMES } from '../drivers/registry.ts';
import { isRefusal } from '../daemon/lookup.ts';
import { OperationalError } from '../lib/operational-error.ts';
import type { ControlRefusal, RequestReply } from '../ports/control.ts';
import { compose } from './compose.ts';
import type { ComposeInput, Composed } from './compose.ts';
import { packageVersion } from './package-files.ts';
import { fleetBeside, tryFolder } from './tries.ts';

const MIB = 1024 ** 2;
/** How often new output is shown. */
const SHOW_MS = 100;

/** Runs the command to its end. Errors: those of the configuration, and `refused` when admission says no. */
export async function tryOnce(
  wish: TryWish,
  watch: { readonly onOutput: (text: string) => void; readonly interrupt: AbortSignal },
): Promise<TryView> {
  const toml = tomlOf(wish);
  const { fleet, agent } = fleetOf(wish, toml);
  let fatal: unknown = null;
  const composed = await composeTry({
    fleet,
    configPath: 'adf try',
    environment: definedEnvironment(),
    version: packageVersion(),
    load: async () => Promise.reject(new OperationalError('try', 'a try is not reloaded')),
    warn: () => undefined,
    fatal: (error) => {
      fatal = error;
    },
  });
  try {
    await composed.daemon.start();
    const reply = await composed.daemon.control.run(agent.key, { key: composed.house.chance.uuid() });
    const id = started(reply);
    await follow(composed, { id, ...watch });
    const detail = await composed.daemon.control.show(id);
    if (isRefusal(detail) || fatal !== null) {
      throw fatal instanceof Error ? fatal : new OperationalError('try', 'the run cannot be read');
    }
    return {
      run: detail.run,
      limits: { memoryBytes: agent.maxMemoryBytes, wallMs: agent.timeoutMs, cpuMs: agent.maxCpuMs },
      toml,
    };
  } finally {
    await composed.daemon.stop({ kind: 'kill' });
  }
}

/** As `compose`, but who holds the folder of tries is another try. */
async function composeTry(input: ComposeInput): Promise<Composed> {
  try {
    return await compose(input);
  } catch (error) {
    throw error instanceof OperationalError && error.code === 'lease_held'
      ? new OperationalError('try', 'another adf try is under way here: wait for its end', error)
      : error;
  }
}

function started(reply: RequestReply | ControlRefusal): string {
  if (isRefusal(reply)) {
    throw new OperationalError('refused', reply.refused.message);
  }
  if (reply.decision === 'refused') {
    throw new OperationalError('refused', reply.reasons.map((reason) => `${reason.code}: ${reason.text}`).join(' · '));
  }
  return reply.run.id;
}

async function follow(
  composed: Composed,
  given: { readonly id: string; readonly onOutput: (text: string) => void; readonly interrupt: AbortSignal },
): Promise<void> {
  const { control } = composed.daemon;
  given.interrupt.addEventListener('abort', () => void control.cancel(given.id), { once: true });
  let from = 0;
  for (;;) {
    const chunk = await control.logs(given.id, from, 'out');
    if (isRefusal(chunk)) {
      throw new OperationalError('try', chunk.refused.message);
    }
    if (chunk.text !== '') {
      given.onOutput(chunk.text);
      from = chunk.next;
    } else if (chunk.ended) {
      return;
    } else {
      await new Promise<void>((resolve) => {
        composed.house.clock.after(SHOW_MS, resolve);
      });
    }
  }
}

/** A fleet of one agent, in the pause_dir and beside the ledger of the real one where there is one. */
function fleetOf(wish: TryWish, toml: string): { readonly fleet: Fleet; readonly agent: AgentDefinition } {
  const env = readEnvironment();
  const world = { env, machine: thisMachine(env), drivers: DRIVER_NAMES, stateDirectory: null, foreground: true };
  const base = fleetBeside(wish);
  const path = join(process.cwd(), 'agents.toml');
  const project =
    wish.project === null ? '' : `[[projects]]\nid = ${JSON.stringify(wish.project)}\nworking_dir = "."\n\n`;
  const loaded = loadFleet({ path, text: `${project}${toml}`, ...world });
  const agent = loaded.kind === 'ok' ? loaded.fleet.agents[0] : undefined;
  if (loaded.kind === 'errors' || agent === undefined) {
    const first = loaded.kind === 'errors' ? loaded.errors[0]?.message : 'no agent came of it';
    throw new OperationalError('config', `this cannot be tried: ${first ?? ''}`);
  }
  const factory = { ...loaded.fleet.factory, ...base?.factory, stateDir: tryFolder(base), socket: null };
  return { fleet: { ...loaded.fleet, factory, projects: base?.projects ?? loaded.fleet.projects }, agent };
}

/** As a person would write them. */
function durationToml(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function sizeToml(bytes: number): string {
  return bytes % MIB === 0 ? `"${bytes / MIB}MiB"` : String(bytes);
}

/** The entry that keeps it. */
function tomlOf(wish: TryWish): string {
  const [program = 'true', ...args] = wish.command;
  const lines: (string | null)[] = [
    '[[agents]]',
    'name = "try"',
    wish.project === null ? null : `project = ${JSON.stringify(wish.project)}`,
    'layer = "Growth"',
    `cli_tool = ${JSON.stringify(wish.driver ?? program)}`,
    wish.driver === null && args.length > 0 ? `args = [${args.map((arg) => JSON.stringify(arg)).join(', ')}]` : null,
    wish.task === null ? null : `task = ${JSON.stringify(wish.task)}`,
    wish.memoryBytes === null ? null : `max_memory_bytes = ${sizeToml(wish.memoryBytes)}`,
    wish.cpuMs === null ? null : `max_cpu_seconds = ${wish.cpuMs / 1000}`,
    wish.wallMs === null ? null : `timeout = "${durationToml(wish.wallMs)}"`,
  ];
  return `${lines.filter((line) => line !== null).join('\n')}\n`;
}
