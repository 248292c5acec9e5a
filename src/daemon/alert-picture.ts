// Looks at everything that the rules of alerts judge, and makes one picture of it.

import { COUNT_WINDOW_MS, LAG_WINDOW_MS } from '../core/alert/settings.ts';
import type { AgentPicture, BreakerPicture, BudgetPicture, DriftPicture, Picture } from '../core/alert/picture.ts';
import { MAX_ALERT_RUNS } from '../core/alert/alert.ts';
import { describeCause } from '../core/breaker/trip-cause.ts';
import { readBreaker } from '../core/breaker/state.ts';
import type { BreakerState } from '../core/breaker/state.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import type { AgentKey, ProjectId } from '../core/ids.ts';
import { failureName } from '../core/react/outcome-text.ts';
import type { Troubles } from '../ports/ledger.ts';
import type { House } from './house.ts';
import type { Look } from './look.ts';
import type { StandingWishes } from './standing-wishes.ts';
import { FAILURE_KINDS } from '../core/run/outcome.ts';

/** Runs looked at for the newest failures of one agent. */
const RUNS_LOOKED_AT = 20;
/** Late passes kept. */
const MOST_LATE = 100;

/** What is spent of the budgets that there are; the room of budgets provides it. */
export type BudgetLook = () => readonly BudgetPicture[];
/** Whether agents.toml differs from what is in force; the reconciler provides it. */
export type DriftLook = () => Promise<DriftPicture | 'none'>;

/** What the picture needs beside the house. */
export interface PictureParts {
  readonly look: Look;
  readonly wishes: StandingWishes;
  readonly budgets: BudgetLook;
  readonly drift: DriftLook;
}

type Needs = Pick<House, 'clock' | 'ledger' | 'fleet' | 'machine' | 'feed'>;

/** Makes pictures. */
export class AlertPicture {
  readonly #house: Needs;
  readonly #parts: PictureParts;
  #late: { readonly at: number; readonly byMs: number }[] = [];
  #unsubscribe: () => void = () => undefined;

  constructor(house: Needs, parts: PictureParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** Late passes are remembered from now on. */
  start(): void {
    this.#unsubscribe = this.#house.feed.subscribe((fact) => {
      if (fact.kind === 'scheduler.late') {
        this.#late = [...this.#late, { at: fact.at, byMs: fact.byMs }].slice(-MOST_LATE);
      }
    });
  }

  stop(): void {
    this.#unsubscribe();
  }

  /** One look. What could not be looked at is null in it. Throws OperationalError where the ledger cannot be read. */
  async take(): Promise<Picture> {
    const { clock, fleet, machine } = this.#house;
    const [disk, drift] = await Promise.all([machine.disk().catch(() => null), this.#parts.drift().catch(() => null)]);
    const now = clock.now();
    this.#late = this.#late.filter(({ at }) => at > now - LAG_WINDOW_MS && at <= now);
    return {
      now,
      settings: fleet.now.alerts,
      agents: this.#agents(now),
      breakers: this.#breakers(),
      budgets: this.#budgets(),
      disk: { freeBytes: disk?.freeBytes ?? null, floorBytes: fleet.now.factory.diskFreeFloorBytes },
      drift,
      late: this.#late,
    };
  }

  #budgets(): readonly BudgetPicture[] | null {
    try {
      return this.#parts.budgets();
    } catch {
      // Nothing is concluded from a budget that cannot be read.
      return null;
    }
  }

  #agents(now: number): readonly AgentPicture[] {
    const { ledger, fleet } = this.#house;
    const running = Map.groupBy(
      ledger.runs.live().filter((run) => run.state === 'running'),
      (run) => run.agent,
    );
    const troubles = ledger.runs.troubles(now - COUNT_WINDOW_MS, now);
    const known = ledger.states.all('quarantine');
    return fleet.now.agents.map((agent) => {
      const trouble = troubles.get(agent.key) ?? { failures: 0, restarts: 0 };
      const alive = running.get(agent.key)?.length ?? 0;
      return this.#agent(agent, { running: alive, trouble, mayBeHeld: known.has(agent.key), now });
    });
  }

  #agent(
    agent: AgentDefinition,
    seen: { readonly running: number; readonly trouble: Troubles; readonly mayBeHeld: boolean; readonly now: number },
  ): AgentPicture {
    const { key, project, layer } = agent;
    const desired = this.#parts.wishes.wanted(agent);
    // Flags are files: they are looked at only for those about whom there may be something to say.
    const standing = seen.mayBeHeld || seen.running < desired ? this.#parts.look.standing(agent) : null;
    const isOff = !agent.enabled || this.#house.fleet.project(project)?.enabled === false;
    return {
      key,
      project,
      layer,
      desired,
      running: seen.running,
      excused: isOff
        ? 'it is disabled'
        : standing?.draining === true
          ? 'the factory drains'
          : (standing?.paused ?? null),
      quarantine: standing?.quarantine ?? null,
      ...seen.trouble,
      failed: seen.trouble.failures === 0 ? [] : this.#failuresOf(key, seen.now - COUNT_WINDOW_MS),
    };
  }

  #failuresOf(agent: AgentKey, since: number): AgentPicture['failed'] {
    return this.#house.ledger.runs
      .list({ agent, endedSince: since, limit: RUNS_LOOKED_AT })
      .flatMap(({ id, outcome }) =>
        outcome !== null && FAILURE_KINDS.includes(outcome.kind) ? [{ run: id, text: failureName(outcome) }] : [],
      )
      .slice(0, MAX_ALERT_RUNS);
  }

  #breakers(): readonly BreakerPicture[] {
    const { ledger, fleet } = this.#house;
    const stored = ledger.states.all('breaker');
    return fleet.now.projects.map(({ id }) => breakerPicture(id, readBreaker(stored.get(id))));
  }
}

function breakerPicture(project: ProjectId, state: BreakerState): BreakerPicture {
  const incident = state.kind === 'closed' ? null : state.incident;
  return {
    project,
    state: state.kind,
    reason: reasonOf(state),
    flagError: state.kind === 'open' && state.flag.kind === 'failing' ? state.flag.error : null,
    runs: (incident?.evidence ?? []).map(({ run }) => run).toReversed(),
  };
}

function reasonOf(state: BreakerState): string {
  if (state.kind === 'isolated') {
    return state.reason === '' ? `by ${state.by}` : `${state.reason} (${state.by})`;
  }
  return state.kind === 'closed' ? '' : describeCause(state.incident.cause);
}
