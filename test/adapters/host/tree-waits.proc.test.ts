// What real processes wait for, as the kernel shows it: an open input, an end that comes by itself, a server of their own, a peer.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { treeWaits } from '../../../src/adapters/host/tree-waits.ts';
import type { TreeWaits } from '../../../src/core/supervise/liveness.ts';
import { killTree, members } from '../../../src/os/tree.ts';
import type { Tree } from '../../../src/os/tree.ts';
import { readStat } from '../../../src/os/proc.ts';
import { waitFor } from '../../support/keeper-rig.ts';

/** A shell in a folder of its own, as the keeper starts one: leader of its session, /dev/null as stdin. */
function started(script: string): Tree {
  const dir = mkdtempSync(join(tmpdir(), 'adf-waits-'));
  const env = { PATH: process.env['PATH'] ?? '', NODE: process.execPath };
  const child = spawn('/bin/sh', ['-c', script], { cwd: dir, env, stdio: 'ignore', detached: true });
  const pid = child.pid ?? 0;
  const marker = { attempt: 'none', stateId: 'none' };
  const tree: Tree = { pid, startTicks: readStat(pid)?.startTicks ?? 0, marker, leaf: null };
  onTestFinished(async () => {
    await killTree(tree);
    rmSync(dir, { recursive: true });
  });
  return tree;
}

/** What is seen once it `holds`. */
async function seen(tree: Tree, holds: (waits: TreeWaits) => boolean): Promise<TreeWaits> {
  let waits: TreeWaits | null = null;
  await waitFor(() => {
    waits = treeWaits(tree);
    return waits !== null && holds(waits);
  });
  return waits as unknown as TreeWaits;
}

it.each([
  ['a shell that reads from a pipe', 'mkfifo p; exec sh -c "read x" <>p', 'sh'],
  ['a program behind a wrapper', 'mkfifo p; exec 9<>p; (exec cat <&9)', 'cat'],
  ['one that polls, as Node does', 'mkfifo p; exec "$NODE" -e "process.stdin.resume()" <>p', ''],
  ['the end of a pipeline whose beginning says nothing', 'tail -f /dev/null | cat', 'cat'],
])('finds %s', async (_what, script, name) => {
  const { onInput, connections } = await seen(started(script), (waits) => waits.onInput !== null);
  expect(connections).toBe(0);
  expect(onInput?.name).toEqual(name === '' ? expect.any(String) : name);
});

it.each([
  ['one whose input is empty', 'exec tail -f /dev/null', 1],
  ['a shell that waits for its child', 'tail -f /dev/null; true', 2],
  ['a server that a program keeps at its side', serverOfItsOwn(), 2],
])('finds nobody who reads: %s', async (_what, script, processes) => {
  const tree = started(script);
  await seen(tree, (waits) => waits.processes === processes);
  await waitFor(() => members(tree).every((pid) => readStat(pid)?.state === 'S'));
  expect(treeWaits(tree)).toMatchObject({ onInput: null, connections: 0 });
});

it('counts a connection, and none after its end', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const tree = started(
    `exec "$NODE" -e "require('net').connect(${port}).on('close', () => setInterval(() => {}, 1e6))"`,
  );
  const socket = new Promise<{ destroy: () => void }>((resolve) => server.once('connection', resolve));
  expect((await seen(tree, ({ connections }) => connections === 1)).processes).toBe(1);
  (await socket).destroy();
  await seen(tree, ({ connections }) => connections === 0);
});

it('sees that nothing is left', async () => {
  const tree = started('exit 0');
  expect(await seen(tree, ({ processes }) => processes === 0)).toEqual({ processes: 0, onInput: null, connections: 0 });
});

/** `cat` reads from a pipe whose other end the shell holds and never writes: so a CLI keeps a server of its own. */
function serverOfItsOwn(): string {
  return 'mkfifo p; cat <p >/dev/null & exec 9>p; wait';
}
