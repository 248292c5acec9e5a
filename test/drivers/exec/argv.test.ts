// How any program gets its task, its arguments and the data of an event.

import { describe, expect, it } from 'vitest';

import { execDriver } from '../../../src/drivers/exec/driver.ts';
import type { LaunchInput } from '../../../src/ports/agent-driver.ts';
import { errorCode } from '../error-code.ts';
import { launchInput } from '../launch-input.ts';

const launch = (input: Partial<LaunchInput>): ReturnType<typeof execDriver.launch> =>
  execDriver.launch(launchInput(input));

describe('exec', () => {
  it.each(['bash', 'sh', 'zsh', 'dash', '/usr/bin/fish'])(
    'lets %s run the task as its script, from a file',
    (program) => {
      const plan = launch({ program, task: 'echo hi\n', args: ['a', '-x'] });
      expect(plan.argv).toEqual([program, '/state/r1.1.script', 'a', '-x']);
      expect(plan.files).toEqual([{ path: '/state/r1.1.script', text: 'echo hi\n' }]);
      expect(plan.stdin).toBeNull();
    },
  );

  it('takes a script of any length', () => {
    const task = `: ${'x'.repeat(1_000_000)}\necho end\n`;
    const plan = launch({ program: 'bash', task });
    expect(plan.files[0]?.text).toBe(task);
    expect(plan.argv.join(' ').length).toBeLessThan(100);
  });

  it('gives a shell without a task its arguments as they are', () => {
    const plan = launch({ program: 'bash', args: ['-c', 'echo hi'] });
    expect(plan.argv).toEqual(['bash', '-c', 'echo hi']);
    expect(plan.files).toEqual([]);
    expect(plan.stdin).toBeNull();
  });

  it('gives any other program its arguments, and the task on stdin', () => {
    const plan = launch({ program: 'git', args: ['fsck', '--full'], task: 'text' });
    expect(plan.argv).toEqual(['git', 'fsck', '--full']);
    expect(plan.stdin).toBe('text');
  });

  it('does not take a program for a shell whose name only contains one', () => {
    expect(launch({ program: 'bashful', task: 'text' }).stdin).toBe('text');
  });

  it('puts task, file of the task and model where the arguments ask for them', () => {
    const plan = launch({
      program: 'goose',
      args: ['run', '-t', '{task}', '--input={task_file}', '-m', '{model}', '${HOME}'],
      task: 'a "b" $(c)',
      model: 'm-1',
    });
    expect(plan.argv).toEqual(['goose', 'run', '-t', 'a "b" $(c)', '--input=/state/r1.1.task', '-m', 'm-1', '${HOME}']);
    expect(plan.files).toEqual([{ path: '/state/r1.1.task', text: 'a "b" $(c)' }]);
    expect(plan.stdin).toBeNull();
  });

  it('does not fill in what stands in the task itself', () => {
    expect(launch({ program: 'goose', args: ['{task}'], task: '{model} $& $1' }).argv).toEqual([
      'goose',
      '{model} $& $1',
    ]);
  });

  it.each([
    ['fits exactly', 131_071, null],
    ['is a byte too long', 131_072, 'launch.task_not_an_argument'],
  ])('takes a task as an argument when it %s', (_, length, code) => {
    expect(errorCode(() => launch({ program: 'goose', args: ['{task}'], task: 'x'.repeat(length) }))).toBe(code);
  });

  it('counts the length of an argument in bytes, and takes no NUL', () => {
    expect(errorCode(() => launch({ args: ['{task}'], task: 'é'.repeat(65_536) }))).toBe('launch.task_not_an_argument');
    expect(errorCode(() => launch({ args: ['{task}'], task: 'a\0b' }))).toBe('launch.task_not_an_argument');
  });

  it('says what is missing when the arguments ask for a model that is not set', () => {
    expect(errorCode(() => launch({ args: ['{model}'] }))).toBe('launch.model_missing');
  });

  it('never mixes the data of an event with a script: it is a file, and stdin where that is free', () => {
    const plan = launch({ program: 'bash', task: 'cat', data: '$(touch pwned)' });
    expect(plan.files).toEqual([
      { path: '/state/r1.1.script', text: 'cat' },
      { path: '/state/r1.1.data', text: '$(touch pwned)' },
    ]);
    expect(plan.env).toEqual({ ADF_DATA_FILE: '/state/r1.1.data' });
    expect(plan.stdin).toBe('$(touch pwned)');
    expect(plan.argv).toEqual(['bash', '/state/r1.1.script']);
  });

  it('keeps stdin for the task of a program that also gets data', () => {
    const plan = launch({ program: 'ssh', args: ['host', 'sh'], task: 'uptime', data: 'rm -r /' });
    expect(plan.stdin).toBe('uptime');
    expect(plan.files).toEqual([{ path: '/state/r1.1.data', text: 'rm -r /' }]);
  });
});
