// Test guardian: runs the repository's tests; a failure is tried once more, to tell a broken test from a flaky one.
// The command is `test` of package.json, or the arguments: adf run test-guardian -- make check

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

import { head, headline, printable, stop } from './git.mjs';

const command = process.argv.length > 2 ? process.argv.slice(2) : ['sh', '-c', testScript()];
console.log(headline(head()));
console.log(`$ ${printable(command.at(-1) ?? '')}`);

const first = attempt();
if (first.passed) {
  console.log(`tests passed in ${first.seconds} s`);
} else {
  console.log(`tests failed (${first.how}) after ${first.seconds} s; once more`);
  const second = attempt();
  if (second.passed) {
    console.log('FLAKY: the same commit failed, then passed');
  } else {
    console.log(`tests failed twice (${second.how})`);
    process.exitCode = 1;
  }
}

function attempt() {
  const started = process.hrtime.bigint();
  const [program, ...args] = command;
  const path = [resolve('node_modules/.bin'), process.env.PATH].join(delimiter);
  const end = spawnSync(program, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path },
  });
  if (end.error !== undefined) {
    stop(`${printable(program)} cannot be started: ${end.error.code}`);
  }
  const seconds = (Number(process.hrtime.bigint() - started) / 1e9).toFixed(1);
  return { passed: end.status === 0, how: end.signal ?? `exit ${end.status}`, seconds };
}

function testScript() {
  const script = existsSync('package.json')
    ? JSON.parse(readFileSync('package.json', 'utf8')).scripts?.test
    : undefined;
  return script ?? stop('no test script in package.json: give the command, adf run test-guardian -- make check');
}
