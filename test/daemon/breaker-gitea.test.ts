// Pauses and their issues in a Gitea that fails, forgets to answer, is away for a day, or refuses.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GiteaTracker } from '../../src/adapters/gitea/tracker.ts';
import type { Outcome } from '../../src/core/run/outcome.ts';
import { seeded } from '../support/chance.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { FakeTracker } from '../support/fake-tracker.ts';
import { GiteaDouble } from '../support/gitea-double/double.ts';
import type { Issue } from '../support/gitea-double/world.ts';
import { MemoryIssueStore } from '../support/memory-issue-store.ts';
import { metaOf, sandboxFleet } from '../support/sandbox-fleet.ts';

const FAILED: Outcome = { kind: 'failed', class: 'agent_failure', reason: 'exit 1' };
const TOKEN = '0123456789abcdef0123456789abcdef01234567';
const STARTED_AT = Date.UTC(2026, 10, 21, 10, 30, 45);
/** Shorter than the longest wait between two tries. */
const MINUTES = 120_000;
const DAY = 24 * 3_600_000;

let folder: string;
let double: GiteaDouble;
let rig: DaemonRig;
/** The double's clock is the rig's, once there is one. */
let now: () => number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'adf-gitea-'));
  now = () => STARTED_AT;
  double = await GiteaDouble.start({ now: () => now() });
  const bot = double.world.addUser('factory');
  double.world.addToken(bot, TOKEN, ['write:issue', 'write:repository']);
  writeToken(TOKEN);
});

afterEach(async () => {
  await rig.dispose();
  await double.close();
  rmSync(folder, { recursive: true });
  expect(double.violations).toEqual([]);
});

function writeToken(token: string): void {
  writeFileSync(join(folder, 'token'), token, { mode: 0o600 });
}

/** A factory whose `projects` keep their issues in a repository each. */
async function start(projects: readonly string[]): Promise<void> {
  const [bot] = double.world.users;
  const access = { url: double.url, tokenFile: join(folder, 'token'), owner: 'factory', repository: 'factory' };
  const table = `[gitea]\nurl = "${access.url}"\ntoken_file = "${access.tokenFile}"\nowner = "factory"\nrepository = "factory"`;
  for (const project of projects) {
    double.world.addRepository(bot as NonNullable<typeof bot>, project);
  }
  const fleets = projects.map((project, index) =>
    sandboxFleet([project], {
      top: index === 0 ? table : '',
      extra: `repository = "${project}"\nbreaker = { threshold = 1 }`,
    }),
  );
  rig = await DaemonRig.start({
    toml: fleets.join('\n'),
    tracker: (clock) => {
      now = () => clock.now();
      return new FakeTracker(now, new MemoryIssueStore(), new GiteaTracker({ ...access, now }));
    },
  });
}

function issuesOf(project: string): readonly Issue[] {
  return double.world.repository('factory', project)?.issues ?? [];
}

function count(issue: Issue, type: string): number {
  return issue.repository.entries.filter((entry) => entry.issue === issue && entry.type === type).length;
}

function stateOf(project: string): string {
  return (rig.ledger.states.get('breaker', project) as { readonly kind: string } | null)?.kind ?? 'closed';
}

async function revive(): Promise<void> {
  if (rig.isDead) {
    await rig.restart();
  }
}

/** Lets minutes pass until `isDone`, two days at most; whoever died meanwhile is started again. */
async function minutesUntil(isDone: () => boolean): Promise<void> {
  for (let ms = 0; ms < 2 * DAY && !isDone(); ms += MINUTES) {
    await rig.leap(MINUTES);
    await revive();
  }
  expect(isDone()).toBe(true);
}

const isDrained = (): boolean => rig.ledger.outbox.list().length === 0;

/** Fails once: the project is paused. */
async function trip(project: string): Promise<void> {
  rig.breaks(metaOf(project));
  await revive();
  rig.ended(metaOf(project), FAILED);
}

/** Somebody removes the flags, also those that a killed daemon writes again, and the probes end well. */
async function recover(projects: readonly string[]): Promise<void> {
  await minutesUntil(() => {
    const open = projects.filter((project) => stateOf(project) !== 'closed');
    for (const project of open) {
      rig.breaks(metaOf(project), false);
      rig.setFlag(project, false);
    }
    return open.length === 0;
  });
}

describe('a hundred incidents of ten projects', () => {
  it(
    'make a hundred issues, each closed once, with 30 % of calls failing, 30 % unanswered and 20 kills',
    { timeout: 120_000 },
    async () => {
      const chance = seeded(20_261_121);
      const projects = Array.from({ length: 10 }, (_none, index) => `p${index}`);
      await start(projects);
      rig.issues.setRates({ seed: 7, fail: 0.3, lose: 0.3 });
      for (let round = 0; round < 10; round += 1) {
        for (const project of projects) {
          await trip(project);
          await rig.pass(200);
        }
        rig.killIn(Math.floor(chance() * 60));
        await minutesUntil(() => projects.every((project) => rig.hasFlag(project)));
        await recover(projects);
      }
      for (let kills = 0; kills < 10; kills += 1) {
        rig.killIn(Math.floor(chance() * 60));
        await minutesUntil(() => rig.lives > 10 + kills + 1);
      }
      await minutesUntil(isDrained);
      expect(rig.lives).toBe(1 + 20);
      expect(rig.factsOf('breaker.opened')).toHaveLength(100);
      const issues = projects.flatMap(issuesOf);
      expect(issues).toHaveLength(100);
      expect(new Set(issues.map((issue) => /incident=(\w+)/.exec(issue.body)?.[1])).size).toBe(100);
      const ends = issues.map((issue) => [issue.state, count(issue, 'close'), count(issue, 'comment')]);
      expect(ends).toEqual(issues.map(() => ['closed', 1, 2]));
    },
  );
});

describe('a Gitea', () => {
  it('that drops requests and answers on the way gets one issue per incident all the same', async () => {
    const projects = ['p0', 'p1', 'p2'];
    await start(projects);
    double.faults.setRates({ seed: 3, fail: 0.2, lost: 0.2 });
    for (const project of projects) {
      await trip(project);
    }
    await minutesUntil(isDrained);
    await recover(projects);
    await minutesUntil(isDrained);
    const issues = projects.flatMap(issuesOf);
    const ends = issues.map((issue) => [issue.state, count(issue, 'close'), count(issue, 'comment')]);
    expect(ends).toEqual(projects.map(() => ['closed', 1, 2]));
  });

  it('that is away for a day is told everything once when it is back', async () => {
    const projects = ['p0', 'p1'];
    await start(projects);
    double.faults.add({ fault: { kind: 'answer', status: 502, body: '<html>bad gateway</html>' }, times: 100_000 });
    await trip('p0');
    await trip('p1');
    await rig.until(() => projects.every((project) => rig.hasFlag(project)));
    await recover(['p0']);
    for (let ms = 0; ms < DAY; ms += 5 * MINUTES) {
      await rig.leap(5 * MINUTES);
    }
    await rig.restart();
    const status = await rig.command(async (control) => control.status());
    expect(status?.outboxWaiting).toBe(4);
    expect(status?.attention.map((line) => line.text).join('\n')).toMatch(/tracker: 4 reactions waiting; .*502/);
    double.faults.clear();
    await minutesUntil(isDrained);
    const seen = projects
      .flatMap(issuesOf)
      .map((issue) => [issue.state, count(issue, 'close'), count(issue, 'comment')]);
    expect(seen).toEqual([
      ['closed', 1, 2],
      ['open', 0, 0],
    ]);
  });

  it('that refuses the token gets everything once the token file holds another one', async () => {
    writeToken('an-old-token-that-is-no-longer-valid');
    await start(['p0']);
    await trip('p0');
    await rig.until(() => rig.ledger.outbox.list('parked').length === 1);
    const status = await rig.command(async (control) => control.status());
    expect(status?.attention.map((line) => line.text).join('\n')).toMatch(/tracker: .*(token|401)/);
    expect(JSON.stringify([status, rig.facts()])).not.toContain('an-old-token');
    await recover(['p0']);
    expect(issuesOf('p0')).toEqual([]);
    writeToken(TOKEN);
    await minutesUntil(isDrained);
    expect(issuesOf('p0').map((issue) => [issue.state, count(issue, 'comment')])).toEqual([['closed', 2]]);
  });
});
