// The packed tarball, installed globally on a machine of its own: dist/ has everything that a checkout has.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FreshMachine, REPOSITORY, nodes, signalGroup, textOf, until } from '../support/fresh-machine.ts';

const START_MS = 60_000;

describe.each(nodes())('the packed tarball with %s', (_, node) => {
  it('checks, starts, tells its status and stops after a global install', async () => {
    await using machine = new FreshMachine(node);
    execFileSync('sh', ['test/support/pack.sh', machine.dir], { cwd: REPOSITORY });
    const installed = machine.say('npm install --global --prefix "$PWD/global" ./dark-factory-*.tgz', machine.dir);
    expect(installed.code, installed.out).toBe(0);
    const adf = join(machine.dir, 'global/bin/adf');
    const repo = join(machine.dir, 'repo');
    mkdirSync(repo);
    expect(machine.say('git init --quiet', repo).code).toBe(0);

    const init = machine.say(`${adf} init`, repo);
    expect(init.code, init.out).toBe(0);
    const check = machine.say(`${adf} check`, repo);
    expect(check.code, check.out).toBe(0);
    expect(machine.say(`${adf} explain max_memory_bytes`, repo).out).toContain('Memory of the whole process tree');

    const log = join(machine.dir, 'log');
    const child = machine.start(`exec ${adf} start`, repo, log);
    const exited = once(child, 'exit');
    await until('the daemon answers', START_MS, () => (existsSync(join(repo, '.adf/adf.sock')) ? true : null));
    const status = machine.say(`${adf} status`, repo);
    expect(status.code, status.out).toBe(0);
    const tried = machine.say(`${adf} try --memory 256MiB -- git --version`, machine.dir);
    expect(tried.code, tried.out).toBe(0);
    const path = `PATH="${REPOSITORY}/test/fixtures/conformance:$PATH"`;
    const kit = machine.say(`${path} ${adf} doctor --conformance --cli claude --scenario text`, machine.dir);
    expect(kit.code, kit.out).toBe(0);
    expect(kit.out).toContain('1 run as expected');

    signalGroup(child, 'SIGINT');
    await exited;
    expect(textOf(log)).toContain('nothing left running');
    expect(machine.processes()).toEqual([]);
  });
});
