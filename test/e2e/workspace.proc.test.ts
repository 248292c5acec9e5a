// A real daemon, a real repository: agents work beside each other on branches of their own, and a daemon that dies loses nothing.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunView } from '../../src/ports/control.ts';
import { DaemonProcess } from '../support/daemon-process.ts';
import { TempRepo } from '../support/temp-repo.ts';

let repo: TempRepo;
let daemon: DaemonProcess;
beforeEach(() => {
  repo = new TempRepo();
  repo.write('file', 'shared');
  repo.commit('one');
});
afterEach(async () => {
  await daemon.dispose();
  repo[Symbol.dispose]();
});

const TOML = (path: string, gate: string): string => `
[[agents]]
name = "worker"
layer = "Growth"
cli_tool = "sh"
overlap = "allow"
working_dir = "${path}"
workspace = "worktree"
max_memory_bytes = "64MiB"
task = '''
echo "work of $1" >file
while [ ! -e "${gate}" ]; do sleep 0.05; done
[ "$1" = good ]
'''
`;

async function settled(id: string, state: string): Promise<RunView> {
  return daemon.until(async () => {
    const { run } = await daemon.client.show(id);
    return run.outcome !== null && run.workspace?.state === state ? run : null;
  });
}

it('keeps the work of each run on its branch, and the folder of what failed', { timeout: 60_000 }, async () => {
  daemon = new DaemonProcess('');
  const gate = daemon.rig.path('go');
  daemon.configure(TOML(repo.path, gate));
  await daemon.start();
  const good = await daemon.client.run('worker', { key: 'good', args: ['good'] });
  const bad = await daemon.client.run('worker', { key: 'bad', args: ['bad'] });
  await daemon.until(async () => {
    const runs = await daemon.runs();
    return runs.length === 2 && runs.every((run) => run.state === 'running') ? runs : null;
  });
  await daemon.kill();
  writeFileSync(gate, '');
  await daemon.start();
  const done = await settled(good.run.id, 'gone');
  const failed = await settled(bad.run.id, 'kept');
  expect([done.outcome?.kind, failed.outcome?.kind]).toEqual(['succeeded', 'failed']);
  expect(repo.git('show', `${done.workspace?.branch ?? ''}:file`)).toBe('work of good');
  expect(repo.git('show', `${failed.workspace?.branch ?? ''}:file`)).toBe('work of bad');
  expect([done, failed].map((run) => existsSync(join(run.workspace?.path ?? '', 'file')))).toEqual([false, true]);
  expect([repo.git('status', '--porcelain'), repo.git('branch', '--show-current')]).toEqual(['', 'main']);
  await daemon.finish();
});
