// What the Gitea tracker promises against any Gitea, the double or a real one; it makes and removes its own repositories.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GiteaTracker } from '../../../src/adapters/gitea/tracker.ts';
import type { TrackerPlace } from '../../../src/ports/tracker.ts';
import { done, draft, trackerSuite, type TrackerSubject } from '../../ports/tracker.suite.ts';
import { askGitea, giteaPerson, loginName, type GiteaLogin } from '../../support/gitea-person.ts';

/** A Gitea to run against. The token needs write:issue, write:repository and write:user (to make a repository). */
export interface GiteaSubject {
  readonly login: GiteaLogin;
  readonly now: () => number;
  /** An instant later than everything so far, in whole seconds of the server. */
  readonly later: () => Promise<number>;
  close(): Promise<void>;
}

/** Issues enough for a second page of 50. */
const MORE_THAN_A_PAGE = 52;

/** A tracker with a repository of its own, and what belongs to them. */
export interface GiteaRig {
  readonly tracker: GiteaTracker;
  readonly owner: string;
  readonly name: string;
  readonly tokenFile: string;
  readonly subject: TrackerSubject;
}

let repositories = 0;

/** Makes a repository and a tracker whose default it is; closing removes both. */
export async function giteaRig(gitea: GiteaSubject): Promise<GiteaRig> {
  repositories += 1;
  const name = `adf-suite-${process.pid}-${repositories}-${gitea.now() % 1_000_000}`;
  const owner = await loginName(gitea.login);
  await askGitea(gitea.login, 'POST /user/repos', { name, private: true });
  const folder = await mkdtemp(join(tmpdir(), 'adf-gitea-'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, `${gitea.login.token}\n`, { mode: 0o600 });
  const tracker = new GiteaTracker({ url: gitea.login.url, tokenFile, owner, repository: name, now: gitea.now });
  const subject: TrackerSubject = {
    tracker,
    place: { project: 'suite', owner: null, repository: null },
    person: giteaPerson(gitea.login, `${owner}/${name}`),
    now: gitea.now,
    later: gitea.later,
    async close() {
      await askGitea(gitea.login, `DELETE /repos/${owner}/${name}`);
      await rm(folder, { recursive: true });
    },
  };
  return { tracker, owner, name, tokenFile, subject };
}

/** Runs the port's promises and Gitea's own against the server that `make` gives. */
export function giteaSuite(name: string, make: () => Promise<GiteaSubject>): void {
  trackerSuite(name, async () => {
    const gitea = await make();
    const { subject } = await giteaRig(gitea);
    return {
      ...subject,
      async close() {
        await subject.close();
        await gitea.close();
      },
    };
  });

  describe(`the Gitea tracker against ${name}`, () => {
    let gitea: GiteaSubject;
    let rig: GiteaRig;
    let place: TrackerPlace;

    beforeAll(async () => {
      gitea = await make();
      rig = await giteaRig(gitea);
      ({ place } = rig.subject);
    });

    afterAll(async () => {
      await rig.subject.close();
      await gitea.close();
    });

    const editRepository = (change: unknown, name = rig.name): Promise<unknown> =>
      askGitea(gitea.login, `PATCH /repos/${rig.owner}/${name}`, change);

    /** A small server may answer 500 while others write; whoever repeats an edit must see whether it is there. */
    const insistOnLine = async (number: number, line: string): Promise<void> => {
      const append = (body: string): string => (body.includes(`\n${line}\n`) ? body : `${body}${line}\n`);
      for (let tries = 0; tries < 10; tries += 1) {
        if ((await rig.tracker.editBody(place, number, append)).kind === 'done') {
          return;
        }
      }
      throw new Error(`could not add ${line} in 10 tries`);
    };

    it('gives an address under which a person finds the issue', async () => {
      const issue = done(await rig.tracker.open(place, draft(rig.subject)));

      expect(issue.url).toBe(`${gitea.login.url}/${rig.owner}/${rig.name}/issues/${issue.number}`);
    });

    it('finds its issue behind a whole page of later ones', async () => {
      const wanted = draft(rig.subject);
      const issue = done(await rig.tracker.open(place, wanted));
      for (let count = 0; count < MORE_THAN_A_PAGE; count += 1) {
        await rig.subject.person.open(`noise ${count}`, 'b');
      }

      const found = done(await rig.tracker.find(place, wanted.marker, wanted.since));

      expect(found?.number).toBe(issue.number);
    }, 120_000);

    it('takes the oldest where somebody copied the text of an issue, and says so', async () => {
      const wanted = draft(rig.subject);
      const issue = done(await rig.tracker.open(place, wanted));
      const copy = await rig.subject.person.open('a copy', issue.body);
      await rig.subject.person.open('a quotation', `> ${wanted.marker}`);

      const found = await rig.tracker.find(place, wanted.marker, wanted.since);

      expect(found).toMatchObject({ kind: 'done', value: { number: issue.number } });
      expect(found).toHaveProperty('warnings', [expect.stringContaining(`#${copy} in`)]);
    });

    it('creates the labels that are missing, once each, although two issues ask at once', async () => {
      const labels = ['dark-factory', 'agent/meta, odd'];

      const opened = await Promise.all([1, 2, 3].map(() => rig.tracker.open(place, draft(rig.subject, { labels }))));

      expect(opened.map((reply) => reply.kind === 'done' && reply.warnings)).toEqual([[], [], []]);
      const present = (await askGitea(gitea.login, `GET /repos/${rig.owner}/${rig.name}/labels`)) as {
        name: string;
      }[];
      expect(present.map((label) => label.name).sort()).toEqual([...labels].sort());
    });

    it('assigns whom it is told to', async () => {
      const reply = await rig.tracker.open(place, draft(rig.subject, { assignees: [rig.owner] }));

      expect(reply).toMatchObject({ kind: 'done', warnings: [] });
    });

    it('opens the issue without its assignees where one of them does not exist', async () => {
      const reply = await rig.tracker.open(place, draft(rig.subject, { assignees: ['nobody-at-all-9f2c'] }));

      expect(reply).toMatchObject({ kind: 'done', value: { state: 'open' } });
      expect(reply).toHaveProperty('warnings', [expect.stringContaining('opened without assignees')]);
    });

    it('loses none of several edits of one body made at once', async () => {
      const issue = done(await rig.tracker.open(place, draft(rig.subject)));
      const lines = ['one', 'two', 'three', 'four'];

      await Promise.all(lines.map((line) => insistOnLine(issue.number, line)));

      const body = await rig.subject.person.body(issue.number);
      expect(lines.filter((line) => body.includes(`\n${line}\n`))).toEqual(lines);
    });

    it('counts what people do on an issue: labels, closing, editing the text', async () => {
      const issue = done(await rig.tracker.open(place, draft(rig.subject)));
      const count = async (since: number): Promise<number> =>
        done(await rig.tracker.activity(place, issue.number, since)).count;

      const quiet = await rig.subject.later();
      const before = await count(quiet);
      await rig.subject.person.editBody(issue.number, `${issue.body}\nMine.`);
      const edited = await count(quiet);
      const later = await rig.subject.later();
      await rig.subject.person.setState(issue.number, 'closed');

      expect(before).toBe(0);
      expect(edited).toBe(1);
      expect(done(await rig.tracker.activity(place, issue.number, later))).toMatchObject({ state: 'closed', count: 1 });
    });

    it('says that a repository does not exist or cannot be seen', async () => {
      const elsewhere = { ...place, repository: 'nothing-here' };

      for (const reply of [await rig.tracker.open(elsewhere, draft(rig.subject)), await rig.tracker.check(elsewhere)]) {
        expect(reply).toMatchObject({ kind: 'failed', permanent: true, effect: 'none', status: 404 });
        expect(reply).toHaveProperty('message', expect.stringMatching(/nothing-here.*check owner and repository/));
      }
    });

    it('says that issues are switched off, instead of opening one that nobody sees', async () => {
      await editRepository({ has_issues: false });
      const replies = [await rig.tracker.open(place, draft(rig.subject)), await rig.tracker.check(place)];
      await editRepository({ has_issues: true });

      for (const reply of replies) {
        expect(reply).toMatchObject({ kind: 'failed', permanent: true, status: 404 });
        expect(reply).toHaveProperty('message', expect.stringContaining('issues are switched off in'));
      }
    });

    it('says that a repository is archived; closing still works there', async () => {
      const issue = done(await rig.tracker.open(place, draft(rig.subject)));
      await editRepository({ archived: true });
      const replies = [await rig.tracker.open(place, draft(rig.subject)), await rig.tracker.check(place)];
      const closed = await rig.tracker.setState(place, issue.number, 'closed');
      await editRepository({ archived: false });

      for (const reply of replies) {
        expect(reply).toMatchObject({ kind: 'failed', permanent: true, status: 423 });
        expect(reply).toHaveProperty('message', expect.stringContaining('archived'));
      }
      expect(closed).toMatchObject({ kind: 'done', value: { state: 'closed' } });
    });

    it('says that the token is not accepted, without showing it', async () => {
      const wrong = 'a'.repeat(40);
      await writeFile(rig.tokenFile, wrong);
      const reply = await rig.tracker.open(place, draft(rig.subject));
      await writeFile(rig.tokenFile, gitea.login.token);

      expect(reply).toMatchObject({ kind: 'failed', permanent: true, effect: 'none', status: 401 });
      expect(JSON.stringify(reply)).not.toContain(wrong);
    });

    it('refuses to follow a renamed repository, and says its new name', async () => {
      const issue = done(await rig.tracker.open(place, draft(rig.subject)));
      const renamed = `${rig.name}-now`;
      await editRepository({ name: renamed });
      const replies = [
        await rig.tracker.open(place, draft(rig.subject)),
        await rig.tracker.setState(place, issue.number, 'closed'),
      ];
      await editRepository({ name: rig.name }, renamed);

      for (const reply of replies) {
        expect(reply).toMatchObject({ kind: 'failed', permanent: true, effect: 'none', status: 301 });
        expect(reply).toHaveProperty('message', expect.stringContaining(`repository = "${renamed}"`));
      }
      expect(done(await rig.tracker.get(place, issue.number)).state).toBe('open');
    });
  });
}
