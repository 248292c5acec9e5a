// The scripts against real git: what they leave alone, what they wipe away, and what stays of the work.

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunId } from '../../../src/core/ids.ts';
import { makingArgv, tidied, tidyingArgv } from '../../../src/core/workspace/script.ts';
import type { Chore, Workspace } from '../../../src/core/workspace/workspace.ts';
import { TempRepo } from '../../support/temp-repo.ts';

let shared: TempRepo;
let home: string;
beforeEach(() => {
  shared = new TempRepo();
  shared.write('file', 'first');
  shared.commit('one');
  home = mkdtempSync(join(tmpdir(), 'adf-home-'));
});
afterEach(() => {
  shared[Symbol.dispose]();
  rmSync(home, { recursive: true, force: true });
});

function workspace(over: Partial<Workspace> = {}): Workspace {
  const names = { source: shared.path, home, path: join(home, 'r1-x'), branch: 'adf/worker/r1-x' };
  const rest = { user: null, state: 'preparing', bytes: null, failures: 0, nextAt: 0 } as const;
  return { run: 'r1' as RunId, kind: 'worktree', ...names, ...rest, ...over };
}

function run([program, ...args]: readonly [string, ...string[]]): {
  readonly code: number | null;
  readonly said: string;
} {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: '/', env: shared.env, encoding: 'utf8' });
  return { code: status, said: `${stdout}${stderr}` };
}

function make(of = workspace(), base: string | null = null): ReturnType<typeof run> {
  return run(makingArgv(of, { base, stateDir: join(shared.path, '.adf') }));
}

function tidy(chore: Chore, of = workspace()): ReturnType<typeof run> {
  return run(tidyingArgv(of, chore, 'what it left'));
}

/** A bare origin that is one commit ahead of the shared checkout, until that is fetched. */
function withOrigin(): void {
  const origin = join(home, 'origin.git');
  shared.git('clone', '-q', '--bare', shared.path, origin);
  shared.git('remote', 'add', 'origin', origin);
  shared.git('fetch', '-q', 'origin');
  shared.git('branch', '-q', '-u', 'origin/main');
  const other = join(home, 'other');
  shared.git('clone', '-q', origin, other);
  shared.git('-C', other, 'commit', '-q', '--allow-empty', '-m', 'two');
  shared.git('-C', other, 'push', '-q', 'origin', 'main');
}

it('begins at what origin has now, and leaves the shared checkout as it is', () => {
  withOrigin();
  shared.write('file', 'work of a person');
  shared.git('add', 'file');
  const before = [shared.git('status', '--porcelain'), shared.git('rev-parse', 'HEAD')];
  expect(make().code).toBe(0);
  expect(shared.git('log', '-1', '--format=%s', 'adf/worker/r1-x')).toBe('two');
  expect(readFileSync(join(home, 'r1-x/file'), 'utf8')).toBe('first');
  expect([shared.git('status', '--porcelain'), shared.git('rev-parse', 'HEAD')]).toEqual(before);
});

it('begins at a branch of origin, at a commit, or at HEAD where there is no origin', () => {
  shared.git('branch', 'old');
  shared.commit('two');
  expect(make().code).toBe(0);
  expect(shared.git('log', '-1', '--format=%s', 'adf/worker/r1-x')).toBe('two');
  expect(make(workspace(), 'old').code).toBe(0);
  expect(shared.git('log', '-1', '--format=%s', 'adf/worker/r1-x')).toBe('one');
  expect(make(workspace(), 'nowhere')).toMatchObject({ code: 1, said: `${shared.path} has no commit nowhere\n` });
});

it('says what is wrong: no repository, a folder inside one, an origin that does not answer', () => {
  mkdirSync(join(shared.path, 'inside'));
  expect(make(workspace({ source: join(shared.path, 'inside') })).said).toContain('needs its top folder');
  expect(make(workspace({ source: home })).said).toContain('is no git repository');
  shared.git('remote', 'add', 'origin', '/nowhere/at/all');
  expect(make()).toMatchObject({ code: 75, said: expect.stringContaining('origin could not be fetched') as string });
});

it('wipes away what an earlier try left, with locks that nobody can hold any more', () => {
  make();
  const refs = join(shared.path, '.git/refs/heads/adf/worker');
  const locks = [join(shared.path, '.git/packed-refs.lock'), join(refs, 'r1-x.lock')];
  rmSync(join(home, 'r1-x/.git'));
  for (const lock of locks) {
    writeFileSync(lock, '');
    utimesSync(lock, 1000, 1000);
  }
  expect(make()).toMatchObject({ code: 0 });
  expect(locks.map((lock) => existsSync(lock))).toEqual([false, false]);
  expect(readdirSync(join(shared.path, '.git/worktrees'))).toEqual(['r1-x']);
});

it('keeps registrations of others whose folders it cannot see, and takes its own away', () => {
  const [theirs, away] = [join(home, 'theirs'), join(home, 'away')];
  shared.git('worktree', 'add', '-q', '--detach', theirs);
  renameSync(theirs, away);
  make();
  rmSync(join(home, 'r1-x'), { recursive: true });
  const made = make();
  const tidied = tidy('purge');
  renameSync(away, theirs);
  expect([made.code, tidied.code]).toEqual([0, 0]);
  expect(readdirSync(join(shared.path, '.git/worktrees'))).toEqual(['theirs']);
  expect(shared.git('-C', theirs, 'status', '--porcelain')).toBe('');
});

it.each(['whole', 'relative'])('knows its own registration behind a link, by its %s path', (kind) => {
  const entry = join(shared.path, '.git/worktrees/r1-x');
  const link = join(home, 'link');
  mkdirSync(join(home, 'real'));
  symlinkSync('real', link);
  const linked = workspace({ home: link, path: join(link, 'r1-x') });
  const halve = (): void => {
    rmSync(join(link, 'r1-x/.git'));
    // As newer ones of git write it where they are told to.
    if (kind === 'relative') {
      writeFileSync(join(entry, 'gitdir'), `${relative(entry, join(home, 'real/r1-x'))}/.git\n`);
    }
  };
  make(linked);
  halve();
  expect([make(linked).code, readdirSync(join(shared.path, '.git/worktrees'))]).toEqual([0, ['r1-x']]);
  halve();
  expect([tidy('purge', linked).code, existsSync(join(shared.path, '.git/worktrees'))]).toEqual([0, false]);
});

it('leaves a lock alone that may be held', () => {
  const lock = join(shared.path, '.git/packed-refs.lock');
  writeFileSync(lock, '');
  make();
  expect(existsSync(lock)).toBe(true);
});

it('keeps uncommitted work on the branch when it folds the folder away, also after a killed git', () => {
  make();
  writeFileSync(join(home, 'r1-x/new'), 'work');
  writeFileSync(join(shared.path, '.git/worktrees/r1-x/index.lock'), '');
  expect(tidied(tidy('fold').said)).toEqual({ bytes: null, branchGone: false });
  expect([existsSync(join(home, 'r1-x')), shared.git('worktree', 'list').split('\n').length]).toEqual([false, 1]);
  expect(shared.git('show', 'adf/worker/r1-x:new')).toBe('work');
  expect(shared.git('log', '-1', '--format=%s %an', 'adf/worker/r1-x')).toBe('what it left dark-factory');
});

it('runs no hook of the repository', () => {
  shared.write('.git/hooks/post-checkout', '#!/bin/sh\ntouch "$HOME/ran"\n');
  shared.write('.git/hooks/pre-commit', '#!/bin/sh\ntouch "$HOME/ran"\nexit 1\n');
  spawnSync('chmod', ['+x', join(shared.path, '.git/hooks/post-checkout'), join(shared.path, '.git/hooks/pre-commit')]);
  make();
  writeFileSync(join(home, 'r1-x/new'), 'work');
  tidy('fold');
  expect(existsSync(join(shared.env['HOME'] ?? '', 'ran'))).toBe(false);
  expect(shared.git('show', 'adf/worker/r1-x:new')).toBe('work');
});

it('takes a branch away that holds nothing of its own, and says so', () => {
  make();
  expect(tidied(tidy('fold').said)).toEqual({ bytes: null, branchGone: true });
  expect(shared.git('branch', '--list', 'adf/*')).toBe('');
  expect(tidied(tidy('purge').said)).toEqual({ bytes: null, branchGone: true });
});

it('keeps and measures what failed, and purges it also where nothing can be committed', () => {
  make();
  mkdirSync(join(home, 'r1-x/sealed'));
  writeFileSync(join(home, 'r1-x/sealed/new'), 'x'.repeat(100_000));
  expect(tidied(tidy('keep').said).bytes).toBeGreaterThan(100_000);
  writeFileSync(join(home, 'r1-x/later'), 'x');
  rmSync(join(shared.path, '.git/worktrees/r1-x'), { recursive: true });
  expect(tidy('fold').code).toBe(1);
  expect(existsSync(join(home, 'r1-x/later'))).toBe(true);
  expect([tidy('purge').code, existsSync(join(home, 'r1-x'))]).toEqual([0, false]);
  expect(shared.git('show', '--stat', 'adf/worker/r1-x')).toContain('sealed/new');
});

it('copies everything but the files of the factory, anew after a try that did not end', () => {
  const copy = workspace({ kind: 'copy', branch: null });
  shared.write('.adf/ledger.db', 'state');
  shared.write('.hidden', 'too');
  mkdirSync(join(home, 'r1-x.part'));
  writeFileSync(join(home, 'r1-x.part/half'), '');
  expect(make(copy).code).toBe(0);
  expect(readdirSync(join(home, 'r1-x')).toSorted()).toEqual(['.git', '.hidden', 'file']);
  expect(tidied(tidy('keep', copy).said).bytes).toBeGreaterThan(0);
  expect([tidy('purge', copy).code, existsSync(join(home, 'r1-x'))]).toEqual([0, false]);
});
