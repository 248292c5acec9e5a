// What pauses a project: how many failures, of which agents, of which kind.

import { afterEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/core/run/outcome.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const FAILED: Outcome = { kind: 'failed', class: 'agent_failure', reason: 'exit 1' };
const SUCCEEDED: Outcome = { kind: 'succeeded' };

let rig: DaemonRig;
afterEach(() => rig.dispose());

function project(id: string, agents: readonly string[], breaker: string): string {
  const entries = agents.map(
    (name) => `
[[agents]]
name = "${name}"
project = "${id}"
layer = "Growth"
cli_tool = "sh"
task = "true"
`,
  );
  return `
[[projects]]
id = "${id}"
working_dir = "/repo"
[projects.breaker]
${breaker}
${entries.join('')}`;
}

async function fleet(agents: readonly string[], breaker = ''): Promise<void> {
  rig = await DaemonRig.start({ toml: project('sandbox', agents, breaker) });
}

async function fail(agent: string, times = 1): Promise<void> {
  for (let failures = 0; failures < times; failures += 1) {
    rig.ended(agent, FAILED);
  }
  await rig.quiet();
}

function isPaused(id = 'sandbox'): boolean {
  return rig.flags.stat(id).kind === 'present';
}

describe('the threshold', () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 3],
    [10, 10],
  ])('of %i pauses with failure %i in a row, and not before', async (threshold, failures) => {
    await fleet(['project-meta'], `threshold = ${threshold}`);
    await fail('sandbox/project-meta', failures - 1);
    expect(isPaused()).toBe(false);
    await fail('sandbox/project-meta');
    expect(isPaused()).toBe(true);
    await fail('sandbox/project-meta', 4);
    expect(rig.factsOf('breaker.opened')).toHaveLength(1);
    expect(rig.issues.store.list({ project: null, state: null, limit: 9 })).toHaveLength(1);
  });

  it('counts in a row: a success begins anew', async () => {
    await fleet(['project-meta']);
    await fail('sandbox/project-meta', 2);
    rig.ended('sandbox/project-meta', SUCCEEDED);
    await fail('sandbox/project-meta', 2);
    expect(isPaused()).toBe(false);
    await fail('sandbox/project-meta');
    expect(isPaused()).toBe(true);
  });

  it('counts the meta agents of a project together', async () => {
    await fleet(['project-meta', 'project-meta-nightly']);
    await fail('sandbox/project-meta', 2);
    await fail('sandbox/project-meta-nightly');
    expect(isPaused()).toBe(true);
  });

  it('counts each project for itself', async () => {
    const toml = ['sandbox', 'demo'].map((id) => project(id, ['project-meta'], '')).join('');
    rig = await DaemonRig.start({ toml });
    for (let round = 0; round < 2; round += 1) {
      await fail('sandbox/project-meta');
      await fail('demo/project-meta');
    }
    rig.ended('demo/project-meta', SUCCEEDED);
    await fail('sandbox/project-meta');
    expect([isPaused('sandbox'), isPaused('demo')]).toEqual([true, false]);
  });
});

describe('failures of an agent', () => {
  it.each([
    ['project-meta', true],
    ['project-meta-sandbox', true],
    ['project-meta-2', true],
    ['project-metal', false],
    ['my-project-meta', false],
    ['meta', false],
    ['developer', false],
    ['reviewer', false],
  ])('called %s: counted by default %s', async (name, counted) => {
    await fleet([name]);
    await fail(`sandbox/${name}`, 4);
    expect(isPaused()).toBe(counted);
  });

  it('are others where the project says so', async () => {
    await fleet(['project-meta', 'nightly-build'], 'agents = ["nightly-*"]');
    await fail('sandbox/project-meta', 4);
    expect(isPaused()).toBe(false);
    await fail('sandbox/nightly-build', 3);
    expect(isPaused()).toBe(true);
  });
});

const failed = (name: Extract<Outcome, { kind: 'failed' }>['class']): Outcome => ({ ...FAILED, class: name });
const COUNTED: readonly Outcome[] = [
  ...(['agent_failure', 'no_result', 'oom', 'output', 'pids', 'killed', 'setup', 'missing_program'] as const).map(
    failed,
  ),
  { kind: 'timed_out', limit: 'wall', reason: '20s' },
  { kind: 'timed_out', limit: 'cpu', reason: '10s' },
  { kind: 'stalled', reason: 'silent for 10m' },
];
const NOT_COUNTED: readonly Outcome[] = [
  ...(['auth', 'billing', 'quota', 'rate', 'overload', 'network', 'context', 'own_limit'] as const).map(failed),
  ...(['bad_session', 'did_not_start', 'precheck', 'empty_success'] as const).map(failed),
  ...(['reboot', 'keeper_died', 'unknown'] as const).map((cause): Outcome => ({
    kind: 'lost',
    cause,
    reason: 'nobody knows',
  })),
  ...(['operator', 'drain', 'replaced', 'shutdown', 'paused', 'removed'] as const).map((by): Outcome => ({
    kind: 'canceled',
    by,
    reason: 'stopped',
  })),
  { kind: 'refused', reasons: [] },
];

function nameOf(outcome: Outcome): string {
  return Object.values(outcome).slice(0, 2).join(' ');
}

describe('three ends in a row', () => {
  it.each(COUNTED.map((outcome) => [nameOf(outcome), outcome] as const))('pause: %s', async (_name, outcome) => {
    await fleet(['project-meta']);
    for (let ends = 0; ends < 3; ends += 1) {
      rig.ended('sandbox/project-meta', outcome);
    }
    await rig.quiet();
    expect(isPaused()).toBe(true);
  });

  it.each(NOT_COUNTED.map((outcome) => [nameOf(outcome), outcome] as const))(
    'do not pause, and take nothing back: %s',
    async (_name, outcome) => {
      await fleet(['project-meta']);
      await fail('sandbox/project-meta', 2);
      for (let ends = 0; ends < 3; ends += 1) {
        rig.ended('sandbox/project-meta', outcome);
      }
      await rig.quiet();
      expect(isPaused()).toBe(false);
      await fail('sandbox/project-meta');
      expect(isPaused()).toBe(true);
    },
  );
});
