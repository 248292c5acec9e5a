// What real shells and programs do with the plans of exec.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { execDriver } from '../../../src/drivers/exec/driver.ts';
import type { LaunchInput } from '../../../src/ports/agent-driver.ts';
import { launchInput } from '../launch-input.ts';

describe('exec', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'adf-exec-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function run(changes: Partial<LaunchInput>): { readonly code: number | null; readonly output: string } {
    const plan = execDriver.launch(launchInput({ filePrefix: join(folder, 'r1.1'), ...changes }));
    for (const { path, text } of plan.files) {
      writeFileSync(path, text, { mode: 0o600 });
    }
    const [program, ...args] = plan.argv;
    const ended = spawnSync(program, args, {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...plan.env },
      input: plan.stdin ?? '',
      encoding: 'utf8',
    });
    return { code: ended.status, output: ended.stdout };
  }

  it.each(['sh', 'bash'])('runs the task in %s with its arguments and exit code', (program) => {
    const task = '#!/bin/sh\nset -eu\ncat <<END\n$# $1\nEND\nexit 7\n';
    expect(run({ program, task, args: ['a b'] })).toEqual({ code: 7, output: '1 a b\n' });
  });

  it.each(['sh', 'bash'])('lets a command of a %s script read stdin without eating the script', (program) => {
    const task = 'cat >/dev/null\necho still here\n';
    expect(run({ program, task })).toEqual({ code: 0, output: 'still here\n' });
  });

  it('runs a script of a megabyte', () => {
    const task = `: '${'x'.repeat(1_000_000)}'\necho end\n`;
    expect(run({ program: 'sh', task })).toEqual({ code: 0, output: 'end\n' });
  });

  it('hands data to a script as text that nothing runs', () => {
    const data = '"; $(touch pwned) `touch pwned`\n';
    const task = 'cat\ncat "$ADF_DATA_FILE"\nls | grep -c pwned\n';
    expect(run({ program: 'sh', task, data })).toEqual({ code: 1, output: `${data}${data}0\n` });
  });

  it('gives a program the task on stdin', () => {
    expect(run({ program: 'cat', args: ['-'], task: 'words' })).toEqual({ code: 0, output: 'words' });
  });
});
