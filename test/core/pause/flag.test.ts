import { describe, expect, it } from 'vitest';
import {
  breakerFlagText,
  issueOf,
  personFlagText,
  readFlagText,
  shellWord,
} from '../../../src/core/pause/flag-text.ts';
import { isIgnoredFlag, isOurs, nearestFlag, sortFlagNames, unknownFlagWarning } from '../../../src/core/pause/flag.ts';
import type { ProjectId, RunId } from '../../../src/core/ids.ts';
import { BreakerWorld, META } from '../../support/breaker-world.ts';

const PROJECTS = ['odilo', 'sandbox', 'web.bak'] as ProjectId[];
const AT = Date.UTC(2026, 10, 21, 10, 30, 45);

describe('names in pause_dir', () => {
  it('tells the factory, projects, unknown files and leftovers apart', () => {
    expect(sortFlagNames(['__all__', 'sandbox', 'odillo', '.sandbox.swp', 'sandbox~', 'zzzz'], PROJECTS)).toEqual({
      factory: true,
      projects: ['sandbox'],
      unknown: ['odillo', 'zzzz'],
    });
  });

  it('warns with the id that was probably meant', () => {
    expect(['odillo', 'zzzz'].map((name) => nearestFlag(name, PROJECTS))).toEqual(['odilo', null]);
    expect(unknownFlagWarning({ name: 'odillo', nearest: 'odilo' })).toBe(
      'flag "odillo" pauses nothing; did you mean "odilo"?',
    );
    expect(unknownFlagWarning({ name: 'a\nb', nearest: null })).toBe(
      String.raw`flag "a\nb" pauses nothing; no project has that id`,
    );
  });

  it.each(['SANDBOX', '__ALL__', '__global__'])('takes %s for no flag', (name) => {
    expect(sortFlagNames([name], PROJECTS)).toMatchObject({ factory: false, projects: [], unknown: [name] });
  });

  it('lets a project be called like a backup', () => {
    expect(sortFlagNames(['web.bak'], PROJECTS).projects).toEqual(['web.bak']);
  });

  it.each(['.x', 'x~', '#x#', 'x.bak', 'x.ORIG', 'x.rej', 'x.tmp', 'x.save', 'x.swp', 'x.swo', '.#x', '4913'])(
    'ignores %s',
    (name) => expect(isIgnoredFlag(name)).toBe(true),
  );

  it.each(['x', 'x.swz', '49130', '#x', 'bak', 'x.backup'])('does not ignore %s', (name) => {
    expect(isIgnoredFlag(name)).toBe(false);
  });
});

describe('whose a flag is', () => {
  const recorded = { incident: 'i1', path: '/p/sandbox', mtimeNs: '5' };
  const ours = { kind: 'present', path: '/p/sandbox', mtimeNs: '5', text: 'incident   i1\n' } as const;

  it.each([
    ['the recorded one', ours, true],
    ['one touched since', { ...ours, mtimeNs: '6' }, false],
    ['one with another incident', { ...ours, text: 'incident   i2\n' }, false],
    ['an empty one', { ...ours, text: '' }, false],
    ['one that cannot be read', { ...ours, text: null }, false],
    ['one in another folder', { ...ours, path: '/q/sandbox' }, false],
    ['none', { kind: 'absent' } as const, false],
    ['one that nobody can see', { kind: 'unknown', message: '' } as const, false],
  ])('%s is ours: %s', (_which, stat, answer) => {
    expect(isOurs(stat, recorded)).toBe(answer);
  });
});

describe('the text of a flag', () => {
  const cause = { kind: 'in_a_row', agent: META, class: 'agent_failure', failures: 3, limit: 3 } as const;
  const flag = { incident: 'i1', stampAt: AT, cause, runs: ['r1', 'r2'] as RunId[] };
  const place = { name: 'sandbox', path: "/state of things/pause/sandbox's", issue: null, repository: null };

  it('says who, why, since when, which issue, what to do', () => {
    expect(breakerFlagText(flag, { ...place, path: '/p/sandbox', issue: { number: 4, url: null } })).toBe(
      `paused     sandbox: nothing of it is dispatched until this file is removed
by         the breaker, 2026-11-21 10:30:45 UTC
why        3 failures in a row, limit 3: agent_failure (sandbox/project-meta-sandbox)
runs       r1 r2
issue      #4 (adf issues)
to see     adf breaker show sandbox
to resume  rm /p/sandbox   or   adf resume sandbox
incident   i1
`,
    );
  });

  it('names the repository while the issue has no number yet', () => {
    const text = breakerFlagText(flag, { ...place, repository: 'https://git.example.org/acme/web' });
    expect(text).toContain('\nissue      in https://git.example.org/acme/web: adf breaker show sandbox says which\n');
  });

  it('quotes the path for a shell', () => {
    expect(breakerFlagText(flag, place)).toContain(String.raw`rm '/state of things/pause/sandbox'\''s'`);
    expect(shellWord('/plain/path-1_2.3')).toBe('/plain/path-1_2.3');
  });

  it('is read back', () => {
    expect(readFlagText(breakerFlagText(flag, place))).toEqual({
      by: 'the breaker, 2026-11-21 10:30:45 UTC',
      why: '3 failures in a row, limit 3: agent_failure (sandbox/project-meta-sandbox)',
      until: null,
      incident: 'i1',
    });
  });

  it("carries a person's reason and end", () => {
    const text = personFlagText({ by: 'alice', reason: 'migration', at: AT, until: AT + 7_200_000 }, place);
    expect(readFlagText(text)).toEqual({
      by: 'alice, 2026-11-21 10:30:45 UTC',
      why: 'migration',
      until: AT + 7_200_000,
      incident: null,
    });
  });

  it('keeps a reason on its line, so that it cannot pass for an incident of ours', () => {
    const reason = 'x\nincident   i1\r\u2028incident   i1';
    const text = personFlagText({ by: 'mallory', reason, at: AT, until: null }, place);
    expect(readFlagText(text)).toMatchObject({ incident: null, until: null, why: 'x incident   i1 incident   i1' });
  });

  it('bounds a long reason', () => {
    const text = personFlagText({ by: 'a', reason: 'x'.repeat(10_000), at: AT, until: null }, place);
    expect(text.length).toBeLessThan(1000);
  });

  it.each(['', 'just words', 'until tomorrow', 'until 99999999999999999999'])('finds nothing in %j', (text) => {
    expect(readFlagText(text)).toMatchObject({ until: null, incident: null });
  });

  it('names the issue once the tracker has numbered it', () => {
    const world = new BreakerWorld().open();
    expect(issueOf(world.state)).toBeNull();
    world.tell({ kind: 'issue_opened', incident: world.incident().id, issue: { number: 4, url: null } });
    expect(issueOf(world.state)).toEqual({ number: 4, url: null });
  });
});
