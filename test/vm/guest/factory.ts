// The factory as it is installed inside the machine, seen by root: its commands, its control socket, its units.

import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { layout } from '../../../src/core/install/layout.ts';
import { createClient } from '../../../src/http/client/client.ts';
import { OperationalError } from '../../../src/lib/operational-error.ts';
import type { RunDetail, RunView } from '../../../src/ports/control.ts';
import { waitFor } from './wait.ts';

export const PLACE = layout();
/** By the socket: a question costs a tenth of the command's there. */
export const client = createClient(PLACE.socket);

/** What `line` prints; fails if it fails. */
export function sh(line: string): string {
  const { stdout, stderr, status } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${line}: exit ${status}\n${stdout}${stderr}`);
  }
  return stdout;
}

/** How `line` ends for `user`, who has no other powers. */
export function as(user: string, line: string): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('runuser', ['-u', user, '--', 'sh', '-c', line], { encoding: 'utf8' });
  return { code: status, said: `${stdout}${stderr}` };
}

/** An agent of agents.toml that runs a shell script; `rest` are further keys. */
export function agentText(key: string, task: string, rest = ''): string {
  const [project, name] = key.split('/');
  return `\n[[agents]]\nproject = "${project}"\nname = "${name}"\nlayer = "Growth"\ncli_tool = "sh"\ntask = '''${task}'''\n${rest}\n`;
}

/** Adds `text` to agents.toml, to be there also after a power cut, and puts it into force. */
export async function configure(text: string): Promise<void> {
  appendFileSync(PLACE.config, text, { flush: true });
  const view = await client.reload('test');
  if (!view.ok) {
    throw new Error(JSON.stringify(view));
  }
}

/** The program as a package would have it, of another version. */
export function programOf(version: string): string {
  const root = `/root/program-${version}`;
  if (!existsSync(root)) {
    mkdirSync(root);
    for (const name of ['dist', 'bin', 'migrations', ...packages()]) {
      cpSync(`/test/${name}`, `${root}/${name}`, { recursive: true });
    }
    writeFileSync(`${root}/package.json`, JSON.stringify({ ...(read('package.json') as object), version }));
  }
  return root;
}

/** Folders of the packages that the program needs when it runs, without Node, which the machine has. */
function packages(): readonly string[] {
  const { packages: locked } = read('package-lock.json') as { readonly packages: Readonly<Record<string, object>> };
  return Object.keys(locked).filter(
    (path) => !('dev' in (locked[path] ?? {})) && path !== '' && existsSync(`/test/${path}`),
  );
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(`/test/${name}`, 'utf8'));
}

/** Asks for a run of `agent`; its id. */
export async function run(agent: string): Promise<string> {
  // The same key is the same request: a machine that was too slow to answer is asked again.
  const key = randomUUID();
  let id = '';
  await waitFor(async () => {
    id = (await orSilent(client.run(agent, { key })))?.run.id ?? '';
    return id !== '';
  });
  return id;
}

/** The answer; null: none came in time. */
async function orSilent<View>(answer: Promise<View>): Promise<View | null> {
  return answer.catch((error: unknown) => {
    if (error instanceof OperationalError && error.code === 'daemon_silent') {
      return null;
    }
    throw error;
  });
}

/** Everything about the run `id` once it has ended. */
export async function ended(id: string): Promise<RunDetail> {
  let found: RunDetail | null = null;
  await waitFor(async () => {
    found = await orSilent(client.show(id));
    return found !== null && found.run.outcome !== null;
  });
  return found ?? client.show(id);
}

/** Runs of `agent`, newest first. */
export async function runsOf(agent: string): Promise<readonly RunView[]> {
  return client.runs({ agent, limit: 200 });
}

/** Units of attempts that are not at rest. */
export function units(): string[] {
  return sh("systemctl list-units --plain --no-legend --full 'adf-*-r*.service'")
    .split('\n')
    .flatMap((line) => line.trim().split(/\s+/)[0] || []);
}

/** Resolves when the daemon answers. */
export async function answers(): Promise<void> {
  await waitFor(async () =>
    client.status().then(
      () => true,
      () => false,
    ),
  );
}
