// The factory as it is installed inside the machine, seen by root: its commands, its control socket, its units.

import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { layout } from '../../../src/core/install/layout.ts';
import { createClient } from '../../../src/http/client/client.ts';
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

/** Adds `text` to agents.toml and puts it into force. */
export function configure(text: string): void {
  appendFileSync(PLACE.config, text);
  sh('adf reload');
}

/** The program as a package would have it, of another version. */
export function programOf(version: string): string {
  const root = `/root/program-${version}`;
  if (!existsSync(root)) {
    mkdirSync(root);
    for (const name of ['src', 'bin', 'migrations', 'node_modules']) {
      cpSync(`/test/${name}`, `${root}/${name}`, { recursive: true, verbatimSymlinks: true });
    }
    const parsed = JSON.parse(readFileSync('/test/package.json', 'utf8')) as Record<string, unknown>;
    writeFileSync(`${root}/package.json`, JSON.stringify({ ...parsed, version }));
  }
  return root;
}

/** Asks for a run of `agent`; its id. */
export async function run(agent: string): Promise<string> {
  const reply = await client.run(agent, { key: randomUUID() });
  return reply.run.id;
}

/** Everything about the run `id` once it has ended. */
export async function ended(id: string): Promise<RunDetail> {
  await waitFor(async () => (await client.show(id)).run.outcome !== null);
  return client.show(id);
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
