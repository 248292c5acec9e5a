// A Control without a daemon: answers from scripted views, resolves names as the real one does, and keeps what it was asked.

import { nearestName } from '../../src/lib/nearest.ts';
import type { RecordedFact } from '../../src/core/run/facts.ts';
import type { AgentView, Control, ControlRefusal, RunView, StatusView } from '../../src/ports/control.ts';
import type { LogChunk } from '../../src/ports/log-chunk.ts';
import { alertDetail, alertView, budgetView } from './views.ts';
import { AUDITOR, FAILED_RUN, META_SANDBOX, SENTINEL, agentView, breakerView, issueView } from './views.ts';
import { applyView, driftView, planView, reloadView } from './reconcile-views.ts';
import { runDetail, runView, statusView, watchView, whyView } from './views.ts';

/** One verb that was called. */
export interface Call {
  readonly verb: string;
  readonly input: readonly unknown[];
}

/** A Control whose views can be set, whose verbs can be replaced (`script`), and that can tell facts. */
export class FakeControl {
  readonly calls: Call[] = [];
  script: Partial<Control>;
  agents: readonly AgentView[] = [agentView(), AUDITOR, META_SANDBOX, SENTINEL];
  runs: readonly RunView[] = [FAILED_RUN, runView()];
  status: StatusView = statusView();
  /** Output by run; read in pieces of at most `chunkBytes`. */
  output = new Map<string, string>([['r7m1', 'break-me exists: failing as asked\n']]);
  chunkBytes = 16;
  past: readonly RecordedFact[] = [];
  readonly #listeners = new Set<(fact: RecordedFact) => void>();
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(script: Partial<Control> = {}) {
    this.script = script;
  }

  /** The Control to hand out: each verb is recorded, then scripted or answered from the views. */
  get control(): Control {
    const verbs = this.#verbs();
    return new Proxy(verbs, {
      get:
        (_target, verb: keyof Control) =>
        (...input: never[]) => {
          this.calls.push({ verb, input });
          const ask: (...input: never[]) => unknown = this.script[verb] ?? verbs[verb];
          return ask(...input);
        },
    });
  }

  /** Inputs of every call of `verb`. */
  inputs(verb: keyof Control): readonly (readonly unknown[])[] {
    return this.calls.filter((call) => call.verb === verb).map((call) => call.input);
  }

  /** Tells `fact` to everyone who follows. */
  tell(fact: RecordedFact): void {
    for (const listener of this.#listeners) {
      listener(fact);
    }
  }

  /** Resolves when exactly `count` readers follow. */
  async followed(count: number): Promise<void> {
    if (this.#listeners.size !== count) {
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    }
  }

  #verbs(): Control {
    return {
      status: async () => this.status,
      agents: async () => this.agents,
      runs: async (filter) =>
        this.runs.filter((run) => filter.agent === undefined || run.agent === filter.agent).slice(0, filter.limit),
      show: async (run) => this.#withRun(run, (view) => runDetail({ run: view })),
      logs: async (run, from) => this.#withRun(run, (view) => this.#chunk(view, from)),
      run: async (name) =>
        this.#withAgent(name, (agent) => ({
          run: runView({
            id: 'r7n0',
            agent: agent.key,
            project: agent.project,
            trigger: { kind: 'operator' },
            state: 'claimed',
            outcome: null,
          }),
          decision: 'admitted',
          reasons: [],
        })),
      emit: async () => [],
      cancel: async (run) =>
        this.#withRun(run, (view) => ({ ...view, outcome: { kind: 'canceled', reason: 'asked by an operator' } })),
      retry: async (run) => this.#withRun(run, (view) => ({ run: view, decision: 'admitted', reasons: [] })),
      release: async (name) => this.#withAgent(name, () => ({ released: true })),
      why: async (name) => this.#withAgent(name, (agent) => whyView({ agent })),
      next: async () => [],
      drain: async ({ end }) => ({ draining: !end, live: 1 }),
      reload: async () => reloadView(),
      drift: async () => driftView(),
      plan: async () => planView(),
      apply: async () => applyView(),
      breakers: async () => [breakerView(), breakerView({ project: 'demo', state: 'closed', failures: 0 })],
      breaker: async (project) => breakerView({ project }),
      budget: async () => [budgetView()],
      overrideBudget: async ({ key }) => budgetView({ key }),
      resumed: async () => ({ resumed: true }),
      watch: async () => watchView(),
      alerts: async () => [alertView()],
      alert: async () => alertDetail(),
      alertReply: async () => alertDetail(),
      alertMove: async () => alertDetail(),
      alertFix: async () => alertDetail(),
      issues: async () => [issueView()],
      outbox: async () => [],
      recent: async (limit) => this.past.slice(-limit),
      follow: (listener, signal) => this.#follow(listener, signal),
    };
  }

  #follow(listener: (fact: RecordedFact) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => {
      this.#listeners.delete(listener);
      this.#wake();
    });
    this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiting) {
      if (waiter.count === this.#listeners.size) {
        waiter.resolve();
      }
    }
  }

  #chunk(view: RunView, from: number): LogChunk {
    const bytes = Buffer.from(this.output.get(view.id) ?? '');
    const piece = bytes.subarray(from, from + this.chunkBytes);
    const next = from + piece.length;
    const ended = view.state === 'ended' && next === bytes.length;
    return { text: piece.toString(), next, ended, attempt: `${view.id}.1` };
  }

  #withRun<View>(prefix: string, view: (run: RunView) => View): View | ControlRefusal {
    const found = this.runs.filter((run) => run.id.startsWith(prefix));
    const [first] = found;
    if (first === undefined) {
      return refused('run.unknown', `no run begins with "${prefix}"`);
    }
    return found.length === 1
      ? view(first)
      : refused('run.ambiguous', `"${prefix}" begins several runs: ${found.map((run) => run.id).join(', ')}`);
  }

  #withAgent<View>(name: string, view: (agent: AgentView) => View): View | ControlRefusal {
    const found = this.agents.find((agent) => agent.key === name || agent.name === name);
    if (found !== undefined) {
      return view(found);
    }
    const nearest = nearestName(
      name,
      this.agents.map((agent) => agent.name),
    );
    return refused('agent.unknown', `no agent "${name}"${nearest === null ? '' : ` (did you mean "${nearest}"?)`}`);
  }
}

/** A refusal with its code. */
export function refused(code: string, message: string): ControlRefusal {
  return { refused: { code, message } };
}
