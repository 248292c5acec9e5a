// Asks git about the repository that an agent stands in. Node built-ins and git alone, Node 20 or newer.

import { execFileSync } from 'node:child_process';

const MAX_OUTPUT_BYTES = 128 * 1024 * 1024;

/** What `git ...args` prints, without the last line break; null when git says no. Changes nothing, asks nobody. */
export function git(...args) {
  try {
    return execFileSync('git', ['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false', ...args], {
      encoding: 'utf8',
      maxBuffer: MAX_OUTPUT_BYTES,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
    }).replace(/\n$/, '');
  } catch (error) {
    if (error.code === 'ENOENT') {
      stop('git is not on PATH: install it, or add its folder to env = { PATH = "…" }');
    }
    if (typeof error.status !== 'number') {
      throw error;
    }
    return null;
  }
}

/** The parts of a NUL-separated list. */
export function parts(text) {
  return (text ?? '').split('\0').filter((part) => part !== '');
}

/** The commit checked out here; null: no repository that git trusts, or no commit yet. */
export function headIfAny() {
  const [hash, subject, age] = (git('log', '-1', '--format=%h%x00%s%x00%cr') ?? '').split('\0');
  if (!hash) {
    return null;
  }
  const branch = git('symbolic-ref', '--short', '-q', 'HEAD') ?? 'no branch';
  return { hash, subject: printable(subject), age, branch: printable(branch) };
}

/** The commit checked out here; ends the run with a sentence where there is none. */
export function head() {
  const found = headIfAny();
  if (found !== null) {
    return found;
  }
  if (git('rev-parse', '--is-inside-work-tree') !== 'true') {
    stop(`${process.cwd()} is no git repository that git trusts here: set working_dir, or run git init`);
  }
  return stop('this repository has no commit yet: make one');
}

/** One line about the commit that the findings are about. */
export function headline(commit) {
  if (commit === null) {
    return 'no commit here';
  }
  const { hash, subject, age, branch } = commit;
  return `at ${hash} on ${branch}: "${subject}" (${age})`;
}

/** `text` without anything that could steer a terminal, at most 100 characters. */
export function printable(text) {
  const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
  return plain.length > 100 ? `${plain.slice(0, 99)}…` : plain;
}

/** "1 file", "2 files". */
export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

/** Prints `title` and the first of `lines`, indented. */
export function list(title, lines, most = 5) {
  if (lines.length > 0) {
    console.log(title);
    for (const line of lines.slice(0, most)) {
      console.log(`  ${printable(line)}`);
    }
    if (lines.length > most) {
      console.log(`  … and ${lines.length - most} more`);
    }
  }
}

/** Ends the run as failed with one sentence. */
export function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}
