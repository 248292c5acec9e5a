// The programs of the default fleet, run on repositories where the truth is known.

import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { describe, expect, it } from 'vitest';

import { TempRepo } from '../support/temp-repo.ts';

const FLEET = join(import.meta.dirname, '../../fleet');
const DAY_SECONDS = 86_400;

interface End {
  readonly code: number | null;
  readonly out: string;
}

function run(program: string, repo: TempRepo, args: readonly string[] = []): End {
  const end = spawnSync(process.execPath, [join(FLEET, program), ...args], {
    cwd: repo.path,
    env: repo.env,
    encoding: 'utf8',
  });
  return { code: end.status, out: `${end.stdout}${end.stderr}` };
}

function daysAgo(days: number): number {
  return Math.floor(Date.now() / 1000) - days * DAY_SECONDS;
}

describe('steward', () => {
  it('tells of stale branches, large files and unfinished work, and of the next commit', () => {
    using repo = new TempRepo();
    repo.commit('Begin', daysAgo(90));
    repo.git('branch', 'merged-long-ago');
    repo.git('checkout', '-q', '-b', 'left-alone');
    repo.commit('Leave this', daysAgo(60));
    repo.git('checkout', '-q', 'main');
    repo.git('branch', 'young');
    repo.write('big file.bin', Buffer.alloc(1_500_000, 1));
    repo.commit('Add a big file');
    repo.git('branch', '-f', 'young');
    repo.write('draft.txt', 'not yet');

    const before = run('steward.mjs', repo);

    expect(before.code).toBe(0);
    expect(before.out).toContain('on main: "Add a big file"');
    expect(before.out).toContain('commits in 7 days: 1 · uncommitted: 1 file');
    expect(before.out).toMatch(/merged-long-ago · .* · merged, can be deleted/);
    expect(before.out).toMatch(/left-alone · .* · not merged/);
    expect(before.out).not.toContain('young');
    expect(before.out).toContain('big file.bin · 1.4 MiB');
    expect(before.out).toContain('2 stale branches, 1 file over 1 MiB, git fsck: nothing missing');

    repo.git('branch', '-q', '-D', 'left-alone');
    repo.commit('Keep the draft');
    const after = run('steward.mjs', repo);

    expect(after.out).toContain('on main: "Keep the draft"');
    expect(after.out).toContain('commits in 7 days: 2 · uncommitted: 0 files');
    expect(after.out).toContain('1 stale branch, 1 file over 1 MiB');
  });

  it('fails when an object is missing', () => {
    using repo = new TempRepo();
    repo.write('a.txt', 'a');
    repo.commit('Begin');
    const objects = join(repo.path, '.git/objects');
    const blob = repo.git('rev-parse', 'HEAD:a.txt');
    rmSync(join(objects, blob.slice(0, 2), blob.slice(2)));

    const end = run('steward.mjs', repo);

    expect(end.code).toBe(1);
    expect(end.out).toContain(`missing blob ${blob}`);
    expect(end.out).toContain('git fsck: DAMAGED');
  });

  it('says what is missing where there is no repository and where there is no commit', () => {
    using repo = new TempRepo();
    expect(run('steward.mjs', repo)).toEqual({ code: 1, out: 'this repository has no commit yet: make one\n' });

    rmSync(join(repo.path, '.git'), { recursive: true });
    const end = run('steward.mjs', repo);

    expect(end.code).toBe(1);
    expect(end.out).toContain('is no git repository');
  });

  it('prints nothing that could steer a terminal', () => {
    using repo = new TempRepo();
    repo.commit('Evil \u001B[31msubject\u0007');

    expect(run('steward.mjs', repo).out).toContain('"Evil ?[31msubject?"');
  });
});

describe('dependency-auditor', () => {
  const manifest = { dependencies: { left: '1.0.0' }, devDependencies: { right: '^2.0.0' } };
  const lock = {
    lockfileVersion: 3,
    packages: {
      '': manifest,
      'node_modules/left': { version: '1.0.0', resolved: 'https://r.example/left.tgz', integrity: 'sha512-x' },
      'node_modules/right': { version: '2.1.0', resolved: 'git+ssh://git@h/right.git#1', hasInstallScript: true },
      'node_modules/right/node_modules/left': {
        version: '0.9.0',
        resolved: 'https://r.example/left9.tgz',
        integrity: 'sha512-y',
        deprecated: 'use 1',
      },
    },
  };

  it('tells what in the lock file deserves a look', () => {
    using repo = new TempRepo();
    repo.write('package.json', JSON.stringify(manifest));
    repo.write('package-lock.json', JSON.stringify(lock));
    repo.commit('Lock');

    const end = run('dependency-auditor.mjs', repo);

    expect(end.code).toBe(0);
    expect(end.out).toContain(`package-lock.json last changed in ${repo.git('rev-parse', '--short', 'HEAD')}`);
    expect(end.out).toContain('not from an https registry:\n  node_modules/right · git+ssh');
    expect(end.out).toContain('without a checksum:\n  node_modules/right\n');
    expect(end.out).toContain('deprecated:\n  node_modules/right/node_modules/left · use 1');
    expect(end.out).toContain('run a script when installed:\n  node_modules/right\n');
    expect(end.out).toContain('in several versions:\n  left · 1.0.0, 0.9.0');
    expect(end.out).toContain(
      '2 dependencies declared (1 not pinned), 3 packages locked, manifest and lock file agree',
    );
  });

  it('fails when a commit changes the manifest and forgets the lock file', () => {
    using repo = new TempRepo();
    repo.write('package.json', JSON.stringify({ dependencies: { left: '2.0.0', extra: '1.0.0' } }));
    repo.write('package-lock.json', JSON.stringify(lock));
    repo.commit('Forget');

    const end = run('dependency-auditor.mjs', repo);

    expect(end.code).toBe(1);
    expect(end.out).toContain('left · 2.0.0 declared, 1.0.0 locked');
    expect(end.out).toContain('extra · 1.0.0 declared, nothing locked');
    expect(end.out).toContain('right · nothing declared, ^2.0.0 locked');
    expect(end.out).toContain('3 DISAGREE');
  });

  it('knows other manifests, and says when there is none', () => {
    using repo = new TempRepo();
    repo.commit('Begin');
    expect(run('dependency-auditor.mjs', repo).out).toContain('no dependencies declared here');

    repo.write('Cargo.toml', '[package]');
    repo.write('go.mod', 'module x');
    repo.write('go.sum', '');
    const end = run('dependency-auditor.mjs', repo);

    expect(end).toMatchObject({ code: 0 });
    expect(end.out).toContain('Cargo.toml: no lock file (Cargo.lock)');
    expect(end.out).toContain('go.mod: go.sum is not committed');
  });
});

describe('test-guardian', () => {
  function guarded(script: string): { readonly repo: TempRepo } {
    const repo = new TempRepo();
    repo.write('package.json', JSON.stringify({ scripts: { test: script } }));
    repo.commit('Test');
    return { repo };
  }

  it.each([
    ['true', 0, 'tests passed in'],
    ['exit 3', 1, 'tests failed twice (exit 3)'],
    ['[ -e ran ] || { : > ran; exit 1; }', 0, 'FLAKY: the same commit failed, then passed'],
  ])('runs the test script %j and exits %i', (script, code, said) => {
    const { repo } = guarded(script);
    using _ = repo;

    const end = run('test-guardian.mjs', repo);

    expect(end.code).toBe(code);
    expect(end.out).toContain(said);
  });

  it('runs the command it is given, and says so when there is none', () => {
    using repo = new TempRepo();
    repo.commit('Begin');

    expect(run('test-guardian.mjs', repo, ['git', '--version']).out).toContain('git version');
    expect(run('test-guardian.mjs', repo).out).toContain('no test script in package.json');
    expect(run('test-guardian.mjs', repo, ['no-such-program']).out).toContain('cannot be started: ENOENT');
  });
});

describe('sandbox', () => {
  it('fails exactly while break-me exists', () => {
    using repo = new TempRepo();
    expect(run('sandbox.mjs', repo)).toMatchObject({ code: 0 });
    expect(readdirSync(join(repo.path, '.adf/sandbox'))).toEqual([]);

    repo.write('.adf/sandbox/break-me', '');
    expect(run('sandbox.mjs', repo)).toMatchObject({ code: 1 });

    rmSync(join(repo.path, '.adf/sandbox/break-me'));
    expect(run('sandbox.mjs', repo)).toMatchObject({ code: 0 });
  });
});

describe('sentinel', () => {
  it('looks at each new commit and ends when asked', async () => {
    using repo = new TempRepo();
    repo.commit('Begin');
    const sentinel = spawn(process.execPath, [join(FLEET, 'sentinel.mjs')], {
      cwd: repo.path,
      env: { ...repo.env, SENTINEL_LOOK_EVERY_MS: '20' },
    });
    using _ = { [Symbol.dispose]: () => sentinel.kill('SIGKILL') };
    const lines = linesOf(sentinel);
    expect((await lines.next()).value).toMatch(/^watching at .* on main: "Begin"/);

    repo.write('key.pem', `${['-----BEGIN', 'PRIVATE KEY-----'].join(' ')}\n`);
    repo.write('merge.txt', '<<<<<<< ours\n');
    repo.write('big.bin', Buffer.alloc(2 * 1024 * 1024));
    repo.commit('Commit what should not be');

    expect((await lines.next()).value).toMatch(/^1 new commit, now at .*"Commit what should not be"/);
    expect((await lines.next()).value).toBe(`${repo.git('rev-parse', 'HEAD').slice(0, 10)}: look at this`);
    expect((await lines.next()).value).toBe('  key.pem · looks like a private key');
    expect((await lines.next()).value).toBe('  merge.txt · a conflict marker');
    expect((await lines.next()).value).toBe('  big.bin · 2.0 MiB');

    const exit = once(sentinel, 'exit');
    sentinel.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });
});

function linesOf(child: ChildProcess): AsyncIterator<string> {
  if (child.stdout === null) {
    throw new Error('the child has no stdout');
  }
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}
