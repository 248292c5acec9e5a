// The issue store in SQLite keeps its promises, and so does the local tracker on it.

import { LocalTracker } from '../../../src/adapters/local-tracker/tracker.ts';
import { issueStoreSuite } from '../../ports/issue-store.suite.ts';
import { trackerSuite } from '../../ports/tracker.suite.ts';
import { testLedger } from '../../support/ledger.ts';
import { MemoryIssueStore } from '../../support/memory-issue-store.ts';
import { storePerson } from '../../support/store-person.ts';

issueStoreSuite('in SQLite', () => {
  const ledger = testLedger();
  return { store: ledger.issues, close: () => ledger.close() };
});

issueStoreSuite('in memory', () => ({ store: new MemoryIssueStore(), close: () => undefined }));

trackerSuite('local, on SQLite,', async () => {
  let at = Date.UTC(2026, 10, 21, 10);
  const now = (): number => at;
  const ledger = testLedger();
  return {
    tracker: new LocalTracker(ledger.issues, now),
    place: { project: 'suite', owner: null, repository: null },
    person: storePerson(ledger.issues, now),
    now,
    later: async () => (at += 1),
    close: async () => ledger.close(),
  };
});
