// What holds for the start of every model CLI, and the command lines of codex, opencode, gemini and qwen.

import { describe, expect, it } from 'vitest';

import type { DriverSettings } from '../../src/core/fleet.ts';
import { driverFor, DRIVERS } from '../../src/drivers/registry.ts';
import type { LaunchInput, LaunchPlan } from '../../src/ports/agent-driver.ts';
import { errorCode } from './error-code.ts';
import { launchInput } from './launch-input.ts';

const MODEL_CLIS = DRIVERS.map(({ name }) => name).filter((name) => name !== 'exec');

const SETTINGS = launchInput({}).settings;
const START = { session: { kind: 'new', id: 'a' } } as const;
const RESUME = { session: { kind: 'resume', id: 'a' } } as const;
const FORK = { session: { kind: 'fork', id: 'a', newId: 'b' } } as const;

function launch(program: string, changes: Partial<LaunchInput> = {}): LaunchPlan {
  return driverFor(program).launch(launchInput({ program, task: 'fix it', ...changes }));
}

function settings(changes: Partial<DriverSettings>): Partial<LaunchInput> {
  return { settings: { ...SETTINGS, ...changes } };
}

describe.each(MODEL_CLIS)('%s', (cli) => {
  it('gets its prompt on stdin, whatever its length, and never on the command line', () => {
    const task = `private ${'x'.repeat(1_000_000)}`;
    const plan = launch(cli, { task });
    expect(plan.stdin).toBe(task);
    expect(plan.argv.join(' ')).not.toContain('private');
  });

  it('gets the data of an event in the same prompt, fenced', () => {
    expect(launch(cli, { data: 'evil' }).stdin).toMatch(/^## Task\n\nfix it\n\n## Data.*untrusted/);
  });

  it('is started by the path that was written, with the arguments of the agent', () => {
    const plan = launch(`/opt/bin/${cli}`, { args: ['--extra', 'x y'] });
    expect(plan.argv[0]).toBe(`/opt/bin/${cli}`);
    expect(plan.argv.join(' ')).toContain('--extra x y');
  });

  it('has deadlines, its stderr apart, and is interrupted first', () => {
    expect(launch(cli)).toMatchObject({
      separateStderr: true,
      stopManner: 'interrupt-first',
      firstOutputMs: 120_000,
      idleMs: 600_000,
      idleWithToolMs: 7_200_000,
    });
  });

  it('takes a model', () => {
    const { argv } = launch(cli, { model: 'm-1' });
    expect(argv[argv.indexOf(driverFor(cli).capabilities.modelFlag ?? '') + 1]).toBe('m-1');
  });

  it('refuses a permission mode that it does not have', () => {
    expect(errorCode(() => launch(cli, settings({ permissionMode: 'whatever' })))).toBe('launch.permission_mode');
  });

  it('names its session before the spawn where its record says that it can', () => {
    const chosen = driverFor(cli).capabilities.sessionId === 'chosen';
    expect(launch(cli, START).sessionId).toBe(chosen ? 'a' : null);
    expect(launch(cli, RESUME).sessionId).toBe('a');
  });

  it('forks where its record says that it can', () => {
    const code = errorCode(() => launch(cli, FORK));
    expect(code).toBe(driverFor(cli).capabilities.fork ? null : 'launch.no_fork');
  });

  it('tells what it was measured with and what it gets wrong', () => {
    const { capabilities } = driverFor(cli);
    expect(capabilities.measuredWith).toMatch(/^\d+\.\d+\.\d+$/);
    expect(capabilities.knownLies.length).toBeGreaterThan(3);
    expect(capabilities.exitCodes.length).toBeGreaterThan(1);
  });
});

describe('the command line', () => {
  const words = (cli: string, changes: Partial<LaunchInput> = {}): string => launch(cli, changes).argv.join(' ');
  const codex =
    'codex exec --json --skip-git-repo-check -C /repo -s workspace-write ' +
    '-c analytics.enabled=false -c check_for_update_on_startup=false';

  it('of codex ends with the prompt on stdin, after the session', () => {
    expect(words('codex', START)).toBe(`${codex} -`);
    expect(words('codex', RESUME)).toBe(`${codex} resume a -`);
    expect(words('codex', FORK)).toBe(`${codex} fork a -`);
    expect(words('codex', settings({ permissionMode: 'bypass' }))).toContain(
      '--dangerously-bypass-approvals-and-sandbox',
    );
  });

  it('of codex is refused with what codex cannot hold', () => {
    const refused = [settings({ deniedTools: ['x'] }), settings({ allowedTools: ['x'] }), settings({ maxTurns: 1 })];
    expect(refused.map((changes) => errorCode(() => words('codex', changes)))).toEqual(
      Array.from({ length: 3 }, () => 'launch.unsupported_setting'),
    );
    expect(() => words('codex', settings({ maxTurns: 1 }))).toThrow(/max_turns/);
  });

  it('of opencode names the folder; denials are laid over its configuration', () => {
    expect(words('opencode', START)).toBe('opencode run --format json --dir /repo');
    expect(words('opencode', FORK)).toBe('opencode run --format json --dir /repo --session a --fork');
    expect(words('opencode', settings({ permissionMode: 'auto' }))).toContain('--auto');
    const { env } = launch('opencode', settings({ allowedTools: ['bash', 'edit'], deniedTools: ['edit'] }));
    expect(JSON.parse(env['OPENCODE_PERMISSION'] ?? '')).toEqual({ bash: 'allow', edit: 'deny' });
    expect(env).toMatchObject({ OPENCODE_DISABLE_AUTOUPDATE: '1', PWD: '/repo' });
    expect(launch('opencode').env['OPENCODE_PERMISSION']).toBeUndefined();
  });

  it('of gemini asks for events; what has no option stands in its file of defaults', () => {
    expect(words('gemini', START)).toBe('gemini -o stream-json --approval-mode auto_edit --skip-trust --session-id a');
    const plan = launch('gemini', settings({ allowedTools: ['a', 'b'], deniedTools: ['c'], maxTurns: 3 }));
    expect(plan.argv.join(' ')).toContain('--allowed-tools a --allowed-tools b');
    expect(plan.env).toEqual({
      GEMINI_CLI_NO_RELAUNCH: 'true',
      GEMINI_CLI_SYSTEM_DEFAULTS_PATH: '/state/r1.1.gemini.json',
    });
    expect(plan.files.map(({ path }) => path)).toEqual(['/state/r1.1.gemini.json']);
    expect(JSON.parse(plan.files[0]?.text ?? '')).toMatchObject({
      general: { enableAutoUpdate: false },
      privacy: { usageStatisticsEnabled: false },
      model: { maxSessionTurns: 3 },
      tools: { exclude: ['c'] },
    });
  });

  it('of qwen has options for tools and turns', () => {
    expect(words('qwen', FORK)).toBe('qwen -o stream-json --approval-mode auto-edit --resume a --fork-session');
    expect(words('qwen', settings({ allowedTools: ['a'], deniedTools: ['b', 'c'], maxTurns: 3 }))).toBe(
      'qwen -o stream-json --approval-mode auto-edit --allowed-tools a --exclude-tools b --exclude-tools c --max-session-turns 3',
    );
  });

  it('of any other program is refused with settings that nobody would hold', () => {
    expect(errorCode(() => launch('aider', settings({ deniedTools: ['x'] })))).toBe('launch.unsupported_setting');
  });
});
