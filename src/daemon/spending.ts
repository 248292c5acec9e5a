// Keeps what an attempt used, in the transaction that ends it.

import { priceOf } from '../core/budget/spend.ts';
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
export function keepSpend(house: Pick<House, 'ledger'>, used: UsedAttempt): void {
  const { run, attempt, agent, report, verdict } = used;
  const model = agent?.model ?? null;
  house.ledger.spend.insert({
    attempt: attempt.id,
    run: run.id,
    agent: run.agent,
    project: run.project,
    provider: attempt.provider,
    model,
    at: report.endedAt,
    busyMs: report.durationMs,
    usage: verdict.usage,
    ...priceOf({
      usage: verdict.usage,
      byModel: verdict.byModel,
      model,
      printedMicroUsd: verdict.costMicroUsd,
    }),
  });
}
