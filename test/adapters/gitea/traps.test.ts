// Each trap that a real Gitea was measured to set for its clients, set by the double: lost answers, lists, odd answers.

import { describe, expect, it } from 'vitest';
import { WRITE_SETTLE_MS } from '../../../src/adapters/gitea/failure.ts';
import { commentMarker } from '../../../src/core/react/marker.ts';
import type { TrackerReply } from '../../../src/ports/tracker.ts';
import { done, draft } from '../../ports/tracker.suite.ts';
import { Gate } from '../../support/gate.ts';
import { GiteaDouble } from '../../support/gitea-double/double.ts';
import type { FaultKind } from '../../support/gitea-double/faults.ts';
import { doubleRig } from './double-rig.ts';

const rig = doubleRig();

describe('an answer that never arrives', () => {
  it.each<[string, FaultKind]>([
    ['the connection is cut after it was carried out', { kind: 'lost_answer' }],
    ['the answer breaks off in its body', { kind: 'half_answer' }],
    ['a proxy answers 200 with a page of its own', { kind: 'page' }],
  ])('makes no second issue: %s', async (_name, fault) => {
    const wanted = draft(rig.subject);
    rig.gitea.double.faults.add({ method: 'POST', path: /\/issues$/, fault });

    const first = await rig.tracker.open(rig.place, wanted);
    const second = await rig.tracker.open(rig.place, wanted);

    expect(first).toMatchObject({ kind: 'failed', permanent: false, effect: 'unknown' });
    expect(first).toHaveProperty('retryAt', rig.gitea.now() + WRITE_SETTLE_MS);
    expect(done(second).number).toBe(1);
    expect(rig.repository.issues).toHaveLength(1);
  });

  it('is found although the search index never learns of it', async () => {
    const wanted = draft(rig.subject);
    rig.gitea.double.faults.add({ method: 'POST', path: /\/issues$/, fault: { kind: 'lost_answer' } });
    await rig.tracker.open(rig.place, wanted);

    const found = done(await rig.tracker.find(rig.place, wanted.marker, wanted.since));

    expect(rig.repository.issues[0]?.indexed).toBeNull();
    expect(found?.number).toBe(1);
  });

  it('may be carried out after we have hung up; the next try finds it', async () => {
    const wanted = draft(rig.subject);
    const gate = new Gate();
    rig.gitea.double.faults.add({ method: 'POST', path: /\/issues$/, fault: { kind: 'hold', gate } });

    const late = await rig.anotherTracker({ timeoutMs: 50 }).open(rig.place, wanted);
    gate.release();
    await expect.poll(() => rig.repository.issues.length).toBe(1);
    const found = done(await rig.tracker.open(rig.place, wanted));

    expect(late).toMatchObject({ kind: 'failed', permanent: false, effect: 'unknown', status: null });
    expect(late).toHaveProperty('message', expect.stringContaining('timed out'));
    expect(found.number).toBe(1);
    expect(rig.repository.issues).toHaveLength(1);
  });

  it('makes no second comment and no second label', async () => {
    const wanted = draft(rig.subject, { labels: ['dark-factory'] });
    rig.gitea.double.faults.add({ method: 'POST', path: /\/labels$/, fault: { kind: 'lost_answer' } });
    rig.gitea.double.faults.add({ method: 'POST', path: /\/comments$/, fault: { kind: 'lost_answer' } });
    const comment = { marker: commentMarker('r1'), body: 'text', since: wanted.since, present: 'keep' } as const;

    const lostLabel = await rig.tracker.open(rig.place, wanted);
    const { number } = done(await rig.tracker.open(rig.place, wanted));
    const lostComment = await rig.tracker.comment(rig.place, number, comment);
    done(await rig.tracker.comment(rig.place, number, comment));

    expect(lostLabel).toMatchObject({ kind: 'failed', effect: 'unknown' });
    expect(lostComment).toMatchObject({ kind: 'failed', effect: 'unknown' });
    expect(rig.repository.labels).toHaveLength(1);
    expect(await rig.subject.person.comments(number)).toHaveLength(1);
  });

  it('of a close is no harm: closing again is done', async () => {
    done(await rig.open());
    rig.gitea.double.faults.add({ method: 'PATCH', fault: { kind: 'lost_answer' } });

    const lost = await rig.tracker.setState(rig.place, 1, 'closed');
    const closed = await rig.tracker.setState(rig.place, 1, 'closed');

    expect(lost).toMatchObject({ kind: 'failed', effect: 'unknown' });
    expect(done(closed).state).toBe('closed');
    expect(rig.repository.entries.filter((entry) => entry.type === 'close')).toHaveLength(1);
  });

  it('of a read has no effect that could be unknown', async () => {
    rig.gitea.double.faults.add({ fault: { kind: 'lost_answer' } });

    expect(await rig.tracker.get(rig.place, 1)).toMatchObject({ kind: 'failed', effect: 'none', retryAt: null });
  });

  it('was never asked for where no connection could be made', async () => {
    const gone = await GiteaDouble.start();
    const { url } = gone;
    await gone.close();

    const reply = await rig.anotherTracker({ url }).setState(rig.place, 1, 'closed');

    expect(reply).toMatchObject({ kind: 'failed', permanent: false, effect: 'none', status: null, retryAt: null });
    expect(reply).toHaveProperty('message', expect.stringContaining('ECONNREFUSED'));
  });

  it('at a rate of three in ten, and as many failures, still makes one issue per incident, each closed once', async () => {
    rig.gitea.double.faults.setRates({ seed: 11, fail: 0.3, lost: 0.3 });
    const insist = async <Value>(call: () => Promise<TrackerReply<Value>>): Promise<Value> => {
      for (let tries = 0; tries < 200; tries += 1) {
        const reply = await call();
        if (reply.kind === 'done') {
          return reply.value;
        }
        expect(reply.permanent).toBe(false);
      }
      throw new Error('no success in 200 tries');
    };

    for (let incident = 0; incident < 10; incident += 1) {
      const wanted = draft(rig.subject, { labels: ['dark-factory'] });
      const { number } = await insist(() => rig.tracker.open(rig.place, wanted));
      const note = {
        marker: commentMarker(`end-${incident}`),
        body: 'over',
        since: wanted.since,
        present: 'keep',
      } as const;
      await insist(() => rig.tracker.comment(rig.place, number, note));
      await insist(() => rig.tracker.setState(rig.place, number, 'closed'));
    }

    expect(rig.repository.issues.map((issue) => issue.state)).toEqual(Array.from({ length: 10 }, () => 'closed'));
    expect(rig.repository.labels).toHaveLength(1);
    expect(rig.repository.entries.filter((entry) => entry.type === 'close')).toHaveLength(10);
    expect(rig.repository.entries.filter((entry) => entry.type === 'comment')).toHaveLength(10);
  });
});

describe('lists', () => {
  it.each([20, 50, 7])(
    'are read to their end where the server gives %d items a page, whatever was asked for',
    async (cap) => {
      const wanted = draft(rig.subject);
      done(await rig.tracker.open(rig.place, wanted));
      for (let count = 0; count < 120; count += 1) {
        rig.gitea.double.world.addIssue(rig.repository, rig.gitea.bot, { title: `noise ${count}` });
      }
      rig.gitea.double.pageCap = cap;

      expect(done(await rig.tracker.find(rig.place, wanted.marker, wanted.since))?.number).toBe(1);
    },
  );

  it('without a total are read up to a page that brings nothing new', async () => {
    const wanted = draft(rig.subject);
    done(await rig.tracker.open(rig.place, wanted));
    const page = JSON.stringify([await rig.issueJson(1)]);
    rig.gitea.double.faults.add({ path: /\/issues\?/, times: 2, fault: { kind: 'answer', status: 200, body: page } });

    expect(done(await rig.tracker.find(rig.place, wanted.marker, wanted.since))?.number).toBe(1);
  });

  it('that end before their total are no ground for a new issue', async () => {
    const headers = { 'x-total-count': '7' };
    rig.gitea.double.faults.add({ path: /\/issues\?/, fault: { kind: 'answer', status: 200, headers, body: '[]' } });

    const reply = await rig.open();

    expect(reply).toMatchObject({ kind: 'failed', permanent: false });
    expect(reply).toHaveProperty('message', expect.stringContaining('ended after 0 of 7'));
    expect(rig.repository.issues).toHaveLength(0);
  });

  it('of comments come all at once, and the sixtieth is found', async () => {
    done(await rig.open());
    const marker = commentMarker('r60');
    const put = { marker, body: 'text', since: 0, present: 'keep' } as const;
    for (let count = 0; count < 59; count += 1) {
      rig.gitea.double.world.addEntry(rig.repository.issues[0]!, rig.gitea.bot, {
        type: 'comment',
        body: `noise ${count}`,
      });
    }

    const first = done(await rig.tracker.comment(rig.place, 1, put));
    const again = done(await rig.tracker.comment(rig.place, 1, put));

    expect(again).toEqual(first);
    expect(await rig.subject.person.comments(1)).toHaveLength(60);
  });

  it('of issues leave pull requests out, which share their numbers', async () => {
    const wanted = draft(rig.subject);
    rig.gitea.double.world.addIssue(rig.repository, rig.gitea.bot, {
      title: 'pull',
      body: wanted.marker,
      isPull: true,
    });

    expect(done(await rig.tracker.open(rig.place, wanted)).number).toBe(2);
  });

  it('are refused where they are longer than we read', async () => {
    rig.gitea.double.world.addIssue(rig.repository, rig.gitea.bot, { title: 'huge', body: 'x'.repeat(100_000) });

    const reply = await rig.anotherTracker({ maxAnswerBytes: 50_000 }).open(rig.place, draft(rig.subject));

    expect(reply).toMatchObject({ kind: 'failed', permanent: true });
    expect(reply).toHaveProperty('message', expect.stringContaining('longer than 50000 bytes'));
  });
});

describe('answers', () => {
  it('with nulls where the description has none are read', async () => {
    const nulls = { ...(await rig.issueJson(null)), body: null, labels: null, assignees: null, content_version: null };
    rig.gitea.double.faults.add({ fault: { kind: 'answer', status: 200, body: JSON.stringify(nulls) } });

    expect(done(await rig.tracker.get(rig.place, 1))).toMatchObject({ number: 1, body: '' });
  });

  it('with another time zone are understood', async () => {
    const zoned = { ...(await rig.issueJson(null)), created_at: '2026-11-21T11:00:00+01:00' };
    rig.gitea.double.faults.add({ fault: { kind: 'answer', status: 200, body: JSON.stringify(zoned) } });

    expect(done(await rig.tracker.get(rig.place, 1)).createdAt).toBe(Date.UTC(2026, 10, 21, 10));
  });

  it.each(['{"message":"hello"}', '[]', 'null', '"text"', '<html>'])(
    'that are no issue are not taken for one: %s',
    async (body) => {
      rig.gitea.double.faults.add({ fault: { kind: 'answer', status: 200, body } });

      expect(await rig.tracker.get(rig.place, 1)).toMatchObject({ kind: 'failed', permanent: false, status: 200 });
    },
  );

  it('to a create that show another issue are not taken for it', async () => {
    const other = JSON.stringify(await rig.issueJson(null));
    rig.gitea.double.faults.add({ method: 'POST', fault: { kind: 'answer', status: 201, body: other } });

    expect(await rig.open()).toMatchObject({ kind: 'failed', effect: 'unknown' });
  });

  it('to a close that show it open are not taken for a close', async () => {
    const other = JSON.stringify(await rig.issueJson(null));
    rig.gitea.double.faults.add({ method: 'PATCH', fault: { kind: 'answer', status: 201, body: other } });

    expect(await rig.tracker.setState(rig.place, 1, 'closed')).toMatchObject({ kind: 'failed', permanent: false });
  });

  it('of a timeline may be null, and a pull request has one too', async () => {
    rig.gitea.double.world.addIssue(rig.repository, rig.gitea.bot, { title: 'pull', isPull: true });
    const since = await rig.gitea.later();

    expect(done(await rig.tracker.activity(rig.place, 1, since))).toEqual({
      state: 'open',
      count: 0,
      latest: null,
    });
    expect(done(await rig.tracker.activity(rig.place, 1, 0))).toMatchObject({ state: 'open', count: 1 });
  });
});

describe('an edit of the body', () => {
  it('that meets a person again and again gives up for now and overwrites nothing', async () => {
    const issue = done(await rig.tracker.open(rig.place, draft(rig.subject)));
    rig.gitea.double.faults.add({ method: 'PATCH', times: 5, fault: { kind: 'answer', status: 409 } });

    const reply = await rig.tracker.editBody(rig.place, issue.number, (body) => `${body}!`);

    expect(reply).toMatchObject({ kind: 'failed', permanent: false, effect: 'none', status: 409 });
    expect(await rig.subject.person.body(issue.number)).toBe(issue.body);
  });

  it('carries the version that it was made from', async () => {
    const issue = done(await rig.tracker.open(rig.place, draft(rig.subject)));
    await rig.subject.person.editBody(issue.number, 'changed');

    done(await rig.tracker.editBody(rig.place, issue.number, (body) => `${body}!`));

    const patches = rig.gitea.double.seen.filter((seen) => seen.method === 'PATCH').map((seen) => seen.body);
    expect(patches.at(-1)).toBe('{"body":"changed!","content_version":1}');
  });
});
