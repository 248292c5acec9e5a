// A person who uses the issues of a local tracker through the store, as `adf issues` would.

import type { IssueStore } from '../../src/ports/issue-store.ts';
import type { Person } from '../ports/tracker.suite.ts';

/** Acts on `store` at the instants of `now`. */
export function storePerson(store: IssueStore, now: () => number): Person {
  const issue = (number: number) => {
    const found = store.get(number);
    if (found === null) {
      throw new Error(`no issue #${number}`);
    }
    return found;
  };
  return {
    async open(title, body) {
      const rest = { project: null, marker: `by hand: ${title}`, labels: [], assignees: [] };
      return store.insert({ ...rest, title, body, createdAt: now() }).number;
    },
    async comment(number, body) {
      store.putComment({ issue: issue(number).number, marker: null, body, present: 'keep', at: now() });
    },
    async setState(number, state) {
      store.change(number, { state, at: now() });
    },
    async editBody(number, body) {
      store.change(number, { body, at: now() });
    },
    async body(number) {
      return issue(number).body;
    },
    async comments(number) {
      return store.comments(number).map((comment) => comment.body);
    },
  };
}
