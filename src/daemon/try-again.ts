// Puts a run whose attempt failed back to wait for another one, if its class and its agent allow that.

import { retryDecision } from '../core/react/retry.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import type { DriverVerdict } from '../ports/agent-driver.ts';
import type { House } from './house.ts';
import type { Reactor } from './reactor.ts';
import type { Note } from './recorder.ts';
import { subject } from './subject.ts';

/** An attempt that has ended, in the transaction that ends it. */
export interface EndedAttempt {
  readonly run: Run;
  readonly outcome: Outcome;
  readonly attempt: Attempt;
  readonly verdict: DriverVerdict | null;
  readonly note: Note;
}

/** True when the run waits for another attempt; the next one passes admission like the first. */
export function tryAgain(
  house: Pick<House, 'ledger' | 'fleet' | 'clock' | 'chance' | 'driverFor'>,
  reactor: Reactor,
  ended: EndedAttempt,
): boolean {
  const { run, outcome, attempt, verdict, note } = ended;
  const agent = house.fleet.agent(run.agent);
  // A Safety agent is started anew by its standing wish, with waits of its own.
  if (agent === null || run.trigger.kind === 'safety') {
    return false;
  }
  const decision = retryDecision(outcome, {
    rule: agent.retry,
    driver: house.driverFor(agent.cliTool).name,
    attempts: attempt.number,
    now: house.clock.now(),
    chance: house.chance.random(),
    retryAfterMs: verdict?.retryAfterMs ?? null,
  });
  if (decision.kind === 'no') {
    return false;
  }
  house.ledger.runs.update(run.id, { state: 'waiting', notBefore: decision.at, memoryPromisedBytes: 0 });
  note({ kind: 'run.retrying', ...subject(run), notBefore: decision.at, reason: decision.reason });
  reactor.retried(run, outcome, note);
  return true;
}
