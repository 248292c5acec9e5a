// Puts a run whose attempt failed back to wait for another one, if its class and its agent allow that.

import { retryDecision } from '../core/react/retry.ts';
import type { RetryDecision } from '../core/react/retry.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import type { DriverVerdict } from '../ports/agent-driver.ts';
import { waitAgain } from './end-run.ts';
import type { House } from './house.ts';
import type { Reactor } from './reactor.ts';
import type { Note } from './recorder.ts';
import { subject } from './subject.ts';

/** Another attempt of a run. */
export type Retry = Extract<RetryDecision, { readonly kind: 'retry' }>;

/** An attempt that has ended, in the transaction that ends it. */
export interface EndedAttempt {
  readonly run: Run;
  readonly outcome: Outcome;
  readonly attempt: Attempt;
  readonly verdict: DriverVerdict | null;
  readonly note: Note;
}

/** When and why the run is given another attempt, or null: this was its last. */
export function retryOf(
  house: Pick<House, 'fleet' | 'clock' | 'chance' | 'driverFor'>,
  { run, outcome, attempt, verdict }: Omit<EndedAttempt, 'note'>,
): Retry | null {
  const agent = house.fleet.agent(run.agent);
  // A Safety agent is started anew by its standing wish, with waits of its own.
  if (agent === null || run.trigger.kind === 'safety') {
    return null;
  }
  const decision = retryDecision(outcome, {
    rule: agent.retry,
    driver: house.driverFor(agent.cliTool).name,
    attempts: attempt.number,
    now: house.clock.now(),
    chance: house.chance.random(),
    retryAfterMs: verdict?.retryAfterMs ?? null,
  });
  return decision.kind === 'no' ? null : decision;
}

/** The run waits for another attempt, which passes admission like the first. */
export function tryAgain(
  parts: { readonly ledger: House['ledger']; readonly reactor: Reactor },
  { run, outcome, note }: Pick<EndedAttempt, 'run' | 'outcome' | 'note'>,
  retry: Retry,
): void {
  waitAgain(parts.ledger, run, { event: 'retry', notBefore: retry.at });
  note({ kind: 'run.retrying', ...subject(run), notBefore: retry.at, reason: retry.reason });
  parts.reactor.retried(run, outcome, note);
}
