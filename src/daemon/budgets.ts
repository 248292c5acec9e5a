// Keeps budgets: what ended attempts used, what running ones use now, what an operator allows beyond, and who is told.

import { amountsOf, gaugeInWords, NO_AMOUNTS, plusAmounts, standOf } from '../core/budget/budget.ts';
import { LONGEST_OVERRIDE_MS, MOST_FACTOR } from '../core/budget/budget.ts';
import type { Amounts, Budget, BudgetStand, Override } from '../core/budget/budget.ts';
import { leastPrice } from '../core/budget/list-price.ts';
import type { ModelPrice } from '../core/budget/prices.ts';
import type { Spend } from '../core/budget/spend.ts';
import { totalOf } from '../core/budget/tokens.ts';
import { windowAt } from '../core/budget/window.ts';
import type { WindowSpan } from '../core/budget/window.ts';
import type { LiveCounts, Snapshot } from '../core/admission/snapshot.ts';
import type { AgentDefinition, Fleet } from '../core/fleet.ts';
import type { AlertSubject } from '../core/alert/alert.ts';
import type { BudgetPicture } from '../core/alert/picture.ts';
import type { AgentKey, AttemptId, ProjectId } from '../core/ids.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import type { StopReason } from '../core/supervise/stop-plan.ts';
import type { StreamState } from '../ports/agent-driver.ts';
import type { BudgetView } from '../ports/budget-view.ts';
import type { ControlRefusal } from '../ports/control.ts';
import type { House } from './house.ts';
import { refusal } from './lookup.ts';
import type { Note } from './recorder.ts';

/** Whom a run concerns. */
interface Charged {
  readonly agent: string;
  readonly project: string | null;
  readonly provider: string | null;
}

interface Live extends Charged {
  readonly startedAt: number;
  readonly microUsd: number;
  readonly tokens: number;
}

interface Told {
  readonly from: number;
  readonly kind: 'near' | 'spent';
}

interface Counted extends Pick<LiveCounts, 'byAgent' | 'total'> {
  readonly fleet: Fleet;
  readonly runs: Map<string, number>;
}

/** Budgets in force. */
export class Budgets {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'zones' | 'driverFor'>;
  readonly #live = new Map<AttemptId, Live>();
  /** Sums of windows; each ended attempt makes them anew. */
  readonly #sums = new Map<string, { readonly from: number; readonly spend: Spend }>();
  /** Runs under way by budget, as of one state of the counts. */
  #counted: Counted | null = null;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'fleet' | 'zones' | 'driverFor'>) {
    this.#house = house;
  }

  /** For the gate: how every budget stands that covers a run of `agent`, that run included. */
  claimsOf(agent: AgentDefinition, live: LiveCounts): Snapshot['budgets'] {
    return this.#covering(this.#chargeOf(agent)).map((budget) => {
      const { span, spend } = this.#sumOf(budget);
      const amounts = { used: amountsOf(spend), reserved: this.#reserved(budget, spend, { agent, live }) };
      return { key: budget.key, stand: standOf(budget, amounts, this.#factorOf(budget)), until: span.until };
    });
  }

  /** A running attempt is at `state`: the reason to stop it, if that is more than a budget has left. */
  heard(run: Run, attempt: Attempt, state: StreamState): StopReason | null {
    const agent = this.#house.fleet.agent(run.agent);
    // What is finished costs nothing more.
    if (agent === null || state.finished || this.#house.fleet.now.budgets.length === 0) {
      return null;
    }
    const usage = state.usageSoFar;
    const charged = { ...this.#chargeOf(agent), provider: attempt.provider };
    this.#live.set(attempt.id, {
      ...charged,
      startedAt: attempt.startedAt ?? this.#house.clock.now(),
      microUsd: priceSoFar(agent.model, state, this.#house.fleet.now.prices),
      tokens: usage === null ? 0 : (totalOf(usage) ?? 0),
    });
    for (const budget of this.#covering(charged)) {
      const used = plusAmounts(amountsOf(this.#sumOf(budget).spend), this.#liveAmounts(budget));
      // The run that goes on was counted when it was let in: the number of runs stops nobody in the middle.
      const now = standOf(
        { ...budget, limits: { ...budget.limits, runs: null } },
        { used, reserved: NO_AMOUNTS },
        this.#factorOf(budget),
      );
      if (now.kind === 'spent' && now.gauge !== null) {
        return { kind: 'budget', text: `${budget.key}: ${gaugeInWords(now.gauge)}` };
      }
    }
    return null;
  }

  /** Inside the transaction that ends `attempt`, its spend written: budgets that are near their end, or at it, are told once a window. */
  spent(attempt: Attempt, run: Run, note: Note): void {
    this.#live.delete(attempt.id);
    this.#sums.clear();
    const charged = { agent: run.agent, project: run.project, provider: attempt.provider };
    for (const budget of this.#covering(charged)) {
      const { span, spend } = this.#sumOf(budget);
      const stand = standOf(budget, { used: amountsOf(spend), reserved: NO_AMOUNTS }, this.#factorOf(budget));
      if (stand.gauge !== null && (stand.kind === 'near' || stand.kind === 'spent')) {
        this.#tell(budget, { span, stand, kind: stand.kind }, note);
      }
    }
  }

  /** Some budget covers runs of `agent`. */
  cover(agent: AgentDefinition): boolean {
    return this.#covering(this.#chargeOf(agent)).length > 0;
  }

  /** Every budget and how it stands. */
  views(): readonly BudgetView[] {
    return this.#house.fleet.now.budgets.map((budget) => {
      const { span, spend } = this.#sumOf(budget);
      const used = plusAmounts(amountsOf(spend), this.#liveAmounts(budget));
      const { kind } = standOf(budget, { used, reserved: NO_AMOUNTS }, this.#factorOf(budget));
      return {
        key: budget.key,
        window: budget.window,
        from: span.from,
        until: span.until,
        state: kind === 'full' ? 'free' : kind,
        used,
        subscriptionMicroUsd: spend.subscriptionMicroUsd,
        limits: budget.limits,
        unpricedRuns: spend.unpricedRuns,
        uncountedRuns: spend.uncountedRuns,
        override: this.#overrideOf(budget),
      };
    });
  }

  /** For alerts: of each subject the budget of money of which most is spent. */
  pictures(): readonly BudgetPicture[] {
    const fullest = new Map<string, BudgetPicture>();
    for (const budget of this.#house.fleet.now.budgets) {
      const { microUsd } = budget.limits;
      if (microUsd !== null) {
        const spent = this.#sumOf(budget).spend.microUsd;
        const limit = Math.floor(microUsd * this.#factorOf(budget));
        const picture = { subject: subjectOf(budget), spent, limit, window: `this ${budget.window}` };
        const key = JSON.stringify(picture.subject);
        const known = fullest.get(key);
        if (known === undefined || known.spent / known.limit < spent / limit) {
          fullest.set(key, picture);
        }
      }
    }
    return [...fullest.values()];
  }

  /** Allows more than `key` for a while. Codes: `budget.unknown`, `budget.override`. */
  override(key: string, wish: Omit<Override, 'version'>, note: Note): BudgetView | ControlRefusal {
    const budget = this.#house.fleet.now.budgets.find((one) => one.key === key);
    const now = this.#house.clock.now();
    if (budget === undefined) {
      return refusal('budget.unknown', `no budget is called "${key}": adf budget lists them`);
    }
    if (wish.factor < 1 || wish.factor > MOST_FACTOR || wish.until <= now || wish.until > now + LONGEST_OVERRIDE_MS) {
      return refusal('budget.override', `an override is by 1 to ${MOST_FACTOR} times, for 48 h at most`);
    }
    this.#house.ledger.states.set('budget', `override ${key}`, { version: 1, ...wish } satisfies Override);
    note({ kind: 'budget.overridden', budget: key, ...wish });
    const view = this.views().find((one) => one.key === key);
    return view ?? refusal('budget.unknown', `no budget is called "${key}"`);
  }

  #tell(
    budget: Budget,
    at: { readonly span: WindowSpan; readonly stand: BudgetStand; readonly kind: Told['kind'] },
    note: Note,
  ): void {
    const { states } = this.#house.ledger;
    const told = states.get('budget', `told ${budget.key}`) as Told | null;
    if (told?.from === at.span.from && (told.kind === at.kind || told.kind === 'spent')) {
      return;
    }
    states.set('budget', `told ${budget.key}`, { from: at.span.from, kind: at.kind } satisfies Told);
    const text = at.stand.gauge === null ? '' : gaugeInWords(at.stand.gauge);
    note({ kind: at.kind === 'near' ? 'budget.near' : 'budget.spent', budget: budget.key, text, until: at.span.until });
  }

  /** What runs under way, and one more of `agent`, may still use: as much as runs of this window did, or as much as one may. */
  #reserved(
    budget: Budget,
    spend: Spend,
    given: { readonly agent: AgentDefinition; readonly live: LiveCounts },
  ): Amounts {
    const { agent, live } = given;
    const others = this.#liveRuns(budget, live);
    const priced = spend.runs - spend.unpricedRuns;
    const mean = (sum: number, runs: number): number => (runs <= 0 ? 0 : Math.ceil(sum / runs));
    const money = mean(spend.microUsd, priced);
    return {
      microUsd: others * money + (agent.settings.maxBudgetMicroUsd ?? money),
      tokens: (others + 1) * mean(spend.tokens, spend.runs - spend.uncountedRuns),
      runs: others + 1,
      busyMs: (others + 1) * mean(spend.busyMs, spend.runs),
    };
  }

  /** Runs under way that `budget` covers; counted anew only when somebody was let in or another pass counts. */
  #liveRuns(budget: Budget, { byAgent, total }: LiveCounts): number {
    const { fleet } = this.#house;
    if (this.#counted?.byAgent !== byAgent || this.#counted.total !== total || this.#counted.fleet !== fleet.now) {
      this.#counted = { byAgent, total, fleet: fleet.now, runs: new Map() };
    }
    const known = this.#counted.runs.get(budget.key);
    if (known !== undefined) {
      return known;
    }
    let runs = 0;
    for (const [key, count] of byAgent) {
      const agent = fleet.agent(key as AgentKey);
      runs += agent !== null && covers(budget, this.#chargeOf(agent)) ? count : 0;
    }
    this.#counted.runs.set(budget.key, runs);
    return runs;
  }

  #liveAmounts(budget: Budget): Amounts {
    const now = this.#house.clock.now();
    return [...this.#live.values()]
      .filter((one) => covers(budget, one))
      .map(({ microUsd, tokens, startedAt }) => ({ microUsd, tokens, runs: 1, busyMs: Math.max(0, now - startedAt) }))
      .reduce(plusAmounts, NO_AMOUNTS);
  }

  #sumOf(budget: Budget): { readonly span: WindowSpan; readonly spend: Spend } {
    const { clock, fleet, zones, ledger } = this.#house;
    const span = windowAt(budget.window, zones(fleet.now.factory.timezone), clock.now());
    const known = this.#sums.get(budget.key);
    if (known?.from === span.from) {
      return { span, spend: known.spend };
    }
    const spend = ledger.spend.sum(budget.scope, span.from, span.until);
    this.#sums.set(budget.key, { from: span.from, spend });
    return { span, spend };
  }

  #overrideOf(budget: Budget): Override | null {
    const stored = this.#house.ledger.states.get('budget', `override ${budget.key}`) as Override | null;
    return stored !== null && stored.until > this.#house.clock.now() ? stored : null;
  }

  #factorOf(budget: Budget): number {
    return this.#overrideOf(budget)?.factor ?? 1;
  }

  #covering(charged: Charged): readonly Budget[] {
    return this.#house.fleet.now.budgets.filter((budget) => covers(budget, charged));
  }

  #chargeOf(agent: AgentDefinition): Charged {
    const driver = this.#house.driverFor(agent.cliTool).name;
    return {
      agent: agent.key,
      project: agent.project,
      provider: agent.provider ?? (driver === 'exec' ? null : driver),
    };
  }
}

/** A lower bound: what is not known yet costs nothing yet. */
function priceSoFar(
  asked: string | null,
  { usageSoFar, byModelSoFar = [] }: StreamState,
  prices: readonly ModelPrice[],
): number {
  const whole = usageSoFar === null || asked === null ? [] : [{ model: asked, usage: usageSoFar }];
  return (byModelSoFar.length > 0 ? byModelSoFar : whole)
    .map(({ model, usage }) => leastPrice(model, usage, prices) ?? 0)
    .reduce((sum, price) => sum + price, 0);
}

function subjectOf({ scope }: Budget): AlertSubject {
  switch (scope.kind) {
    case 'agent':
      return { kind: 'agent', name: scope.name as AgentKey };
    case 'project':
      return { kind: 'project', name: scope.name as ProjectId };
    case 'provider':
    case 'fleet':
      return { kind: 'factory' };
  }
}

function covers({ scope }: Budget, charged: Charged): boolean {
  return scope.kind === 'fleet' || charged[scope.kind] === scope.name;
}
