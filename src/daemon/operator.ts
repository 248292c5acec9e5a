// Answers operators: every verb of the CLI and the socket, over what the ledger and the machine say now.

import { redactKnown } from '../core/redact.ts';
import type { RecordedFact } from '../core/run/facts.ts';
import type { RunState } from '../core/run/lifecycle.ts';
import { observe } from '../core/trace/observability.ts';
import type {
  AgentView,
  BreakerView,
  Control,
  ControlRefusal,
  IssueView,
  NextView,
  OutboxView,
  RunDetail,
  RunView,
  StatusView,
  WhyView,
} from '../ports/control.ts';
import type { LogChunk } from '../ports/log-chunk.ts';
import type { RunFilter } from '../ports/ledger.ts';
import type { AgentViewParts } from './agent-views.ts';
import { agentView, heldBy, sight, wouldSay } from './agent-views.ts';
import type { AlertDesk } from './alert-desk.ts';
import { breakerView, breakerVerb } from './breaker-verbs.ts';
import type { BudgetView, OverrideWish } from '../ports/budget-view.ts';
import type { Budgets } from './budgets.ts';
import type { DeathGuard } from './death-guard.ts';
import type { Holds } from './holds.ts';
import type { House } from './house.ts';
import { findAgent, findRun, isRefusal, refusal } from './lookup.ts';
import { comingSlots } from './next-slot.ts';
import { outputChunk } from './output-chunk.ts';
import type { Recorder } from './recorder.ts';
import type { Requests } from './requests.ts';
import { statusView } from './status.ts';
import type { DaemonFacts } from './status.ts';
import type { Stops } from './stops.ts';
import { attemptView, rejectionsOf, runView, slotView } from './views.ts';
import { whyView } from './why.ts';
import type { Quarantines } from './quarantines.ts';
import type { Reconciler } from './reconciler.ts';
import type { Watchdog } from './watchdog.ts';

/** Bytes of output shown by `show`. */
const TAIL_BYTES = 64 * 1024;
/** Slots listed by `next` at most. */
const MAX_NEXT = 2000;

/** What the operator's verbs need beside the house. */
export interface OperatorParts extends AgentViewParts {
  readonly recorder: Recorder;
  readonly requests: Requests;
  readonly stops: Stops;
  readonly quarantines: Quarantines;
  readonly budgets: Budgets;
  readonly holds: Holds;
  readonly deaths: DeathGuard;
  readonly watchdog: Watchdog;
  readonly reconciler: Reconciler;
  readonly desk: AlertDesk;
  readonly facts: DaemonFacts;
  readonly wake: () => void;
  readonly drain: (input: { readonly end: boolean; readonly by: string }) => void;
  readonly issues: () => readonly IssueView[];
}

/** The daemon's side of `Control`. */
export class Operator implements Control {
  readonly #house: House;
  readonly #parts: OperatorParts;
  readonly run: Control['run'];
  readonly emit: Control['emit'];
  readonly retry: Control['retry'];
  readonly reload: Control['reload'];
  readonly drift: Control['drift'];
  readonly plan: Control['plan'];
  readonly apply: Control['apply'];
  readonly watch: Control['watch'];
  readonly alerts: Control['alerts'];
  readonly alert: Control['alert'];
  readonly alertReply: Control['alertReply'];
  readonly alertMove: Control['alertMove'];
  readonly alertFix: Control['alertFix'];
  readonly budget: Control['budget'];
  readonly overrideBudget: Control['overrideBudget'];

  constructor(house: House, parts: OperatorParts) {
    this.#house = house;
    this.#parts = parts;
    this.run = async (name, input) => parts.requests.run(name, input);
    this.emit = async (event, input) => parts.requests.emit(event, input);
    this.retry = async (id, key) => parts.requests.retry(id, key);
    this.reload = async (by) => parts.reconciler.reload(by);
    this.drift = async () => parts.reconciler.drift();
    this.plan = async () => parts.reconciler.plan();
    this.apply = async (wish) => parts.reconciler.apply(wish);
    this.watch = async () => parts.watchdog.cycle();
    const { desk } = parts;
    this.alerts = async (filter) => desk.alerts(filter);
    this.alert = async (id) => desk.alert(id);
    this.alertReply = async (id, input) => desk.alertReply(id, input);
    this.alertMove = async (id, move, input) => desk.alertMove(id, move, input);
    this.alertFix = async (id, input) => desk.alertFix(id, input);
    this.budget = async () => Promise.resolve(parts.budgets.views());
    this.overrideBudget = async (wish) => Promise.resolve(this.#allowMore(wish));
  }

  #allowMore({ key, factor, forMs, by, reason }: OverrideWish): BudgetView | ControlRefusal {
    const until = this.#house.clock.now() + forMs;
    const view = this.#parts.recorder.commit('operator', (note) =>
      this.#parts.budgets.override(key, { factor, until, by, reason }, note),
    );
    this.#parts.wake();
    return view;
  }

  async status(): Promise<StatusView> {
    return statusView(this.#house, this.#parts, {
      sight: await sight(this.#house, this.#parts),
      facts: this.#parts.facts,
    });
  }

  async agents(): Promise<readonly AgentView[]> {
    const seen = await sight(this.#house, this.#parts);
    return this.#house.fleet.now.agents.map((agent) => agentView(this.#house, this.#parts, { agent, sight: seen }));
  }

  async runs(filter: Parameters<Control['runs']>[0]): Promise<readonly RunView[]> {
    const agent = filter.agent === undefined ? null : findAgent(this.#house, filter.agent);
    const query: RunFilter = {
      limit: filter.limit,
      ...(agent === null
        ? {}
        : { agent: isRefusal(agent) ? (filter.agent as NonNullable<RunFilter['agent']>) : agent.key }),
      ...(filter.project === undefined ? {} : { project: filter.project as NonNullable<RunFilter['project']> }),
      ...(filter.state === undefined ? {} : { states: [filter.state as RunState] }),
      ...(filter.outcome === undefined ? {} : { outcome: filter.outcome }),
    };
    return Promise.resolve(this.#house.ledger.runs.list(query).map((run) => runView(this.#house.ledger, run)));
  }

  async show(id: string): Promise<RunDetail | ControlRefusal> {
    const { ledger, files } = this.#house;
    const run = findRun(this.#house, id);
    if (isRefusal(run)) {
      return run;
    }
    const attempts = ledger.attempts.ofRun(run.id);
    // What tidying up said is not what the run said.
    const path = (attempts.findLast(({ purpose }) => purpose === 'main') ?? attempts.at(-1))?.outPath;
    const bytes = path === undefined ? 0 : await files.size(path);
    const tail =
      path === undefined ? new Uint8Array() : await files.read(path, Math.max(0, bytes - TAIL_BYTES), TAIL_BYTES);
    const slot = run.trigger.kind === 'slot' ? ledger.slots.ofRun(run.id) : null;
    const facts = ledger.facts.ofRun(run.id);
    return {
      run: runView(ledger, run),
      attempts: attempts.map((attempt) => attemptView(attempt, this.#parts.supervisor.activity(attempt.id))),
      facts,
      observability: observe(facts, run.usage?.costMicroUsd ?? null),
      output: { tail: redactKnown(new TextDecoder().decode(tail), this.#house.secrets.known()), bytes },
      slot: slot === null ? null : slotView(slot),
    };
  }

  async logs(id: string, from: number, stream: 'out' | 'err'): Promise<LogChunk | ControlRefusal> {
    const { ledger, files } = this.#house;
    const run = findRun(this.#house, id);
    if (isRefusal(run)) {
      return run;
    }
    const attempts = ledger.attempts.ofRun(run.id);
    const chunk = await outputChunk(files, { attempts, ended: run.state === 'ended', from, stream });
    // What was printed a moment ago is not covered in the file yet.
    return { ...chunk, text: redactKnown(chunk.text, this.#house.secrets.known()) };
  }

  async cancel(id: string): Promise<RunView | ControlRefusal> {
    const { ledger } = this.#house;
    const run = findRun(this.#house, id);
    if (isRefusal(run)) {
      return run;
    }
    await this.#parts.stops.cancel(run, { kind: 'operator', note: 'canceled by an operator' });
    this.#parts.wake();
    return runView(ledger, ledger.runs.get(run.id) ?? run);
  }

  async release(name: string): Promise<{ readonly released: boolean } | ControlRefusal> {
    const agent = findAgent(this.#house, name);
    if (isRefusal(agent)) {
      return agent;
    }
    const released = this.#parts.recorder.commit('operator', (note) =>
      this.#parts.quarantines.release(agent.key, 'an operator', note),
    );
    this.#parts.wake();
    return Promise.resolve({ released });
  }

  async why(name: string): Promise<WhyView | ControlRefusal> {
    const agent = findAgent(this.#house, name);
    if (isRefusal(agent)) {
      return agent;
    }
    return whyView(this.#house, this.#parts, { agent, sight: await sight(this.#house, this.#parts) });
  }

  async next(forMs: number): Promise<readonly NextView[]> {
    const seen = await sight(this.#house, this.#parts);
    const from = this.#house.clock.now();
    const coming = this.#house.fleet.now.agents.flatMap((agent) => {
      const held = heldBy(wouldSay(this.#house, this.#parts, { agent, sight: seen }));
      return comingSlots(this.#house, agent, { from, to: from + forMs, limit: MAX_NEXT }).map(({ at, note }) => ({
        at,
        agent: agent.key,
        note,
        held,
        ...rejectionsOf(held),
      }));
    });
    return coming.sort((a, b) => a.at - b.at || (a.agent < b.agent ? -1 : 1)).slice(0, MAX_NEXT);
  }

  async drain(input: {
    readonly end: boolean;
    readonly by: string;
  }): Promise<{ readonly draining: boolean; readonly live: number }> {
    this.#parts.drain(input);
    return Promise.resolve({ draining: !input.end, live: this.#house.ledger.runs.live().length });
  }

  async breakers(): Promise<readonly BreakerView[]> {
    return Promise.resolve(
      this.#house.fleet.now.projects.map((project) => breakerView(this.#house, this.#parts.breakers, project)),
    );
  }

  async breaker(
    project: string,
    verb: 'trip' | 'reset' | 'isolate',
    input: { readonly by: string; readonly reason: string },
  ): Promise<BreakerView | ControlRefusal> {
    const answer = breakerVerb(this.#house, this.#parts, { project, verb, ...input });
    this.#parts.wake();
    return Promise.resolve(answer);
  }

  async resumed(project: string, by: string): Promise<{ readonly resumed: boolean } | ControlRefusal> {
    const found = this.#house.fleet.project(project);
    if (found === null) {
      return Promise.resolve(refusal('project.unknown', `no project is called "${project}"`));
    }
    const { breakers, recorder, wake } = this.#parts;
    const resumed = recorder.commit('operator', (note) => {
      const before = breakers.state(found.id);
      breakers.apply(found.id, { kind: 'resumed', by }, note);
      return JSON.stringify(breakers.state(found.id)) !== JSON.stringify(before);
    });
    wake();
    return Promise.resolve({ resumed });
  }

  async issues(): Promise<readonly IssueView[]> {
    return Promise.resolve(this.#parts.issues());
  }

  async outbox(): Promise<readonly OutboxView[]> {
    return Promise.resolve(
      this.#house.ledger.outbox.list().map(({ id, target, naturalKey, state, attempts, nextAt, lastError }) => ({
        id,
        target,
        effect: naturalKey,
        state,
        attempts,
        nextAt,
        lastError,
      })),
    );
  }

  async recent(limit: number): Promise<readonly RecordedFact[]> {
    return Promise.resolve(this.#house.ledger.facts.latest(limit).toReversed());
  }

  follow(listener: (fact: RecordedFact) => void, signal: AbortSignal): void {
    signal.addEventListener('abort', this.#house.feed.subscribe(listener), { once: true });
  }
}
