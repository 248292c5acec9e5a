// Repository steward: stale branches, large files, unfinished work, and whether git fsck still finds everything.
// Fails only when the repository itself is damaged.

import { spawnSync } from 'node:child_process';

import { count, git, head, headline, list, parts } from './git.mjs';

const STALE_DAYS = 30;
const LARGE_BYTES = 1024 * 1024;
const DAY_SECONDS = 86_400;

const now = head();
console.log(headline(now));
const week = git('rev-list', '--count', '--since=7.days', 'HEAD') ?? '?';
const changed = parts(git('status', '--porcelain=v1', '-z', '--no-renames'));
console.log(`commits in 7 days: ${week} · uncommitted: ${count(changed.length, 'file')}`);

const stale = staleBranches();
list(`branches without a commit for ${STALE_DAYS} days:`, stale);

const large = largeFiles();
list('tracked files over 1 MiB:', large);

const fsck = spawnSync('git', ['fsck', '--connectivity-only', '--no-dangling', '--no-progress'], { encoding: 'utf8' });
const damage = `${fsck.stdout}${fsck.stderr}`.split('\n').filter((line) => line !== '' && !line.startsWith('notice:'));
if (fsck.status !== 0) {
  list('git fsck found damage:', damage, 20);
}
console.log(
  [
    count(stale.length, 'stale branch', 'stale branches'),
    `${count(large.length, 'file')} over 1 MiB`,
    fsck.status === 0 ? 'git fsck: nothing missing' : `git fsck: DAMAGED (exit ${fsck.status ?? fsck.signal})`,
  ].join(', '),
);
process.exit(fsck.status === 0 ? 0 : 1);

function staleBranches() {
  const format = '%(refname:short)%00%(committerdate:unix)%00%(committerdate:relative)%00%(objectname)';
  const merged = new Set((git('branch', '--merged', 'HEAD', '--format=%(refname:short)') ?? '').split('\n'));
  const oldest = Date.now() / 1000 - STALE_DAYS * DAY_SECONDS;
  return (git('for-each-ref', `--format=${format}`, '--sort=committerdate', 'refs/heads') ?? '')
    .split('\n')
    .map((line) => line.split('\0'))
    .filter(([name, seconds]) => name && name !== now.branch && Number(seconds) < oldest)
    .map(([name, , age]) => `${name} · ${age}${merged.has(name) ? ' · merged, can be deleted' : ' · not merged'}`);
}

function largeFiles() {
  return parts(git('ls-tree', '-r', '-l', '-z', 'HEAD'))
    .map((entry) => {
      const [about, path] = [entry.slice(0, entry.indexOf('\t')), entry.slice(entry.indexOf('\t') + 1)];
      return { path, bytes: Number(about.split(/ +/)[3]) };
    })
    .filter(({ bytes }) => bytes > LARGE_BYTES)
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ path, bytes }) => `${path} · ${(bytes / LARGE_BYTES).toFixed(1)} MiB`);
}
