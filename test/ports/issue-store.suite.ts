// What every issue store promises the local tracker: one issue and one comment per marker, one series of numbers.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IssueStore, NewStoredIssue } from '../../src/ports/issue-store.ts';

/** A store under test. */
export interface IssueStoreSubject {
  readonly store: IssueStore;
  readonly close: () => void;
}

const AT = Date.UTC(2026, 10, 21, 10);

function issue(marker: string, rest: Partial<NewStoredIssue> = {}): NewStoredIssue {
  const texts = { title: `title of ${marker}`, body: 'body', labels: ['adf'], assignees: ['ana'] };
  return { project: 'demo', marker, ...texts, createdAt: AT, ...rest };
}

/** Runs the promises of the port against a subject. */
export function issueStoreSuite(name: string, make: () => IssueStoreSubject): void {
  describe(`the issue store ${name}`, () => {
    let subject: IssueStoreSubject;
    let store: IssueStore;

    beforeEach(() => {
      subject = make();
      ({ store } = subject);
    });

    afterEach(() => subject.close());

    it('numbers issues from 1 and gives back what was stored', () => {
      const first = store.insert(issue('a'));
      const second = store.insert(issue('b', { project: null, labels: [], assignees: [] }));

      expect(first).toEqual({ ...issue('a'), number: 1, state: 'open', updatedAt: AT });
      expect(second).toMatchObject({ number: 2, project: null, labels: [], assignees: [] });
      expect(store.get(1)).toEqual(first);
      expect(store.byMarker('b')).toEqual(second);
    });

    it('gives the issue that has the marker, unchanged, and wastes no number on it', () => {
      const first = store.insert(issue('a'));

      expect(store.insert(issue('a', { title: 'another', createdAt: AT + 1 }))).toEqual(first);
      expect(store.insert(issue('b')).number).toBe(2);
    });

    it('knows nothing of what is not there', () => {
      expect(store.get(1)).toBeNull();
      expect(store.byMarker('a')).toBeNull();
      expect(store.change(1, { state: 'closed', at: AT })).toBeNull();
      expect(store.comments(1)).toEqual([]);
      expect(store.putComment({ issue: 1, marker: null, body: 'x', present: 'keep', at: AT })).toBeNull();
    });

    it('changes what it is told to and when, and nothing else', () => {
      const first = store.insert(issue('a'));

      expect(store.change(1, { state: 'closed', at: AT + 1 })).toEqual({
        ...first,
        state: 'closed',
        updatedAt: AT + 1,
      });
      expect(store.change(1, { body: '', at: AT + 2 })).toEqual({
        ...first,
        state: 'closed',
        body: '',
        updatedAt: AT + 2,
      });
    });

    it('lists the newest first, by project and state, up to a limit', () => {
      for (const [marker, project] of [
        ['a', 'demo'],
        ['b', 'web'],
        ['c', 'demo'],
      ] as const) {
        store.insert(issue(marker, { project }));
      }
      store.change(1, { state: 'closed', at: AT });
      const markers = (filter: Parameters<IssueStore['list']>[0]): readonly string[] =>
        store.list(filter).map((one) => one.marker);

      expect(markers({ project: null, state: null, limit: 10 })).toEqual(['c', 'b', 'a']);
      expect(markers({ project: 'demo', state: null, limit: 10 })).toEqual(['c', 'a']);
      expect(markers({ project: 'demo', state: 'open', limit: 10 })).toEqual(['c']);
      expect(markers({ project: null, state: 'closed', limit: 10 })).toEqual(['a']);
      expect(markers({ project: null, state: null, limit: 2 })).toEqual(['c', 'b']);
    });

    it('keeps one comment per issue and marker, and any number without', () => {
      store.insert(issue('a'));
      store.insert(issue('b'));
      const put = (number: number, marker: string | null, body: string): void => {
        store.putComment({ issue: number, marker, body, present: 'keep', at: AT + 1 });
      };

      put(1, 'm', 'first');
      put(1, 'm', 'second');
      put(2, 'm', 'other issue');
      put(1, null, 'by hand');
      put(1, null, 'by hand');

      expect(store.comments(1).map((comment) => comment.body)).toEqual(['first', 'by hand', 'by hand']);
      expect(store.comments(2).map((comment) => comment.body)).toEqual(['other issue']);
      expect(new Set([...store.comments(1), ...store.comments(2)].map((comment) => comment.id)).size).toBe(4);
    });

    it('replaces a comment in place, and moves the issue only when something changed', () => {
      store.insert(issue('a'));
      const put = { issue: 1, marker: 'm', present: 'replace' } as const;

      const first = store.putComment({ ...put, body: 'running', at: AT + 1 });
      const same = store.putComment({ ...put, body: 'running', at: AT + 2 });
      const movedBySame = store.get(1)?.updatedAt;
      const replaced = store.putComment({ ...put, body: 'done', at: AT + 3 });

      expect(same).toEqual(first);
      expect(movedBySame).toBe(AT + 1);
      expect(replaced).toEqual({ ...first, body: 'done', updatedAt: AT + 3 });
      expect(store.comments(1)).toEqual([replaced]);
      expect(store.get(1)?.updatedAt).toBe(AT + 3);
    });
  });
}
