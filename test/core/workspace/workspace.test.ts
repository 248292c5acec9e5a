// What workspaces are called, and which of them the janitor takes, on both sides of each limit.

import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/config/hash.ts';
import type { RunId } from '../../../src/core/ids.ts';
import { tidied } from '../../../src/core/workspace/script.ts';
import { chores, workspaceNames } from '../../../src/core/workspace/workspace.ts';
import type { Occupied, Workspace } from '../../../src/core/workspace/workspace.ts';

const RUN = { id: 'r7m1' as RunId, agent: 'web/steward', project: 'web', requestedAt: 1000 };
const AT = { dir: '/var/w', stateDir: '/var/s', digest: sha256 };

describe('names', () => {
  it('say project, agent and run, and are the same each time', () => {
    const names = workspaceNames(RUN, AT);
    expect(names).toEqual(workspaceNames(RUN, AT));
    expect(names.home).toBe('/var/w/web');
    expect(names.path).toMatch(/^\/var\/w\/web\/r7m1-[0-9a-f]{8}$/);
    expect(names.branch).toMatch(/^adf\/steward\/r7m1-[0-9a-f]{8}$/);
  });

  it.each([
    { what: 'another state directory', run: RUN, at: { ...AT, stateDir: '/var/other' } },
    { what: 'the same id after the ledger was lost', run: { ...RUN, requestedAt: 1001 }, at: AT },
  ])('differ for $what', ({ run, at }) => {
    expect(workspaceNames(run, at).branch).not.toBe(workspaceNames(RUN, AT).branch);
    expect(workspaceNames(run, at).path).not.toBe(workspaceNames(RUN, AT).path);
  });

  it.each(['a..b', 'x.lock', 'ends.', 'a~b^c:d', '@{u}', '-x'])(
    'hold nothing that git reads, for an agent %s',
    (agent) => {
      const { branch } = workspaceNames({ ...RUN, agent, project: null }, AT);
      expect(branch).toMatch(/^adf\/[A-Za-z0-9_-]+\/r7m1-[0-9a-f]{8}$/);
    },
  );

  it('put agents without a project where no project can be', () => {
    expect(workspaceNames({ ...RUN, agent: 'steward', project: null }, AT).home).toBe('/var/w/-');
  });
});

const DAY_MS = 86_400_000;
const NOW = 100 * DAY_MS;
const KEEPING = { retentionMs: 7 * DAY_MS, maxBytes: 100 };

function occupied(over: Partial<Workspace>, ended: Occupied['ended']): Occupied {
  const kind = over.kind ?? 'worktree';
  const own = { run: 'r1' as RunId, kind, source: '/s', home: '/h', path: '/h/r1', branch: 'adf/a/r1', user: null };
  return { workspace: { ...own, state: 'ready', bytes: null, failures: 0, nextAt: 0, ...over }, ended };
}

function failed(agoMs: number): Occupied['ended'] {
  return { at: NOW - agoMs, kind: 'failed' };
}

function due(all: readonly Occupied[]): readonly string[] {
  return chores(all, KEEPING, NOW).map(({ workspace, chore }) => `${workspace.run} ${chore}`);
}

describe('chores', () => {
  it.each([
    { what: 'of a run that goes on', one: occupied({}, null), gives: [] },
    { what: 'after a success', one: occupied({}, { at: NOW, kind: 'succeeded' }), gives: ['r1 fold'] },
    { what: 'after a failure', one: occupied({}, failed(0)), gives: ['r1 keep'] },
    {
      what: 'after a success in a copy',
      one: occupied({ kind: 'copy' }, { at: NOW, kind: 'succeeded' }),
      gives: ['r1 keep'],
    },
    { what: 'that nobody worked in', one: occupied({ state: 'preparing' }, failed(0)), gives: ['r1 purge'] },
    { what: 'that is kept', one: occupied({ state: 'kept', bytes: 100 }, failed(7 * DAY_MS - 1)), gives: [] },
    { what: 'that is too old', one: occupied({ state: 'kept', bytes: 1 }, failed(7 * DAY_MS)), gives: ['r1 purge'] },
    { what: 'that was never measured and is too old', one: occupied({}, failed(7 * DAY_MS)), gives: ['r1 purge'] },
    { what: 'that takes too much', one: occupied({ state: 'kept', bytes: 101 }, failed(1)), gives: ['r1 purge'] },
    { what: 'that is gone', one: occupied({ state: 'gone' }, failed(9 * DAY_MS)), gives: [] },
    { what: 'that is to be tried again later', one: occupied({ nextAt: NOW + 1 }, failed(0)), gives: [] },
    { what: 'that is to be tried again now', one: occupied({ nextAt: NOW }, failed(0)), gives: ['r1 keep'] },
  ])('for the workspace $what', ({ one, gives }) => {
    expect(due([one])).toEqual(gives);
  });

  it('take the oldest of what is kept until the rest fits, and leave a live run alone whatever it takes', () => {
    const kept = (run: string, bytes: number, agoMs: number): Occupied =>
      occupied({ run: run as RunId, state: 'kept', bytes }, failed(agoMs));
    const live = occupied({ run: 'r9' as RunId, bytes: 1000 }, null);
    expect(due([kept('r3', 50, 1), kept('r1', 40, 3), kept('r2', 50, 2), live])).toEqual(['r1 purge']);
    expect(due([kept('r3', 100, 1), kept('r1', 40, 3), kept('r2', 50, 2)])).toEqual(['r1 purge', 'r2 purge']);
  });
});

describe('what tidying up printed', () => {
  it.each([
    { output: 'KiB 16\n', bytes: 16_384, branchGone: false },
    { output: 'KiB 0\n', bytes: 0, branchGone: false },
    { output: 'no branch\n', bytes: null, branchGone: true },
    { output: '', bytes: null, branchGone: false },
    { output: 'KiB 99999999999999999999\nKiB x\n', bytes: null, branchGone: false },
  ])('is read from $output', ({ output, bytes, branchGone }) => {
    expect(tidied(output)).toEqual({ bytes, branchGone });
  });
});
