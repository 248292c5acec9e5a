// Keeps what an attempt used, in the transaction that ends it.

import { priceOf } from '../core/budget/spend.ts';
import type { Billing } from '../core/budget/spend.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import type { DriverVerdict } from '../ports/agent-driver.ts';
import type { ExitReport } from '../ports/execution-host.ts';
import type { House } from './house.ts';

/** What is known of the end of one main attempt. */
export interface UsedAttempt {
  readonly run: Run;
  readonly attempt: Attempt;
  readonly agent: AgentDefinition | null;
  readonly report: ExitReport;
  readonly verdict: DriverVerdict;
}

/** Writes the row of `used`: tokens, list price and time. */
export function keepSpend(house: Pick<House, 'ledger' | 'fleet'>, used: UsedAttempt): void {
  const { run, attempt, agent, report, verdict } = used;
  const model = agent?.model ?? null;
  const { usage, byModel, metered = null } = verdict;
  const { prices } = house.fleet.now;
  const printed = priceOf({ usage, byModel, model, printedMicroUsd: verdict.costMicroUsd }, prices);
  // What a CLI prints is the price of the tokens that it knows of: those that a meter counted have one by the list.
  const listed = metered === null ? printed : priceOf({ usage, byModel, model, printedMicroUsd: null }, prices);
  house.ledger.spend.insert({
    attempt: attempt.id,
    run: run.id,
    agent: run.agent,
    project: run.project,
    provider: attempt.provider,
    model,
    at: report.endedAt,
    busyMs: report.durationMs,
    usage,
    ...(listed.price === null ? printed : listed),
    billing: billingOf(agent, verdict),
    metered,
  });
}

/** An operator knows the account better than a CLI does. */
function billingOf(agent: AgentDefinition | null, { billing }: DriverVerdict): Billing | null {
  const said = billing ?? null;
  const subscription = agent?.subscription ?? null;
  return subscription === null ? said : subscription ? 'subscription' : 'billed';
}
