// Limits that a kernel holds, on folders that look like its groups: what is written, what is believed, and who is never moved.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  controllersBelow,
  countersOf,
  groupAbove,
  limitLeaf,
  oomsFrom,
  openGroup,
} from '../../src/os/cgroup-limits.ts';
import type { Controller } from '../../src/os/cgroup-limits.ts';

const ALL: ReadonlySet<Controller> = new Set(['memory', 'cpu', 'pids']);
const isOurs = (pid: number): boolean => pid === process.pid || pid === process.ppid;

let group: string;
beforeEach(() => {
  group = mkdtempSync(join(tmpdir(), 'adf-group-'));
});
afterEach(() => rmSync(group, { recursive: true, force: true }));

function give(files: Readonly<Record<string, string>>, folder = group): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
}

function read(name: string): string {
  return readFileSync(join(group, name), 'utf8');
}

describe('the limits of a leaf', () => {
  it('are whole pages, no swap, the whole tree at once, and a share of each tenth of a second', () => {
    give({ 'memory.swap.max': 'max' });
    limitLeaf(group, { memoryBytes: 64 * 1024 * 1024 + 1, pids: 7, cpuQuotaPercent: 150 }, ALL);
    expect([read('memory.max'), read('memory.swap.max'), read('memory.oom.group')]).toEqual(['67108864', '0', '1']);
    expect([read('pids.max'), read('cpu.max')]).toEqual(['7', '150000 100000']);
  });

  it('begin to slow down at the mark, where there is one', () => {
    const mark = { memoryBytes: 64 * 1024 * 1024, memoryHighBytes: 32 * 1024 * 1024 + 1, pids: null };
    limitLeaf(group, { ...mark, cpuQuotaPercent: null }, ALL);
    expect([read('memory.max'), read('memory.high')]).toEqual(['67108864', '33554432']);
    limitLeaf(group, { ...mark, memoryHighBytes: null, cpuQuotaPercent: null }, ALL);
    expect(read('memory.high')).toBe('33554432');
  });

  it('are only those that are set, and only where their controller is on', () => {
    limitLeaf(group, { memoryBytes: null, pids: 7, cpuQuotaPercent: null }, ALL);
    limitLeaf(group, { memoryBytes: 1024 ** 3, pids: 8, cpuQuotaPercent: 100 }, new Set(['cpu']));
    expect(['memory.max', 'memory.oom.group', 'pids.max'].map((name) => existsSync(join(group, name)))).toEqual([
      false,
      false,
      true,
    ]);
    expect([read('pids.max'), read('cpu.max')]).toEqual(['7', '100000 100000']);
  });

  it('are refused where the kernel says something else than was written', () => {
    symlinkSync('/dev/null', join(group, 'pids.max'));
    expect(() => limitLeaf(group, { memoryBytes: null, pids: 7, cpuQuotaPercent: null }, ALL)).toThrow(
      /pids\.max reads "" after "7"/,
    );
  });

  it('are refused where the group has gone', () => {
    const gone = { memoryBytes: null, pids: 7, cpuQuotaPercent: null };
    expect(() => limitLeaf(join(group, 'gone'), gone, ALL)).toThrow(/ENOENT/);
  });
});

describe('a group with controllers', () => {
  it('is taken as it is where they are on already: nobody is moved', () => {
    give({ 'cgroup.controllers': 'cpu io memory pids\n', 'cgroup.subtree_control': 'cpu memory pids\n' });
    give({ 'cgroup.procs': '1\n2\n3\n' });
    expect([...openGroup(group, isOurs)].toSorted()).toEqual(['cpu', 'memory', 'pids']);
    expect(existsSync(join(group, 'adf-supervisor'))).toBe(false);
  });

  it('is left alone where somebody else sits in it', () => {
    give({ 'cgroup.controllers': 'memory\n', 'cgroup.subtree_control': '', 'cgroup.procs': `${process.pid}\n2\n` });
    expect([...openGroup(group, isOurs)]).toEqual([]);
    expect([existsSync(join(group, 'adf-supervisor')), read('cgroup.subtree_control')]).toEqual([false, '']);
  });

  it('is left alone where it is a service whose main process is not the keeper: it could never be started again', () => {
    const service = join(group, 'adf.service');
    const procs = `${process.pid}\n${process.ppid}\n`;
    give({ 'cgroup.controllers': 'memory\n', 'cgroup.subtree_control': '', 'cgroup.procs': procs }, service);
    expect([...openGroup(service, isOurs)]).toEqual([]);
    expect(existsSync(join(service, 'adf-supervisor'))).toBe(false);
  });

  it('moves ours below it, and is not believed to be open before it says so', () => {
    give({ 'cgroup.controllers': 'memory\n', 'cgroup.subtree_control': '', 'cgroup.procs': `${process.pid}\n` });
    expect([...openGroup(group, isOurs)]).toEqual([]);
    expect(readFileSync(join(group, 'adf-supervisor/cgroup.procs'), 'utf8')).toBe(String(process.pid));
    expect(read('cgroup.subtree_control')).toBe('');
    give({ 'cgroup.procs': '' });
    expect([...openGroup(group, isOurs)]).toEqual([]);
    expect(read('cgroup.subtree_control')).toBe('+memory');
  });

  it('has nothing to open without controllers of ours', () => {
    give({ 'cgroup.controllers': 'io\n', 'cgroup.procs': `${process.pid}\n` });
    expect([[...openGroup(group, isOurs)], existsSync(join(group, 'adf-supervisor'))]).toEqual([[], false]);
    expect([...openGroup(join(group, 'nowhere'), isOurs)]).toEqual([]);
  });

  it('holds what is on now of what limits need, and nothing once it is gone', () => {
    give({ 'cgroup.subtree_control': 'io memory pids\n' });
    expect([...controllersBelow(group)]).toEqual(['memory', 'pids']);
    give({ 'cgroup.subtree_control': '\n' });
    expect([...controllersBelow(group)]).toEqual([]);
    expect([...controllersBelow(join(group, 'nowhere'))]).toEqual([]);
  });

  it('is found again from where daemon and keeper have moved to', () => {
    expect(groupAbove('/sys/fs/cgroup/a/adf-supervisor')).toBe('/sys/fs/cgroup/a');
    expect(groupAbove('/sys/fs/cgroup/a')).toBe('/sys/fs/cgroup/a');
  });
});

describe('what the kernel counted', () => {
  it('tells kills, the own limit, refused forks, and what ran out above', () => {
    give({
      'memory.events': 'low 0\nhigh 0\nmax 112\noom 3\noom_kill 2\noom_group_kill 1\n',
      'pids.events': 'max 5\n',
      'cpu.stat': 'usage_usec 9\nnr_throttled 7\nthrottled_usec 1500000\n',
      'memory.events.local': 'max 4\noom 2\noom_kill 0\n',
    });
    expect(countersOf(group)).toEqual({
      oomKills: 2,
      ownLimitHits: 3,
      pidsRefused: 5,
      atLimit: 112,
      throttledMs: 1500,
    });
    give({ 'memory.events.local': 'max 9\noom 1\noom_kill 0\n' }, join(group, 'agents'));
    expect([...oomsFrom(join(group, 'agents'))]).toEqual([
      [join(group, 'agents'), 1],
      [group, 2],
    ]);
  });

  it('is nothing without the memory controller', () => {
    expect([countersOf(group), oomsFrom(group).size]).toEqual([null, 0]);
  });
});
