// Chooses the CLI session of each attempt, and keeps where a session stands when an attempt in it has ended.

import type { AgentDefinition } from '../core/fleet.ts';
import { totalOf } from '../core/budget/tokens.ts';
import { endingOf, treatmentOf } from '../core/run/failure-class.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import { goOn, handOver } from '../core/session/hand-over.ts';
import type { HandOver, HandOverNote } from '../core/session/hand-over.ts';
import { chooseSession } from '../core/session/session.ts';
import type { SessionChoice, SessionRecord } from '../core/session/session.ts';
import type { DriverVerdict, EndInput, LaunchInput } from '../ports/agent-driver.ts';
import type { House } from './house.ts';
import { workplaceOf } from './workplaces.ts';

/** The session of an attempt, and what its prompt is told of earlier ones. */
export interface SessionStart {
  readonly choice: SessionChoice;
  readonly session: NonNullable<LaunchInput['session']>;
  /** Null: it is the first attempt. */
  readonly handOver: HandOverNote | null;
  /** The session knows its task: it is not told again. */
  readonly knowsTask: boolean;
}

/** Sessions of agent CLIs. */
export class Sessions {
  readonly #house: Pick<House, 'clock' | 'ledger' | 'chance' | 'driverFor'>;

  constructor(house: Pick<House, 'clock' | 'ledger' | 'chance' | 'driverFor'>) {
    this.#house = house;
  }

  /** The session with which the next attempt of `run` begins. */
  startOf(run: Run, agent: AgentDefinition): SessionStart {
    const { ledger, chance } = this.#house;
    const before =
      run.attempts === 0
        ? undefined
        : ledger.attempts.ofRun(run.id).findLast(({ purpose, outcome }) => purpose === 'main' && outcome !== null);
    const choice =
      before === undefined ? wishOf(run) : this.#afterAttempt(before, agent, workplaceOf(ledger, run, agent));
    const id = chance.uuid();
    const session = {
      new: { kind: 'new' as const, id },
      resume: { kind: 'resume' as const, id: 'from' in choice ? choice.from : id },
      fork: { kind: 'fork' as const, id: 'from' in choice ? choice.from : id, newId: id },
    }[choice.kind];
    if (before?.outcome === undefined || before.outcome === null) {
      return { choice, session, handOver: null, knowsTask: false };
    }
    const known: HandOver = {
      attempt: before.number,
      outcome: before.outcome,
      ranMs: before.startedAt === null || before.endedAt === null ? null : before.endedAt - before.startedAt,
      lastWords: ledger.states.get('meta', wordsKey(run)) as string | null,
    };
    return choice.kind === 'resume'
      ? { choice, session, handOver: goOn(known), knowsTask: true }
      : { choice, session, handOver: handOver(known), knowsTask: false };
  }

  /** Where the counter stood of the session that `attempt` went on with, for its driver. */
  totalBefore(attempt: Attempt): EndInput['previousTotal'] {
    return attempt.sessionFrom === null
      ? null
      : (this.#house.ledger.sessions.get(attempt.sessionFrom)?.total ?? 'unknown');
  }

  /** Inside the transaction that ends `attempt`: what its session has become, and what a further attempt will be told. */
  keep(ended: {
    readonly run: Run;
    readonly attempt: Attempt;
    readonly agent: AgentDefinition;
    readonly verdict: DriverVerdict;
    readonly goesOn: boolean;
  }): void {
    const { ledger, driverFor } = this.#house;
    const { run, attempt, agent, verdict, goesOn } = ended;
    const driver = driverFor(agent.cliTool);
    if (goesOn && verdict.finalText !== null && driver.capabilities.sessionId !== 'none') {
      ledger.states.set('meta', wordsKey(run), handOver({ ...NOTHING, lastWords: verdict.finalText }).quote);
    }
    if (!goesOn) {
      ledger.states.remove('meta', wordsKey(run));
    }
    const id = verdict.sessionId ?? attempt.sessionId;
    if (id !== null && driver.capabilities.resume) {
      ledger.sessions.put(this.#recordOf(id, { run, attempt, agent, verdict }));
    }
  }

  #afterAttempt(before: Attempt, agent: AgentDefinition, workingDir: string): SessionChoice {
    const { clock, ledger, driverFor } = this.#house;
    const ending = before.outcome === null ? null : treatmentOf(endingOf(before.outcome));
    return chooseSession({
      // An account that was used up is no fault of the conversation.
      wanted: ending?.owner === 'credential' ? 'resume' : (ending?.retry?.session ?? 'fresh'),
      record: before.sessionId === null ? null : ledger.sessions.get(before.sessionId),
      rule: agent.session,
      driver: driverFor(agent.cliTool).name,
      workingDir,
      now: clock.now(),
    });
  }

  #recordOf(
    id: string,
    given: {
      readonly run: Run;
      readonly attempt: Attempt;
      readonly agent: AgentDefinition;
      readonly verdict: DriverVerdict;
    },
  ): SessionRecord {
    const { run, attempt, agent, verdict } = given;
    const known = this.#house.ledger.sessions.get(id);
    const parent = attempt.sessionFrom === null ? null : this.#house.ledger.sessions.get(attempt.sessionFrom);
    const now = this.#house.clock.now();
    const used = verdict.usage === null ? null : totalOf(verdict.usage);
    return {
      id,
      driver: this.#house.driverFor(agent.cliTool).name,
      agent: agent.key,
      workingDir: workplaceOf(this.#house.ledger, run, agent),
      begunAt: (known ?? parent)?.begunAt ?? now,
      usedAt: now,
      tokens: ((known ?? parent)?.tokens ?? 0) + (used ?? 0),
      total: verdict.sessionTotal,
      // What is poisoned stays so; what was good is not lost because a later attempt never got to it.
      usable: known?.usable === false ? false : (verdict.resumable ?? known?.usable ?? null),
    };
  }
}

const NOTHING = { attempt: 0, outcome: { kind: 'succeeded' }, ranMs: null } as const;

/** Last words of the attempt before wait here for the next one, and no longer. */
function wordsKey(run: Run): string {
  return `words ${run.id}`;
}

/** A first attempt begins as an operator wished, or with a session of its own. */
function wishOf(run: Run): SessionChoice {
  const { session } = run.input;
  return session === undefined ? { kind: 'new', because: null } : session;
}
