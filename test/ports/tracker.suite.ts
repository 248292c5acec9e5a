// What every tracker promises: one issue and one comment per marker, people's changes kept, failures as values.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commentMarker, holdsMarker, issueMarker } from '../../src/core/react/marker.ts';
import type { IssueDraft, TrackedIssue, Tracker, TrackerPlace, TrackerReply } from '../../src/ports/tracker.ts';

/** A person who uses the tracker by its other door. */
export interface Person {
  open(title: string, body: string): Promise<number>;
  comment(number: number, body: string): Promise<void>;
  setState(number: number, state: 'open' | 'closed'): Promise<void>;
  editBody(number: number, body: string): Promise<void>;
  body(number: number): Promise<string>;
  /** Bodies, oldest first. */
  comments(number: number): Promise<readonly string[]>;
}

/** A tracker under test with a place of its own. */
export interface TrackerSubject {
  readonly tracker: Tracker;
  readonly place: TrackerPlace;
  readonly person: Person;
  /** Epoch ms, from the clock that the tracker's instants come from. */
  readonly now: () => number;
  /** An instant later than everything that happened so far, in the tracker's own resolution. */
  readonly later: () => Promise<number>;
  close(): Promise<void>;
}

let lastMark = 0;

/** A draft with a marker of its own, about something that began an hour ago. */
export function draft(subject: TrackerSubject, rest: Partial<IssueDraft> = {}): IssueDraft {
  lastMark += 1;
  return {
    marker: issueMarker({ fingerprint: `pause/suite-${lastMark}`, incident: `i${process.pid}-${lastMark}` }),
    title: `[ADF] project suite-${lastMark} paused`,
    body: 'What happened, and what to do.',
    labels: [],
    assignees: [],
    since: subject.now() - 3_600_000,
    ...rest,
  };
}

/** The value of a reply that must be a success. */
export function done<Value>(reply: TrackerReply<Value>): Value {
  if (reply.kind === 'failed') {
    throw new Error(`failed: ${reply.message}`);
  }
  return reply.value;
}

/** Runs the promises of the port against a subject. */
export function trackerSuite(name: string, make: () => Promise<TrackerSubject>): void {
  describe(`the ${name} tracker`, () => {
    let subject: TrackerSubject;

    beforeAll(async () => {
      subject = await make();
    });

    afterAll(() => subject.close());

    const open = async (rest: Partial<IssueDraft> = {}): Promise<{ issue: TrackedIssue; wanted: IssueDraft }> => {
      const wanted = draft(subject, rest);
      return { issue: done(await subject.tracker.open(subject.place, wanted)), wanted };
    };

    it('opens an issue with title, body and hidden marker', async () => {
      const { issue, wanted } = await open();

      expect(issue).toMatchObject({ state: 'open', title: wanted.title });
      expect(issue.body.startsWith(wanted.body)).toBe(true);
      expect(holdsMarker(issue.body, wanted.marker)).toBe(true);
      expect(Math.abs(issue.createdAt - subject.now())).toBeLessThan(60_000);
      expect(done(await subject.tracker.get(subject.place, issue.number))).toEqual(issue);
    });

    it('opens one issue per marker, however often it is asked', async () => {
      const { issue, wanted } = await open();

      const again = done(await subject.tracker.open(subject.place, { ...wanted, title: 'another title' }));

      expect(again).toEqual(issue);
    });

    it('opens two issues for two markers with the same title', async () => {
      const { issue, wanted } = await open();

      const other = done(await subject.tracker.open(subject.place, draft(subject, { title: wanted.title })));

      expect(other.number).not.toBe(issue.number);
    });

    it('finds an issue by its marker, also when it is closed, and nothing for an unknown marker', async () => {
      const { issue, wanted } = await open();
      await subject.person.setState(issue.number, 'closed');

      const found = done(await subject.tracker.find(subject.place, wanted.marker, wanted.since));
      const none = done(await subject.tracker.find(subject.place, draft(subject).marker, wanted.since));

      expect(found).toMatchObject({ number: issue.number, state: 'closed' });
      expect(none).toBeNull();
    });

    it('does not find an issue in which nothing changed since then', async () => {
      const { wanted } = await open();

      const after = await subject.later();

      expect(done(await subject.tracker.find(subject.place, wanted.marker, after))).toBeNull();
    });

    it('comments once per marker, however often it is asked', async () => {
      const { issue, wanted } = await open();
      const comment = {
        marker: commentMarker(`once-${lastMark}`),
        body: 'first',
        since: wanted.since,
        present: 'keep',
      } as const;

      const first = done(await subject.tracker.comment(subject.place, issue.number, comment));
      const again = done(await subject.tracker.comment(subject.place, issue.number, { ...comment, body: 'second' }));

      expect(again).toEqual(first);
      expect(await subject.person.comments(issue.number)).toEqual([expect.stringMatching(/^first\n/)]);
    });

    it('edits a comment in place where it is asked to', async () => {
      const { issue, wanted } = await open();
      const comment = { marker: commentMarker(`live-${lastMark}`), since: wanted.since, present: 'replace' } as const;

      const first = done(await subject.tracker.comment(subject.place, issue.number, { ...comment, body: 'running' }));
      const again = done(await subject.tracker.comment(subject.place, issue.number, { ...comment, body: 'done' }));

      expect(again.id).toBe(first.id);
      expect(await subject.person.comments(issue.number)).toEqual([expect.stringMatching(/^done\n/)]);
    });

    it('leaves a closed issue closed when it comments', async () => {
      const { issue, wanted } = await open();
      await subject.person.setState(issue.number, 'closed');

      const comment = {
        marker: commentMarker(`late-${lastMark}`),
        body: 'note',
        since: wanted.since,
        present: 'keep',
      } as const;
      done(await subject.tracker.comment(subject.place, issue.number, comment));

      expect(done(await subject.tracker.get(subject.place, issue.number)).state).toBe('closed');
    });

    it('closes and reopens; done already is done', async () => {
      const { issue } = await open();

      for (const state of ['closed', 'closed', 'open', 'open'] as const) {
        expect(done(await subject.tracker.setState(subject.place, issue.number, state)).state).toBe(state);
      }
    });

    it('builds an edit of the body on what a person wrote', async () => {
      const { issue } = await open();
      await subject.person.editBody(issue.number, `${issue.body}\nMine: look at the disk.`);

      const edited = done(
        await subject.tracker.editBody(subject.place, issue.number, (body) => body.replace('What happened', 'Resumed')),
      );

      expect(edited.body).toBe(`${issue.body}\nMine: look at the disk.`.replace('What happened', 'Resumed'));
      expect(await subject.person.body(issue.number)).toBe(edited.body);
    });

    it('changes nothing where an edit changes nothing', async () => {
      const { issue } = await open();

      expect(done(await subject.tracker.editBody(subject.place, issue.number, (body) => body))).toEqual(issue);
    });

    it('sees what people did since then, and not what we did', async () => {
      const { issue, wanted } = await open();
      const comment = {
        marker: commentMarker(`own-${lastMark}`),
        body: 'ours',
        since: wanted.since,
        present: 'keep',
      } as const;
      const before = await subject.later();

      done(await subject.tracker.comment(subject.place, issue.number, comment));
      const quiet = done(await subject.tracker.activity(subject.place, issue.number, before));
      await subject.person.comment(issue.number, 'Please look again.');
      const asked = done(await subject.tracker.activity(subject.place, issue.number, before));

      const again = done(await subject.tracker.activity(subject.place, issue.number, asked.latest?.at ?? 0));

      expect(quiet).toEqual({ state: 'open', count: 0, latest: null });
      expect(asked).toMatchObject({ state: 'open', count: 1, latest: { count: 1 } });
      expect(asked.latest?.at).toBeGreaterThanOrEqual(before);
      expect(again).toEqual(asked);
    });

    it.each<[string, (number: number) => Promise<TrackerReply<unknown>>]>([
      ['reading', (number) => subject.tracker.get(subject.place, number)],
      ['closing', (number) => subject.tracker.setState(subject.place, number, 'closed')],
      ['editing', (number) => subject.tracker.editBody(subject.place, number, (body) => `${body}!`)],
      ['watching', (number) => subject.tracker.activity(subject.place, number, 0)],
      [
        'commenting on',
        (number) =>
          subject.tracker.comment(subject.place, number, {
            marker: commentMarker('x'),
            body: 'x',
            since: 0,
            present: 'keep',
          }),
      ],
    ])('says that %s an issue that does not exist will never work', async (_name, call) => {
      expect(await call(999_999)).toMatchObject({ kind: 'failed', permanent: true, effect: 'none', status: 404 });
    });

    it('says that issues can be opened here', async () => {
      expect(await subject.tracker.check(subject.place)).toMatchObject({ kind: 'done', warnings: [] });
    });

    it('has the same access stamp while nobody changes anything', async () => {
      expect(await subject.tracker.accessStamp()).toBe(await subject.tracker.accessStamp());
    });
  });
}
