// A ledger into which no known secret is written: all words of people, agents and servers pass through here, whoever writes them.
// Verdicts, slots and sessions hold our own words, numbers and ids.

import { redactWithin } from '../core/redact.ts';
import type { Ledger } from '../ports/ledger.ts';

/** `ledger` without the values that `secrets` has at each write. */
export function redactedLedger(ledger: Ledger, secrets: () => readonly string[]): Ledger {
  const { facts, runs, attempts, states, outbox, issues, alerts } = ledger;
  const clean = <Value>(value: Value): Value => redactWithin(value, secrets());
  return {
    ...ledger,
    facts: { ...facts, append: (fact, stamp) => facts.append(clean(fact), stamp) },
    runs: {
      ...runs,
      insert: (run) => runs.insert({ ...run, input: clean(run.input) }),
      update: (id, patch) => runs.update(id, clean(patch)),
    },
    attempts: { ...attempts, update: (id, patch) => attempts.update(id, clean(patch)) },
    states: { ...states, set: (kind, key, value) => states.set(kind, key, clean(value)) },
    outbox: {
      ...outbox,
      add: (row) => outbox.add({ ...row, effect: clean(row.effect) }),
      retry: (id, at) => outbox.retry(id, { ...at, error: clean(at.error) }),
      park: (id, error) => outbox.park(id, clean(error)),
    },
    issues: {
      ...issues,
      insert: (issue) => issues.insert(clean(issue)),
      change: (number, change) => issues.change(number, clean(change)),
      putComment: (comment) => issues.putComment(clean(comment)),
    },
    alerts: {
      ...alerts,
      insert: (alert) => alerts.insert(clean(alert)),
      update: (id, patch) => alerts.update(id, clean(patch)),
      say: (message) => alerts.say(clean(message)),
      suggest: (suggestion) => alerts.suggest(clean(suggestion)),
      settle: (suggestion) => alerts.settle(clean(suggestion)),
    },
  };
}
