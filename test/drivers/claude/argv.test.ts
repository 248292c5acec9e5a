// How Claude Code is started.

import { describe, expect, it } from 'vitest';

import { claudeDriver } from '../../../src/drivers/claude/driver.ts';
import type { LaunchInput, LaunchPlan } from '../../../src/ports/agent-driver.ts';
import { errorCode } from '../error-code.ts';
import { launchInput } from '../launch-input.ts';

const launch = (changes: Partial<LaunchInput>): LaunchPlan =>
  claudeDriver.launch(launchInput({ program: 'claude', task: 'fix it', ...changes }));

const SETTINGS = launchInput({}).settings;

describe('claude', () => {
  it('gets its prompt on stdin, never on the command line', () => {
    const plan = launch({ task: 'a secret plan' });
    expect(plan.stdin).toBe('a secret plan');
    expect(plan.argv.join(' ')).not.toContain('secret');
  });

  it('prints its stream, may edit files and asks nobody', () => {
    expect(launch({}).argv).toEqual([
      'claude',
      '-p',
      '--disallowedTools',
      'AskUserQuestion',
      '--output-format',
      'stream-json',
      '--verbose',
      '--permission-mode',
      'acceptEdits',
    ]);
  });

  it('neither updates itself nor reports home, and gives up after three retries', () => {
    expect(launch({}).env).toMatchObject({
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      CLAUDE_CODE_MAX_RETRIES: '3',
    });
  });

  it.each([
    ['new', { kind: 'new', id: 'a' }, ['--session-id', 'a'], 'a'],
    ['resume', { kind: 'resume', id: 'a' }, ['--resume', 'a'], 'a'],
    ['fork', { kind: 'fork', id: 'a', newId: 'b' }, ['--resume', 'a', '--fork-session', '--session-id', 'b'], 'b'],
    ['fork without an id', { kind: 'fork', id: 'a' }, ['--resume', 'a', '--fork-session'], null],
  ] as const)('names its session before the spawn: %s', (...row) => {
    const [, session, words, id] = row;
    const plan = launch({ session });
    expect(plan.argv.slice(-words.length)).toEqual(words);
    expect(plan.sessionId).toBe(id);
  });

  it('passes model, limits, tools and mode, and ends with the arguments of the agent', () => {
    const plan = launch({
      model: 'opus',
      args: ['--effort', 'high'],
      settings: {
        permissionMode: 'dontAsk',
        allowedTools: ['Bash(git diff:*)', 'Read'],
        deniedTools: ['WebFetch'],
        maxTurns: 7,
        maxBudgetMicroUsd: 1_250_000,
      },
    });
    expect(plan.argv.join(' ')).toBe(
      'claude -p --allowedTools Bash(git diff:*) Read --disallowedTools AskUserQuestion WebFetch ' +
        '--output-format stream-json --verbose --permission-mode dontAsk --model opus --max-turns 7 ' +
        '--max-budget-usd 1.25 --include-partial-messages --effort high',
    );
  });

  it('tells tokens as they are made where a budget may have to stop it', () => {
    expect(launch({ live: true }).argv).toContain('--include-partial-messages');
    expect(launch({ live: false }).argv).not.toContain('--include-partial-messages');
  });

  it('refuses a permission mode that it does not have, and says which it has', () => {
    const start = (): unknown => launch({ settings: { ...SETTINGS, permissionMode: 'yolo' } });
    expect(start).toThrow(/"yolo"; it knows acceptEdits, /);
    expect(errorCode(start)).toBe('launch.permission_mode');
  });

  it('fences the data of an event with more backticks than it holds', () => {
    const plan = launch({ task: 'look', data: 'a ```` b' });
    expect(plan.stdin).toMatch(/^## Task\n\nlook\n\n## .*untrusted.*\n\n`{5}\na ```` b\n`{5}\n$/);
  });
});
