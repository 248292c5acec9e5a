// What Gitea refuses, and what the tracker makes of it: permanent or not, what to do, and never a word of the token.

import { chmod, rm, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { doubleRig } from './double-rig.ts';

const rig = doubleRig();

describe('refusals', () => {
  it.each<[number, boolean, RegExp]>([
    [400, true, /will not take it/],
    [401, true, /token is not accepted/],
    [403, true, /write access/],
    [404, true, /check owner and repository/],
    [405, true, /will not take it/],
    [409, false, /tried again/],
    [410, true, /will not take it/],
    [412, true, /will not take it/],
    [413, true, /too large/],
    [422, true, /will not take it/],
    [423, true, /archived/],
    [429, false, /patience/],
    [500, false, /tried again/],
    [502, false, /tried again/],
    [503, false, /tried again/],
  ])('with status %d: permanent is %s', async (status, permanent, advice) => {
    rig.gitea.double.faults.add({
      method: 'PATCH',
      times: 9,
      fault: { kind: 'answer', status, body: '<html>no JSON' },
    });

    const reply = await rig.tracker.setState(rig.place, 1, 'closed');

    expect(reply).toMatchObject({ kind: 'failed', permanent, status, effect: status < 500 ? 'none' : 'unknown' });
    expect(reply).toHaveProperty('message', expect.stringMatching(advice));
  });

  it.each<[string, number | null]>([
    ['120', 120_000],
    ['0', 0],
    ['Sat, 21 Nov 2026 10:02:00 GMT', 120_000],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['999999999', 24 * 3_600_000],
    ['in a while', null],
  ])('obey Retry-After: %s', async (header, waitMs) => {
    rig.gitea.double.faults.add({ fault: { kind: 'answer', status: 429, headers: { 'retry-after': header } } });

    const reply = await rig.tracker.get(rig.place, 1);

    expect(reply).toHaveProperty('retryAt', waitMs === null ? null : rig.gitea.now() + waitMs);
  });

  it('never repeat the token, also where the server does', async () => {
    const body = JSON.stringify({ message: `bad token ${rig.gitea.login.token}\n\u001B[31m ${'x'.repeat(1000)}` });
    rig.gitea.double.faults.add({ fault: { kind: 'answer', status: 401, body } });

    const reply = JSON.stringify(await rig.tracker.get(rig.place, 1));

    expect(reply).toContain('bad token [redacted]');
    expect(reply).not.toContain(rig.gitea.login.token);
    expect(reply).not.toContain('\\u001b');
    expect(reply.length).toBeLessThan(800);
  });

  it('of a renamed repository are not followed: no create becomes a list', async () => {
    const location = `/api/v1/repos/factory/renamed/issues`;
    rig.gitea.double.faults.add({ method: 'POST', fault: { kind: 'answer', status: 301, headers: { location } } });

    const reply = await rig.open();

    expect(reply).toMatchObject({ kind: 'failed', permanent: true, effect: 'none', status: 301 });
    expect(reply).toHaveProperty('message', expect.stringContaining('owner = "factory" and repository = "renamed"'));
    expect(rig.requests('GET', /renamed/)).toBe(0);
  });

  it('of an address that moved name the new one', async () => {
    const headers = { location: 'https://git.example.invalid/api/v2' };
    rig.gitea.double.faults.add({ fault: { kind: 'answer', status: 308, headers } });

    expect(await rig.tracker.get(rig.place, 1)).toHaveProperty(
      'message',
      expect.stringContaining('moved to https://git.example.invalid/api/v2'),
    );
  });

  it.each(['', '/', '/api/v1', '/api/v1/'])('do not come from an address that ends in %j', async (end) => {
    rig.gitea.double.world.addIssue(rig.repository, rig.gitea.bot, { title: 'here' });

    const reply = await rig.anotherTracker({ url: `${rig.gitea.login.url}${end}` }).get(rig.place, 1);

    expect(reply).toHaveProperty('value.url', expect.stringMatching(/\d\/factory\/[^/]+\/issues\/1$/));
  });

  it.each([{ owner: '../admin' }, { repository: '..' }, { repository: 'a/b' }, { owner: '' }])(
    'of names that lead elsewhere come before any request: %j',
    async (names) => {
      const before = rig.gitea.double.seen.length;

      const reply = await rig.tracker.get({ ...rig.place, ...names }, 1);

      expect(reply).toMatchObject({ kind: 'failed', permanent: true, effect: 'none' });
      expect(rig.gitea.double.seen).toHaveLength(before);
    },
  );
});

describe('a token file', () => {
  it('is read at every use, and its change is seen', async () => {
    const before = await rig.tracker.accessStamp();
    rig.gitea.double.world.addToken(rig.gitea.bot, 'the-new-token', ['write:issue']);

    await writeFile(rig.tokenFile, '  the-new-token \n');
    await rig.tracker.get(rig.place, 1);

    expect(rig.gitea.double.seen.at(-1)?.headers.authorization).toBe('token the-new-token');
    expect(await rig.tracker.accessStamp()).not.toBe(before);
  });

  it.each(['', 'two words', 'x'.repeat(5_000)])('that holds no token is a permanent refusal (%#)', async (text) => {
    await writeFile(rig.tokenFile, text);

    const reply = await rig.tracker.setState(rig.place, 1, 'closed');

    expect(reply).toMatchObject({ kind: 'failed', permanent: true, effect: 'none', status: null });
    expect(reply).toHaveProperty('message', expect.stringContaining(rig.tokenFile));
  });

  it('that is missing is a permanent refusal until it is there again', async () => {
    await rm(rig.tokenFile);
    const stamp = await rig.tracker.accessStamp();

    expect(await rig.open()).toMatchObject({ kind: 'failed', permanent: true });
    await writeFile(rig.tokenFile, rig.gitea.login.token, { mode: 0o600 });
    expect(await rig.open()).toMatchObject({ kind: 'done' });
    expect(await rig.tracker.accessStamp()).not.toBe(stamp);
  });

  it('that others may read is a permanent refusal until they may not', async () => {
    await chmod(rig.tokenFile, 0o640);
    const stamp = await rig.tracker.accessStamp();
    const message = `[gitea] token_file: others than its owner can use ${rig.tokenFile} (mode 0640): chmod 600 ${rig.tokenFile}`;

    expect(await rig.open()).toMatchObject({ kind: 'failed', permanent: true, effect: 'none', message });
    await chmod(rig.tokenFile, 0o600);
    expect(await rig.open()).toMatchObject({ kind: 'done' });
    expect(await rig.tracker.accessStamp()).not.toBe(stamp);
  });

  it('with a token for issues alone is enough to work, and the check says what it cannot see', async () => {
    rig.gitea.double.world.addToken(rig.gitea.bot, 'issues-only', ['write:issue']);
    await writeFile(rig.tokenFile, 'issues-only');

    const check = await rig.tracker.check(rig.place);

    expect(await rig.open({ labels: ['dark-factory'] })).toMatchObject({ kind: 'done', warnings: [] });
    expect(check).toHaveProperty('warnings', [expect.stringContaining('read:repository')]);
  });
});

describe('an account without write access', () => {
  beforeEach(async () => {
    const stranger = rig.gitea.double.world.addUser('stranger');
    rig.gitea.double.world.addToken(stranger, 'strangers-token', ['write:issue', 'read:repository']);
    const open = rig.gitea.double.world.addRepository(rig.gitea.bot, 'open-to-all');
    rig.gitea.double.world.addLabel(open, { name: 'dark-factory', color: 'ffffff' });
    await writeFile(rig.tokenFile, 'strangers-token');
    rig.place = { ...rig.place, repository: 'open-to-all' };
  });

  it('opens issues, and says that labels and assignees were left out', async () => {
    const reply = await rig.open({ labels: ['dark-factory', 'new'], assignees: ['stranger'] });

    expect(reply).toMatchObject({ kind: 'done', value: { state: 'open' } });
    expect(reply).toHaveProperty('warnings', [
      expect.stringMatching(/could not create the label "new".*403/),
      expect.stringMatching(/dropped 1 of 1 labels.*write access/),
      expect.stringMatching(/did not assign stranger/),
    ]);
  });

  it('may not close what it did not open', async () => {
    rig.gitea.double.world.addIssue(rig.gitea.double.world.repository('factory', 'open-to-all')!, rig.gitea.bot, {
      title: 'theirs',
    });

    const reply = await rig.tracker.setState(rig.place, 1, 'closed');

    expect(reply).toMatchObject({ kind: 'failed', permanent: true, status: 403 });
    expect(reply).toHaveProperty('message', expect.stringContaining('write access'));
  });

  it('is told so before anything happens', async () => {
    const reply = await rig.tracker.check(rig.place);

    expect(reply).toMatchObject({ kind: 'done', value: { version: '1.27.3' } });
    expect(reply).toHaveProperty('warnings', [expect.stringContaining('may not write')]);
  });
});
