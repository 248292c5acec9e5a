// A ledger into which no secret is written: what comes from outside in words passes through here, whoever writes it.

import { redactWithin } from '../core/redact.ts';
import type { Ledger } from '../ports/ledger.ts';

/** `ledger` without the values that `secrets` has at each write. */
export function redactedLedger(ledger: Ledger, secrets: () => readonly string[]): Ledger {
  const { facts, runs, attempts, states, outbox } = ledger;
  const clean = <Value>(value: Value): Value => redactWithin(value, secrets());
  return {
    ...ledger,
    facts: { ...facts, append: (fact, stamp) => facts.append(clean(fact), stamp) },
    runs: { ...runs, update: (id, patch) => runs.update(id, clean(patch)) },
    attempts: { ...attempts, update: (id, patch) => attempts.update(id, clean(patch)) },
    states: { ...states, set: (kind, key, value) => states.set(kind, key, clean(value)) },
    outbox: {
      ...outbox,
      add: (row) => outbox.add({ ...row, effect: clean(row.effect) }),
      retry: (id, at) => outbox.retry(id, { ...at, error: clean(at.error) }),
      park: (id, error) => outbox.park(id, clean(error)),
    },
  };
}
