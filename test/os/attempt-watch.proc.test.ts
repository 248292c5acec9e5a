// The watch over one attempt by itself: plans taken over, output that cannot be cut, trees that belong to others.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AttemptWatch, type Nets, type Stopping, type WatchInput } from '../../src/os/attempt-watch.ts';
import { monotonicMs } from '../../src/os/monotonic.ts';
import { readStat } from '../../src/os/proc.ts';
import { members } from '../../src/os/tree.ts';
import { waitFor } from '../support/keeper-rig.ts';

const KILL = [{ afterMs: 0, action: 'kill' }] as const;
const REASON = { kind: 'operator', note: 'test' };

let dir: string;
let children: ChildProcess[];
let watches: AttemptWatch[];
let attempts = 0;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-watch-'));
  children = [];
  watches = [];
  attempts += 1;
});
afterEach(async () => {
  watches.forEach((watch) => watch.dispose());
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) {
      await once(child, 'exit');
    }
  }
  rmSync(dir, { recursive: true });
});

/** Starts `script` as an attempt of this test would be, in the state directory `stateId`. */
async function agent(script: string, stateId = 's1'): Promise<WatchInput['tree']> {
  const marker = { attempt: `r${attempts}.1`, stateId };
  const env = { PATH: '/usr/bin:/bin', ADF_ATTEMPT: marker.attempt, ADF_STATE: marker.stateId };
  const options = { cwd: dir, env, detached: true, stdio: 'ignore' } as const;
  const child = spawn('sh', ['-c', `${script}; : >ready; while :; do sleep 0.05; done`], options);
  children.push(child);
  await waitFor(() => existsSync(join(dir, 'ready')));
  rmSync(join(dir, 'ready'));
  const pid = child.pid ?? 0;
  return { pid, startTicks: readStat(pid)?.startTicks ?? 0, marker, leaf: null };
}

function watched(tree: WatchInput['tree'], wish: Partial<WatchInput> = {}): { watch: AttemptWatch; told: Stopping[] } {
  const told: Stopping[] = [];
  const watch = new AttemptWatch({
    tree,
    nets: null,
    outputs: [],
    startedMono: monotonicMs(),
    begun: null,
    leafCpuBefore: 0,
    punch: () => Promise.resolve(true),
    onStopping: (stopping) => told.push(stopping),
    ...wish,
  });
  watches.push(watch);
  return { watch, told };
}

function nets(wish: Partial<Nets>): Nets {
  const plans = { wall: KILL, cpu: KILL, memory: KILL, output: KILL };
  const limits = { memoryBytes: null, cpuMs: null, outputBytes: 1_000_000, outputBytesPerSecond: 1e12 };
  return { wallMs: 600_000, ...limits, plans, ...wish };
}

describe('a stop plan taken over', () => {
  it('goes on with the step that is due now', async () => {
    const tree = await agent('trap ": >interrupted" INT; trap ": >terminated" TERM');
    const steps = [
      { afterMs: 0, action: 'interrupt' },
      { afterMs: 1000, action: 'terminate' },
      { afterMs: 600_000, action: 'kill' },
    ] as const;
    const begun = { reason: REASON, steps, at: Date.now() - 5000, mono: monotonicMs() - 5000 };
    const { watch, told } = watched(tree, { begun });
    await waitFor(() => existsSync(join(dir, 'terminated')));
    expect(existsSync(join(dir, 'interrupted'))).toBe(false);
    expect(told).toEqual([]);
    expect(watch.stopping).toEqual(begun);
    expect(watch.stop(KILL, { kind: 'drain' })).toBe('already');
    await once(children[0] as ChildProcess, 'exit');
  });

  it('kills at once when its kill is overdue', async () => {
    const tree = await agent('trap "" INT TERM');
    watched(tree, { begun: { reason: REASON, steps: KILL, at: 0, mono: monotonicMs() - 1000 } });
    await once(children[0] as ChildProcess, 'exit');
    expect(children[0]?.signalCode).toBe('SIGKILL');
  });

  it('does not ask twice for the same step when it is hastened', async () => {
    const tree = await agent('trap "echo asked >>asked" INT');
    const slow = [
      { afterMs: 0, action: 'interrupt' },
      { afterMs: 600_000, action: 'kill' },
    ] as const;
    const { watch } = watched(tree);
    expect(watch.stop(slow, REASON)).toBe('stopping');
    await waitFor(() => existsSync(join(dir, 'asked')));
    expect(watch.stop([{ afterMs: 300, action: 'kill' }], { kind: 'drain' })).toBe('already');
    await once(children[0] as ChildProcess, 'exit');
    expect(readFileSync(join(dir, 'asked'), 'utf8')).toBe('asked\n');
  });
});

describe('the end', () => {
  it('waits for a blow under way: it would meet whoever is given the cgroup next', async () => {
    const told: string[] = [];
    let land = (): void => undefined;
    const landed = new Promise<boolean>((resolve) => {
      land = () => {
        told.push('blow landed');
        resolve(true);
      };
    });
    const tree = await agent(':');
    const { watch } = watched(tree, { kill: () => landed });
    watch.stop(KILL, REASON);
    process.kill(-tree.pid, 'SIGKILL');
    await once(children[0] as ChildProcess, 'exit');
    const finished = watch.finish().then(() => told.push('finished'));
    // An end that waits for nothing has come by then.
    setTimeout(land, 100);
    await finished;
    expect(told).toEqual(['blow landed', 'finished']);
  });
});

describe('output that cannot be cut', () => {
  it('stops the attempt when it is more than may be kept', async () => {
    writeFileSync(join(dir, 'out'), 'x'.repeat(1_000_001));
    const { told } = watched(await agent(':'), {
      nets: nets({}),
      outputs: [join(dir, 'out')],
      punch: () => Promise.resolve(false),
    });
    await once(children[0] as ChildProcess, 'exit');
    expect(told).toMatchObject([{ reason: { kind: 'output', limitBytes: 1_000_000, usedBytes: 1_000_001 } }]);
  });
});

describe('a tree without a cgroup', () => {
  it('is told apart from an attempt of the same name in another state directory', async () => {
    const ours = await agent('(setsid sleep 1000 &)');
    const theirs = await agent(':', 's2');
    expect(members(ours)).toContain(ours.pid);
    expect(members(ours)).not.toContain(theirs.pid);
    const { watch } = watched(ours);
    expect(watch.usage().processes).toBeGreaterThanOrEqual(2);
    watch.stop(KILL, REASON);
    await once(children[0] as ChildProcess, 'exit');
    await watch.finish();
    expect(members(ours)).toEqual([]);
    expect(members(theirs)).toContain(theirs.pid);
  });
});
