import { describe, expect, it } from 'vitest';
import { isNews, latestMoment, readSeen, writeSeen } from '../../../src/core/trigger/issue-news.ts';

const AT = Date.UTC(2026, 10, 21, 10);
const seen = { at: AT, count: 2 };

describe('news on an issue', () => {
  it.each([
    { what: 'nobody did anything', before: seen, latest: null, news: false },
    { what: 'it was never looked at', before: null, latest: { at: AT, count: 1 }, news: true },
    { what: 'it was never looked at and holds nothing', before: null, latest: null, news: false },
    { what: 'what was seen comes again', before: seen, latest: { at: AT, count: 2 }, news: false },
    { what: 'one of what was seen is gone', before: seen, latest: { at: AT, count: 1 }, news: false },
    { what: 'one more happened within the same second', before: seen, latest: { at: AT, count: 3 }, news: true },
    { what: 'something happened a second later', before: seen, latest: { at: AT + 1000, count: 1 }, news: true },
    { what: 'all that is left is older', before: seen, latest: { at: AT - 1000, count: 5 }, news: false },
  ])('$what: $news', ({ before, latest, news }) => {
    expect(isNews(before, latest)).toBe(news);
  });

  it.each([
    { instants: [], moment: null },
    { instants: [AT], moment: { at: AT, count: 1 } },
    { instants: [AT, AT - 1, AT], moment: { at: AT, count: 2 } },
  ])('the newest of $instants.length instants', ({ instants, moment }) => {
    expect(latestMoment(instants)).toEqual(moment);
  });
});

describe('what an agent saw of an issue', () => {
  it('is read back as it was written', () => {
    expect(readSeen(writeSeen({ issue: 42, moment: seen }), 42)).toEqual(seen);
  });

  it.each([
    ['nothing was kept', null],
    ['another issue', 'issue 43 1 1'],
    ['a commit of a git-diff pre-check', 'c0ffee'],
    ['more than a moment', 'issue 42 1 1 1'],
  ])('is nothing for %s', (_, text) => {
    expect(readSeen(text, 42)).toBeNull();
  });
});
