// Wherever a run is found to be over, nothing is kept for it any more, its slot says so, and its issue is told.

import { afterEach, describe, expect, it } from 'vitest';
import type { AgentKey, RunId } from '../../src/core/ids.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import type { RigInput } from '../support/daemon-rig.ts';
import { twoAgents, WORKER } from '../support/two-agents.ts';

const ISSUE = 1;
const GITEA = `
[gitea]
url = "https://git.example.org"
token_file = "/etc/adf/token"
owner = "acme"
repository = "factory"
`;
const ASKS = 'pre_check = { kind = "shell", script = "true", timeout_secs = 60 }';

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function factory(worker: string, over: Partial<RigInput> = {}): Promise<void> {
  rig = await DaemonRig.start({ ...over, toml: `${GITEA}${twoAgents({ worker })}` });
}

function kept(): readonly string[] {
  return [...rig.ledger.states.all('meta').keys()].filter((key) => /^(findings|seen) /.test(key));
}

/** A run of the worker between its two attempts. */
async function betweenAttempts(): Promise<RunId> {
  rig.script(WORKER, (run) => ({ endsAfterMs: 0, output: 'found 3', code: run.state === 'prechecking' ? 0 : 1 }));
  await rig.ask(WORKER);
  const fact = await rig.fact((each) => each.kind === 'run.retrying');
  return fact.run as RunId;
}

async function refused(id: RunId): Promise<void> {
  rig.setFlag('web', true);
  await rig.until(() => rig.ledger.runs.get(id)?.outcome?.kind === 'refused', 10 * 60_000);
}

describe('a run that is refused between two attempts', () => {
  it('leaves nothing of what its pre-check found', async () => {
    await factory(`retry = { max = 1, backoff = "150s" }\n${ASKS}`);
    const id = await betweenAttempts();
    expect(kept()).toEqual([`findings ${id}`]);
    await refused(id);
    expect(kept()).toEqual([]);
  });

  it('leaves nothing of what its pre-check saw, and that is not taken as dealt with', async () => {
    const asks = 'pre_check = { kind = "git-diff", watch_paths = ["src"] }';
    await factory(`retry = { max = 1, backoff = "150s" }\n${asks}`);
    const id = await betweenAttempts();
    expect(kept()).toEqual([`findings ${id}`, `seen ${id}`]);
    await refused(id);
    expect([kept(), rig.ledger.states.get('schedule', WORKER)]).toEqual([[], null]);
  });

  it('tells its issue', async () => {
    await factory('retry = { max = 1, backoff = "150s" }\ngitea_issue = 1');
    const draft = { project: 'web', marker: 'by hand', title: 'Report', body: 'b', labels: [], assignees: [] };
    rig.issues.store.insert({ ...draft, createdAt: rig.clock.now() });
    await refused(await betweenAttempts());
    await rig.quiet();
    expect(rig.issues.store.comments(ISSUE).map(({ body }) => body)).toEqual([
      expect.stringMatching(/\brefused\b/) as string,
    ]);
  });
});

it('a slot whose run was put back and canceled then counts as admitted', async () => {
  await factory(`schedule = "* * * * *"\n${ASKS}`, { ledger: 'file' });
  rig.host.holdStarts();
  await rig.until(() => rig.host.asked.length === 1);
  rig.ledger.states.set('drain', 'factory', true);
  rig.kill();
  rig.host.die();
  await rig.restart();
  const [waiting] = rig.ledger.runs.waiting();
  const slot = (): string | undefined => rig.ledger.slots.ofAgent(WORKER as AgentKey, 1)[0]?.verdict;
  expect(slot()).toBe('waiting');
  await rig.command(async (control) => control.cancel(waiting?.id as RunId));
  expect([rig.ledger.runs.get(waiting?.id as RunId)?.outcome?.kind, slot()]).toEqual(['canceled', 'admitted']);
});

it('a standing wish that is withdrawn is told of with its project', async () => {
  const safety = (more: string): string =>
    twoAgents({ worker: '' }).replace('layer = "Growth"', `layer = "Safety"\n${more}`);
  rig = await DaemonRig.start({ toml: safety('') });
  rig.setFlag('web', true);
  await rig.until(() => rig.ledger.runs.waiting().length > 0 || rig.host.live().length > 0);
  rig.host.exitAll({ code: 1 });
  await rig.until(() => rig.ledger.runs.waiting().length === 1);
  await rig.reload(safety('enabled = false'));
  const ended = await rig.fact((fact) => fact.kind === 'run.ended' && fact.outcome.kind === 'canceled');
  expect(ended).toMatchObject({ agent: WORKER, project: 'web', outcome: { by: 'removed' } });
});
