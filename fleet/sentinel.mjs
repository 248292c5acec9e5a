// Sentinel: stays, and looks at each new commit for what should never be committed. Says nothing while nothing happens.

import { count, git, headIfAny, headline, list, parts } from './git.mjs';

const LOOK_EVERY_MS = Number(process.env.SENTINEL_LOOK_EVERY_MS ?? 5000);
const MOST_COMMITS = 100;
const LARGE_BYTES = 1024 * 1024;
const SECRETS = [
  [/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/, 'a private key'],
  [/\bAKIA[0-9A-Z]{16}\b/, 'an AWS access key'],
  [/\bgh[pousr]_[A-Za-z0-9]{36}\b/, 'a GitHub token'],
  [/\bxox[abprs]-[A-Za-z0-9-]{20,}/, 'a Slack token'],
  [/\bsk-[A-Za-z0-9_-]{32,}/, 'an API key'],
];

console.log(`watching ${headline(headIfAny())}`);
let seen = git('rev-parse', '--verify', '-q', 'HEAD');
const timer = setInterval(look, LOOK_EVERY_MS);
process.once('SIGTERM', leave).once('SIGINT', leave);

function look() {
  const now = git('rev-parse', '--verify', '-q', 'HEAD');
  if (now === null || now === seen) {
    return;
  }
  const added = (git('rev-list', `--max-count=${MOST_COMMITS}`, now, ...(seen === null ? [] : [`^${seen}`])) ?? now)
    .split('\n')
    .filter(Boolean);
  console.log(`${count(added.length, 'new commit')}, now ${headline(headIfAny())}`);
  for (const commit of added.reverse()) {
    const findings = inspect(commit);
    list(`${commit.slice(0, 10)}: look at this`, findings);
  }
  seen = now;
}

function inspect(commit) {
  const findings = [];
  let path = '';
  for (const line of (git('show', '--format=', '--unified=0', '--no-color', '--no-ext-diff', commit) ?? '').split(
    '\n',
  )) {
    if (line.startsWith('+++ ')) {
      path = line.slice(4).replace(/^b\//, '');
    } else if (line.startsWith('+')) {
      for (const [pattern, what] of SECRETS) {
        if (pattern.test(line)) {
          findings.push(`${path} · looks like ${what}`);
        }
      }
      if (/^\+(?:<{7}|>{7}) /.test(line)) {
        findings.push(`${path} · a conflict marker`);
      }
    }
  }
  for (const name of parts(
    git('diff-tree', '--root', '--no-commit-id', '--name-only', '-r', '-z', '--diff-filter=AM', commit),
  )) {
    const bytes = Number(git('cat-file', '-s', `${commit}:${name}`) ?? 0);
    if (bytes > LARGE_BYTES) {
      findings.push(`${name} · ${(bytes / LARGE_BYTES).toFixed(1)} MiB`);
    }
  }
  return [...new Set(findings)];
}

function leave() {
  clearInterval(timer);
  console.log('asked to stop');
  process.exit(0);
}
