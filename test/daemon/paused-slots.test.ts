// A paused project with many due slots: none is started, each has its verdict, and nobody else waits for it.

import { afterEach, describe, expect, it } from 'vitest';
import type { AgentKey } from '../../src/core/ids.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const MINUTE = 60_000;
/** The rig begins 15 s before a full minute. */
const TO_THE_MINUTE = 15_000;

/** Nothing else holds anybody. */
const ROOM = '[factory]\nmax_concurrent_agents = 100\n';

let rig: DaemonRig;
afterEach(() => rig.dispose());

/** `count` agents of `project`, each due every minute. */
function minutely(project: string, count: number): string {
  const agents = Array.from(
    { length: count },
    (_none, index) => `
[[agents]]
name = "agent-${index}"
project = "${project}"
layer = "Core"
schedule = "* * * * *"
cli_tool = "sh"
task = "true"
max_memory_bytes = "1MiB"
`,
  );
  return `
[[projects]]
id = "${project}"
working_dir = "/repo"
${agents.join('')}`;
}

function keysOf(project: string): readonly AgentKey[] {
  return rig.fleet.now.agents.filter((agent) => agent.project === project).map((agent) => agent.key);
}

/** Every slot of `project`, as the verdicts cover them. */
function covered(
  project: string,
): readonly { readonly verdict: string; readonly codes: string; readonly count: number }[] {
  const rows = keysOf(project).flatMap((agent) => rig.ledger.slots.ofAgent(agent, 1_000));
  return rows.map(({ verdict, reasons, count }) => ({ verdict, codes: reasons.map((one) => one.code).join(), count }));
}

function sum(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((total, row) => total + row.count, 0);
}

describe('a paused project with 1,000 due slots', () => {
  it('starts none of them, stores a verdict for each, and delays no other project', async () => {
    rig = await DaemonRig.start({ toml: `${ROOM}${minutely('sandbox', 50)}${minutely('demo', 5)}` });
    rig.setFlag('sandbox', true);
    await rig.pass(TO_THE_MINUTE + 19 * MINUTE + 1_000);
    const paused = covered('sandbox');
    expect(sum(paused)).toBe(1_000);
    expect(new Set(paused.map((row) => `${row.verdict} ${row.codes}`))).toEqual(new Set(['refused project.paused']));
    // One row for each agent: the table does not grow while nothing changes.
    expect(paused).toHaveLength(50);
    expect(keysOf('sandbox').filter((agent) => rig.startsOf(agent) > 0)).toEqual([]);
    expect(keysOf('demo').map((agent) => rig.startsOf(agent))).toEqual([20, 20, 20, 20, 20]);
    expect(Math.max(...rig.host.starts.map(({ at }) => at % MINUTE))).toBeLessThan(50);
  });

  it('is refused in the same instant in which others are started, also when all are due at once', async () => {
    rig = await DaemonRig.start({ toml: `${minutely('sandbox', 1_000)}${minutely('demo', 3)}` });
    rig.setFlag('sandbox', true);
    await rig.pass(TO_THE_MINUTE + 1_000);
    expect(sum(covered('sandbox'))).toBe(1_000);
    expect(rig.host.starts).toHaveLength(3);
    expect(Math.max(...rig.host.starts.map(({ at }) => at % MINUTE))).toBeLessThan(50);
  });

  it('is held by its open breaker alone when the flag cannot be written', async () => {
    rig = await DaemonRig.start({ toml: minutely('sandbox', 10) });
    rig.flags.failure = 'ENOSPC';
    await rig.command(async (control) => control.breaker('sandbox', 'trip', { by: 'alice', reason: 'audit' }));
    await rig.pass(TO_THE_MINUTE + 2 * MINUTE);
    expect(new Set(covered('sandbox').map((row) => row.codes))).toEqual(new Set(['breaker.open']));
    expect(rig.host.starts).toEqual([]);
    const status = await rig.command(async (control) => control.status());
    expect(status?.attention[0]?.text).toMatch(/^the pause flag of sandbox cannot be written.*ENOSPC/);
  });
});
