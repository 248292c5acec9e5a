// What runs bring, posted to the issue that their agent names; and the pre-check that asks whether that issue has news.

import { afterEach, describe, expect, it } from 'vitest';
import type { AttemptId } from '../../src/core/ids.ts';
import type { FakeBehaviour } from '../support/fake-host.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const MINUTE = 60_000;
const ISSUE = 1;
const SECRET = 'hunter2-hunter2';

const GITEA = `
[gitea]
url = "https://git.example.org"
token_file = "/etc/adf/token"
owner = "acme"
repository = "factory"
`;

const fleet = (agent: string, gitea = GITEA): string => `
${gitea}
[[projects]]
id = "web"
working_dir = "/"

[[agents]]
name = "reporter"
project = "web"
layer = "Growth"
cli_tool = "node"
timeout = "1h"
${agent}
`;

let rig: DaemonRig;

afterEach(async () => rig.dispose());

/** A factory with one issue, number 1, that a person opened. */
async function start(toml: string, dieAt?: number): Promise<void> {
  rig = await DaemonRig.start({ toml, secrets: [SECRET], ...(dieAt === undefined ? {} : { dieAt }) });
  const draft = { project: 'web', marker: 'by hand', title: 'Nightly report', body: 'b', labels: [], assignees: [] };
  rig.issues.store.insert({ ...draft, createdAt: rig.clock.now() });
}

const bodies = (): readonly string[] => rig.issues.store.comments(ISSUE).map((comment) => comment.body);
const say = (text: string): FakeBehaviour => ({ endsAfterMs: 0, output: text });

/** Runs the reporter to its end and everything that follows from that. */
async function report(behaviour: FakeBehaviour): Promise<void> {
  rig.script('web/reporter', behaviour);
  await rig.run('web/reporter');
  await rig.quiet();
}

describe('gitea_issue', () => {
  it('posts what a run brought as one fenced, redacted comment', async () => {
    await start(fleet('gitea_issue = 1'));
    await report(say(`done, closes #7, ask @eve \`\`\`\n${SECRET}\n`));
    expect(bodies()).toHaveLength(1);
    expect(bodies()[0]).toMatch(/^`web\/reporter` · run `r\w+` · `succeeded` · 2026-11-21 /);
    expect(bodies()[0]).toContain('\n````\ndone, closes #7, ask @eve ```\n[redacted]*****\n````\n');
  });

  it('posts one comment per run, failures too', async () => {
    await start(fleet('gitea_issue = 1'));
    await report(say('one\n'));
    await report({ ...say('two\n'), code: 3 });
    expect(bodies()).toEqual([expect.stringContaining('succeeded'), expect.stringContaining('agent_failure')]);
  });

  it('edits the comment in place while the run lives', async () => {
    await start(fleet('gitea_issue = 1'));
    rig.script('web/reporter', { output: 'half way\n' });
    await rig.ask('web/reporter');
    await rig.pass(MINUTE);
    expect(bodies()).toEqual([expect.stringMatching(/`running`[\s\S]*half way/)]);
    const calls = rig.issues.seen.length;
    await rig.pass(2 * MINUTE);
    expect(rig.issues.seen).toHaveLength(calls);
    const [held] = rig.host.live();
    rig.host.write(held as AttemptId, 'there\n');
    await rig.pass(MINUTE);
    expect(bodies()).toEqual([expect.stringMatching(/`running`[\s\S]*half way\nthere/)]);
    rig.host.exit(held as AttemptId);
    await rig.fact((fact) => fact.kind === 'run.ended');
    await rig.quiet();
    expect(bodies()).toEqual([expect.stringMatching(/`succeeded`[\s\S]*half way\nthere/)]);
  });

  it('says what happened once, whenever the daemon is killed and whatever answer is lost', async () => {
    await start(fleet('gitea_issue = 1'));
    await report(say('one\n'));
    const moments = rig.moments.length;
    await rig.dispose();
    for (let dieAt = 1; dieAt <= moments; dieAt += 1) {
      await start(fleet('gitea_issue = 1'), dieAt);
      rig.issues.strike({ kind: 'lose' }, { call: 'comment' });
      rig.script('web/reporter', say('one\n'));
      const first = rig.isDead ? null : await rig.run('web/reporter');
      await rig.until(() => rig.isDead || rig.ledger.outbox.list().length === 0);
      if (rig.isDead) {
        await rig.restart();
      }
      await (first === null ? rig.run('web/reporter') : null);
      await rig.quiet();
      const runs = rig.ledger.runs.list({ limit: 10 }).filter((run) => run.startedAt !== null);
      expect([dieAt, bodies().length]).toEqual([dieAt, runs.length]);
      await rig.dispose();
    }
    await start(fleet(''));
  });

  it('is tried again while the issue cannot be reached, and parked where it does not exist', async () => {
    await start(fleet('gitea_issue = 9'));
    rig.issues.strike({ kind: 'fail' }, { call: 'comment', times: 2 });
    await report(say('one\n'));
    expect(rig.ledger.outbox.list()).toMatchObject([{ target: 'results', state: 'parked', attempts: 3 }]);
    expect((await rig.command(async (control) => control.status()))?.attention).toContainEqual({
      text: 'results: there is no issue #9: adf issues lists all',
      command: 'adf outbox',
    });
  });

  it('lets only so many results wait for an issue that takes none', async () => {
    await start(fleet('gitea_issue = 9'));
    for (let count = 0; count < 52; count += 1) {
      await rig.run('web/reporter');
    }
    await rig.pass(MINUTE);
    expect(rig.ledger.outbox.list()).toHaveLength(50);
    expect(rig.factsOf('reaction.done').map((fact) => fact.note)).toContain(
      'left out: 50 results wait for issue #9 already',
    );
  });

  it('posts nothing of a run that never started', async () => {
    await start(fleet('gitea_issue = 1\npre_check = { kind = "shell", script = "exit 1" }'));
    await report({ endsAfterMs: 0, code: 1 });
    expect(bodies()).toEqual([]);
  });
});

describe('a pre-check of kind gitea-issue', () => {
  const CHECKED = fleet('gitea_issue = 1\npre_check = { kind = "gitea-issue" }');
  const outcomes = (): readonly string[] =>
    rig.ledger.runs
      .list({ limit: 10 })
      .toReversed()
      .map(({ outcome }) => (outcome?.kind === 'refused' ? (outcome.reasons[0]?.code ?? '') : (outcome?.kind ?? '')));
  const comment = (): void => {
    const at = rig.clock.now();
    rig.issues.store.putComment({ issue: ISSUE, marker: null, body: 'Please look.', present: 'keep', at });
  };

  it('runs once for what is there, and again only when somebody else did something', async () => {
    await start(CHECKED);
    await report(say('one\n'));
    await rig.pass(1000);
    await report(say('two\n'));
    comment();
    await report(say('three\n'));
    await report(say('four\n'));
    expect(outcomes()).toEqual(['succeeded', 'precheck.nothing_to_do', 'succeeded', 'precheck.nothing_to_do']);
    expect(rig.host.starts).toHaveLength(2);
  });

  it('asks again for what a failed run did not deal with', async () => {
    await start(CHECKED);
    await report({ endsAfterMs: 0, code: 1 });
    await report(say('two\n'));
    expect(outcomes()).toEqual(['failed', 'succeeded']);
  });

  it('forgets nothing in a restart', async () => {
    await start(CHECKED);
    await report(say('one\n'));
    await rig.restart();
    await report(say('two\n'));
    expect(outcomes()).toEqual(['succeeded', 'precheck.nothing_to_do']);
  });

  it.each([
    ['does not answer', undefined, 'network'],
    ['says that there is no such issue', { permanent: true, status: 404 }, 'precheck'],
  ] as const)('starts nothing where the tracker %s, and blames it on %s', async (_, failure, failureClass) => {
    await start(CHECKED);
    rig.issues.strike({ kind: 'fail', ...(failure === undefined ? {} : { failure }) }, { call: 'activity' });
    await report(say('one\n'));
    expect(rig.ledger.runs.list({ limit: 1 })[0]?.outcome).toMatchObject({ kind: 'failed', class: failureClass });
    expect(rig.host.starts).toEqual([]);
  });

  it('looks at the flags again after the answer', async () => {
    await start(CHECKED);
    rig.issues.strike({ kind: 'meanwhile', happens: () => rig.setFlag('web', true) }, { call: 'activity' });
    await report(say('one\n'));
    expect(outcomes()).toEqual(['project.paused']);
    expect(rig.host.starts).toEqual([]);
  });

  it('leaves a run alone that was canceled before the answer', async () => {
    await start(CHECKED);
    const cancel = (): void => {
      const [run] = rig.ledger.runs.list({ limit: 1 });
      void rig.daemon.control.cancel(run?.id ?? '');
    };
    rig.issues.strike({ kind: 'meanwhile', happens: cancel }, { call: 'activity' });
    await report(say('one\n'));
    expect(outcomes()).toEqual(['canceled']);
    expect(rig.host.starts).toEqual([]);
  });
});
