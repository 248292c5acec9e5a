// The verbs that ask for runs: by an operator, by an event, again. Each answers once request and first decision are durable.

import type { AgentDefinition } from '../core/fleet.ts';
import type { Run } from '../core/run/run.ts';
import { rejectionOf } from '../core/trace/rejection.ts';
import { eventKey, operatorKey } from '../core/trigger/dedupe.ts';
import type { ControlRefusal, NotAsked, RequestReply } from '../ports/control.ts';
import type { RunWish } from '../ports/run-wish.ts';
import { askedSession } from './asked-session.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { House } from './house.ts';
import type { Accepted, Wish } from './intake.ts';
import { findAgent, findRun, isRefusal, refusal } from './lookup.ts';
import { rejectionsOf, runView } from './views.ts';

/** What requests need beside the house. */
export interface RequestsParts {
  readonly dispatcher: Dispatcher;
}

/** Requests by people and events. */
export class Requests {
  readonly #house: Pick<House, 'ledger' | 'fleet' | 'clock' | 'driverFor'>;
  readonly #parts: RequestsParts;

  constructor(house: Pick<House, 'ledger' | 'fleet' | 'clock' | 'driverFor'>, parts: RequestsParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** `adf run`. */
  async run(name: string, input: RunWish): Promise<RequestReply | ControlRefusal> {
    const agent = findAgent(this.#house, name);
    if (isRefusal(agent)) {
      return agent;
    }
    const { key, session: wish, ...rest } = input;
    const session = wish === undefined ? null : askedSession(this.#house, agent, wish);
    if (isRefusal(session)) {
      return session;
    }
    const [accepted] = await this.#ask([
      {
        agent,
        trigger: { kind: 'operator' },
        key: operatorKey(agent.key, key),
        input: session === null ? rest : { ...rest, session },
      },
    ]);
    return this.#answer(accepted, agent);
  }

  /** `adf emit`: one request for each agent whose `events` name it, once per key. */
  async emit(
    event: string,
    input: { readonly key: string; readonly project?: string; readonly data?: string },
  ): Promise<readonly (RequestReply | NotAsked)[]> {
    const agents = this.#house.fleet.now.agents.filter(
      (agent) => agent.events.includes(event) && (input.project === undefined || agent.project === input.project),
    );
    const accepted = await this.#ask(
      agents.map((agent) => ({
        agent,
        trigger: { kind: 'event', event } as const,
        key: eventKey(agent.key, event, input.key),
        input: input.data === undefined ? {} : { data: input.data },
      })),
    );
    return accepted.map((entry) =>
      entry.kind === 'full'
        ? {
            run: null,
            agent: entry.agent,
            decision: 'refused',
            reasons: [entry.reason],
            ...rejectionsOf([entry.reason]),
          }
        : this.#reply(entry.run),
    );
  }

  /** `adf retry`: the same task again, as a new run. */
  async retry(id: string, key: string): Promise<RequestReply | ControlRefusal> {
    const run = findRun(this.#house, id);
    if (isRefusal(run)) {
      return run;
    }
    const agent = this.#house.fleet.agent(run.agent);
    if (agent === null) {
      return refusal('agent.removed', `${run.agent} is no longer in agents.toml: put it back and reload`);
    }
    if (run.state !== 'ended') {
      return refusal('run.not_ended', `${run.id} is still ${run.state}: adf cancel ${run.id} first`);
    }
    const [accepted] = await this.#ask([
      { agent, trigger: { kind: 'operator' }, key: operatorKey(agent.key, key), input: run.input },
    ]);
    return this.#answer(accepted, agent);
  }

  async #ask(wishes: readonly Omit<Wish, 'notBefore'>[]): Promise<readonly Accepted[]> {
    const notBefore = this.#house.clock.now();
    return this.#parts.dispatcher.submit(wishes.map((wish) => ({ ...wish, notBefore })));
  }

  #answer(accepted: Accepted | undefined, agent: AgentDefinition): RequestReply | ControlRefusal {
    if (accepted === undefined) {
      return refusal('queue_full', `${agent.name}: nothing was asked`);
    }
    return accepted.kind === 'full'
      ? {
          refused: {
            code: 'queue_full',
            message: `${agent.name}: ${accepted.reason.text}`,
            rejection: rejectionOf(accepted.reason),
          },
        }
      : this.#reply(accepted.run);
  }

  #reply(run: Run): RequestReply {
    const { ledger } = this.#house;
    const now = ledger.runs.get(run.id) ?? run;
    const view = runView(ledger, now);
    const refused = now.outcome?.kind === 'refused';
    return {
      run: view,
      decision: refused ? 'refused' : now.state === 'waiting' ? 'waiting' : 'admitted',
      reasons: view.reasons ?? [],
      ...rejectionsOf(view.reasons ?? []),
    };
  }
}
