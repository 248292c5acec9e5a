// The wrapper in a file, on real shells: what it gives to the program, and how it proves that the program never ran.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, constantFrom, property, string } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proofOfEnd, wordOfSignal, wrapperFile, type WrapperFileInput } from '../../src/os/start-wrapper.ts';

const PRINT = ['/bin/sh', '-c', 'printf "%s\\0" "$@"; printf "%s" "$VALUE"', 'print'];
const TRIES = 25;

type Case = Partial<WrapperFileInput> & { readonly argv?: readonly string[] };

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-wrapper-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

function run(shell: string, argv: readonly string[], wish: Partial<WrapperFileInput> = {}) {
  const path = join(dir, 'start');
  const input = { env: {}, cwd: dir, cpuSeconds: null, limits: {}, cgroupMount: '/sys/fs/cgroup', ...wish };
  writeFileSync(path, wrapperFile(input, argv));
  return spawnSync('/usr/bin/env', ['-i', shell, path], { encoding: 'utf8' });
}

describe.each(['/bin/dash', '/bin/bash'])('the wrapper under %s', (shell) => {
  it('gives every argument and variable as it is, whatever it contains', () => {
    const text = string({
      unit: constantFrom('a', "'", '"', '$', '%', '\\', '`', '\n', ' ', '{', '}', '*', 'ü', '!'),
    });
    assert(
      property(array(text, { maxLength: 4 }), text, (args, value) => {
        const { stdout } = run(shell, [...PRINT, ...args], { env: { VALUE: value } });
        expect(stdout).toBe(`${args.length === 0 ? '\0' : args.map((each) => `${each}\0`).join('')}${value}`);
      }),
      { numRuns: TRIES },
    );
  });

  it('gives no variable but those asked for, and what a shell sets itself', () => {
    const { stdout } = run(shell, ['/usr/bin/env'], { env: { ONE: '1' } });
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names.filter((name) => !['PWD', 'SHLVL', '_'].includes(name ?? ''))).toEqual(['ONE']);
  });

  it.each<readonly [number, string, Case]>([
    [62, 'the program is missing', { argv: ['/nowhere/program'] }],
    [61, 'the folder is missing', { cwd: '/nowhere/at/all' }],
    [59, 'its meter does not begin', { env: { ADF_METER: '/bin/false' } }],
    [60, 'a limit is not what it should be', { limits: { 'cgroup.procs': 'no pid' } }],
    [60, 'a file of the group is missing', { limits: { 'memory.nothing': '1' } }],
  ])('ends itself by signal %i where %s', (number, _, { argv = ['/bin/true'], ...wish }: Case) => {
    const path = join(dir, 'start');
    const input = { env: {}, cwd: dir, cpuSeconds: null, limits: {}, cgroupMount: '/sys/fs/cgroup', ...wish };
    writeFileSync(path, wrapperFile(input, argv));
    // A shell around it, because Node has no names for these signals.
    const proof = '5e1d'.repeat(8);
    const line = `env -i ${shell} "$0" "$1"; echo $?`;
    const { stdout, stderr } = spawnSync(shell, ['-c', line, path, proof], { encoding: 'utf8' });
    expect(Number(stdout)).toBe(128 + number);
    const signal = `RTMIN+${number - 34}`;
    expect(proofOfEnd(signal, stderr, proof)).toBe(wordOfSignal(signal));
    expect(proofOfEnd(signal, stderr, proof.replace('5', '6'))).toBeNull();
    expect(proofOfEnd(signal, stderr.replaceAll(proof, ''), '')).toBeNull();
  });

  it('leaves to the program nothing by which it could prove that it never ran', () => {
    const proof = '5e1d'.repeat(8);
    const path = join(dir, 'start');
    const input = { env: { A: '1' }, cwd: dir, cpuSeconds: 5, limits: {}, cgroupMount: '/sys/fs/cgroup' };
    const look = 'set; cat /proc/self/environ /proc/$$/environ; tr "\\0" " " </proc/$$/cmdline; kill -60 $$';
    writeFileSync(path, wrapperFile(input, ['/bin/sh', '-c', look]));
    const line = `env -i ${shell} "$0" "$1" 2>&1; echo "status $?"`;
    const { stdout } = spawnSync(shell, ['-c', line, path, proof], { encoding: 'utf8' });
    expect(stdout).toContain(`status ${128 + 60}`);
    expect(stdout).toContain('cmdline');
    expect(stdout).not.toContain(proof);
  });

  it('demands no swap where the kernel has any, and begins where it has none', () => {
    const group = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '';
    mkdirSync(`${dir}${group}`, { recursive: true });
    const wish = { limits: { 'memory.swap.max': '0' }, cgroupMount: dir };
    expect(run(shell, ['/bin/echo', 'ran'], wish).stdout).toBe('ran\n');
    writeFileSync(`${dir}${group}/memory.swap.max`, 'max\n');
    expect(run(shell, ['/bin/echo', 'ran'], wish).stdout).toBe('');
    writeFileSync(`${dir}${group}/memory.swap.max`, '0\n');
    expect(run(shell, ['/bin/echo', 'ran'], wish).stdout).toBe('ran\n');
    rmSync(`${dir}${group}/memory.swap.max`);
  });

  it('leaves the codes 126 and 127 to the program', () => {
    expect(run(shell, ['/bin/sh', '-c', 'exit 127']).status).toBe(127);
    expect(run(shell, ['/bin/sh', '-c', 'exit 126']).status).toBe(126);
  });
});
