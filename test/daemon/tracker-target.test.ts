// What becomes of a pause in the tracker: one issue, kept up to date, closed by the success that ends it.

import { afterEach, describe, expect, it } from 'vitest';
import type { ProjectId } from '../../src/core/ids.ts';
import { isOurs } from '../../src/core/react/marker.ts';
import type { StoredComment, StoredIssue } from '../../src/ports/issue-store.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import type { RigInput } from '../support/daemon-rig.ts';
import { FakeTracker } from '../support/fake-tracker.ts';
import { metaOf, sandboxFleet } from '../support/sandbox-fleet.ts';

const META = metaOf('sandbox');
const SANDBOX = 'sandbox' as ProjectId;
const FIVE_MINUTES = 300_000;
const GITEA = `
[gitea]
url = "https://git.example.org"
token_file = "/etc/adf/gitea-token"
owner = "acme"
repository = "factory"
labels = ["adf", "ops"]
assignees = ["alex"]
`;

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function paused(input: Partial<RigInput> = {}): Promise<StoredIssue> {
  rig = await DaemonRig.start({ toml: sandboxFleet(), ...input });
  rig.breaks(META);
  for (let failures = 0; failures < 3; failures += 1) {
    await rig.run(META);
  }
  await rig.quiet();
  return issue();
}

function issue(number = 1): StoredIssue {
  const found = rig.issues.store.get(number);
  expect(found).not.toBeNull();
  return found as StoredIssue;
}

function comments(number = 1): readonly StoredComment[] {
  return rig.issues.store.comments(number);
}

async function lift(): Promise<void> {
  rig.flags.removeByHand('sandbox');
  await rig.until(() => rig.house.ledger.states.get('breaker', 'sandbox') !== null && !isOpen());
  await rig.quiet();
}

function isOpen(): boolean {
  return rig.daemon.services.breakers.state(SANDBOX).kind === 'open';
}

/** The first line of the body, without its hidden mark. */
function stateLine(number = 1): string {
  return (issue(number).body.split('\n')[0] ?? '').replace(/ <!--.*/, '');
}

describe('the issue of a pause', () => {
  it('says what to do, with labels, assignees and the place of the project', async () => {
    const toml = sandboxFleet(['sandbox'], { top: GITEA, extra: 'owner = "others"\nrepository = "sandbox"' });
    const opened = await paused({ toml });
    expect(opened).toMatchObject({
      title: '[ADF] project sandbox paused: agent_failure ×3 (project-meta-sandbox)',
      state: 'open',
      labels: ['adf', 'ops'],
      assignees: ['alex'],
    });
    expect(opened.body).toContain(`rm ${rig.flags.path('sandbox')}`);
    expect(rig.issues.seen[0]).toMatchObject({
      call: 'open',
      place: { project: 'sandbox', owner: 'others', repository: 'sandbox' },
    });
    expect(stateLine()).toBe('Dispatch of `sandbox` is paused since 2026-11-21 10:30:45 UTC. Other projects go on.');
  });

  it('carries an incident that nobody can guess', async () => {
    const { body } = await paused();
    expect(body).toMatch(/incident=[0-9a-f]{16} -->/);
  });

  it('says that the pause was lifted, and closes with the next counted success', async () => {
    await paused();
    rig.breaks(META, false);
    await lift();
    expect(stateLine()).toContain('The pause was lifted at 2026-11-21 10:3');
    expect(comments().map((comment) => comment.body.split(' at ')[0])).toEqual(['The pause was lifted']);
    await rig.run(META);
    await rig.quiet();
    expect(issue().state).toBe('closed');
    expect(stateLine()).toMatch(/^Run `r\w+` of `sandbox\/project-meta-sandbox` succeeded at .*dispatch goes on\.$/);
    expect(comments()).toHaveLength(2);
  });

  it('is opened again by the next failure, with one comment that says so', async () => {
    await paused();
    await lift();
    rig.issues.store.change(1, { state: 'closed', at: rig.clock.now() });
    await rig.run(META);
    await rig.quiet();
    expect(issue().state).toBe('open');
    expect(comments().filter((comment) => comment.body.startsWith('It failed again'))).toHaveLength(1);
    expect(stateLine()).toContain('is paused since');
    expect(rig.issues.store.list({ project: null, state: null, limit: 9 })).toHaveLength(1);
  });

  it.each([
    [
      'beside it',
      (body: string) => `${body}\nSeen, looking into it. alex`,
      /^Run .*\n\nSeen, looking into it\. alex$/s,
    ],
    ['instead of it', () => 'All of it rewritten.', /^All of it rewritten\.$/],
  ])('keeps what people wrote %s', async (_where, edit, kept) => {
    const { body } = await paused();
    rig.issues.store.change(1, { body: edit(body), at: rig.clock.now() });
    rig.breaks(META, false);
    await lift();
    await rig.until(() => issue().state === 'closed');
    expect(issue().body.trim()).toMatch(kept);
  });

  it('links the issue before it', async () => {
    await paused();
    rig.breaks(META, false);
    await lift();
    await rig.run(META);
    rig.breaks(META);
    for (let failures = 0; failures < 3; failures += 1) {
      await rig.run(META);
    }
    await rig.quiet();
    expect(issue(2).body).toContain('The incident before this one is #1.');
  });
});

describe('a person who closes the issue of a pause', () => {
  it('is told once that the flag is still there, and not contradicted', async () => {
    await paused();
    rig.issues.store.change(1, { state: 'closed', at: rig.clock.now() });
    await rig.pass(3 * FIVE_MINUTES);
    expect(issue().state).toBe('closed');
    expect(comments().map((comment) => comment.body.split(',')[0])).toEqual(['This issue was closed by hand']);
    expect(comments()[0]?.body).toContain(`rm ${rig.flags.path('sandbox')}`);
    await rig.restart();
    await rig.pass(2 * FIVE_MINUTES);
    expect(comments()).toHaveLength(1);
  });

  it('is told again after a further trip, which opened it again', async () => {
    await paused();
    rig.issues.store.change(1, { state: 'closed', at: rig.clock.now() });
    await rig.pass(FIVE_MINUTES);
    await lift();
    await rig.run(META);
    await rig.quiet();
    expect(issue().state).toBe('open');
    await rig.pass(2 * FIVE_MINUTES);
    expect(comments().filter((comment) => comment.body.startsWith('This issue was closed by hand'))).toHaveLength(1);
    rig.issues.store.change(1, { state: 'closed', at: rig.clock.now() });
    await rig.pass(FIVE_MINUTES);
    expect(comments().filter((comment) => comment.body.startsWith('This issue was closed by hand'))).toHaveLength(2);
    expect(comments().every((comment) => isOurs(comment.body))).toBe(true);
  });
});

describe('a person who closes the issue of a quarantine', () => {
  it('is told once per hold that the agent is still held, and how to release it', async () => {
    const agent = 'sandbox/developer-sandbox';
    rig = await DaemonRig.start({ toml: sandboxFleet() });
    rig.breaks(agent);
    for (let failures = 0; failures < 5; failures += 1) {
      await rig.run(agent);
    }
    await rig.quiet();
    rig.issues.store.change(1, { state: 'closed', at: rig.clock.now() });
    await rig.pass(3 * FIVE_MINUTES);
    expect(comments().map((comment) => comment.body)).toEqual([
      expect.stringMatching(/^This issue was closed by hand[\s\S]*`adf release sandbox\/developer-sandbox`/),
    ]);
    await rig.command(async (control) => control.release('developer-sandbox'));
    await rig.run(agent);
    await rig.quiet();
    expect(issue().state).toBe('open');
    rig.issues.store.change(1, { state: 'closed', at: rig.clock.now() });
    await rig.pass(3 * FIVE_MINUTES);
    expect(comments().filter((comment) => comment.body.startsWith('This issue was closed by hand'))).toHaveLength(2);
  });
});

describe('the log in an issue', () => {
  it('is the end of the last run, without what is secret', async () => {
    rig = await DaemonRig.start({ toml: sandboxFleet(), secrets: ['correct-horse-battery'] });
    rig.script(META, { endsAfterMs: 0, code: 1, output: 'cannot log in\nwith correct-horse-battery\n' });
    for (let failures = 0; failures < 3; failures += 1) {
      await rig.run(META);
    }
    await rig.quiet();
    expect(issue().body).toContain('```\ncannot log in\nwith [redacted]***********\n```');
  });
});

describe('another tracker', () => {
  it('is not told of issues by the numbers of the one before', async () => {
    await paused();
    // Somebody else's #1 in the new place: the store is another one, its issue knows nothing of us.
    const other = new FakeTracker(() => rig.clock.now());
    other.store.insert({
      project: null,
      marker: 'by hand',
      title: 'A stranger',
      body: 'nothing of ours',
      labels: [],
      assignees: [],
      createdAt: rig.clock.now(),
    });
    rig.tracker = other;
    await rig.restart();
    await rig.reload(sandboxFleet(['sandbox'], { top: GITEA }));
    await lift();
    expect(other.store.comments(1)).toEqual([]);
    await rig.run(META);
    await rig.quiet();
    expect(other.store.comments(1)).toEqual([]);
    expect(other.store.get(2)).toMatchObject({ state: 'open', labels: ['adf', 'ops'] });
  });
});
