// The verbs of Control as a client calls them over the socket; refusals arrive as OperationalError with the daemon's code.

import type { RecordedFact } from '../../core/run/facts.ts';
import type { Control, ControlRefusal } from '../../ports/control.ts';
import { readAnswer } from './read-answer.ts';
import { readFacts } from './read-facts.ts';
import { socketExchange } from './exchange.ts';
import { typedClient } from './typed-client.ts';

type Verb = Exclude<keyof Control, 'follow' | 'recent'>;

type Asked<Ask> = Ask extends (...args: infer Input) => Promise<infer View>
  ? (...args: Input) => Promise<Exclude<View, ControlRefusal>>
  : never;

/** Every verb of Control, and its facts as a stream. Throws OperationalError. */
export type Client = { readonly [Name in Verb]: Asked<Control[Name]> } & {
  /** The `last` newest facts, oldest first; with `follow` also those to come, until `signal` aborts. */
  facts(
    wish: { readonly last: number; readonly follow: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<RecordedFact, void>;
};

/**
 * A client of the daemon behind `socketPath`. Nothing is sent before the first verb. When `ending` aborts, requests under
 * way fail with `interrupted` and streams of facts end.
 */
export function createClient(socketPath: string, ending: AbortSignal = new AbortController().signal): Client {
  const http = typedClient(socketExchange(socketPath, ending));
  return {
    status: () => readAnswer(http.factory.status.$get()),
    next: (forMs) => readAnswer(http.factory.next.$get({ query: { forMs: String(forMs) } })),
    drain: (json) => readAnswer(http.factory.drain.$post({ json })),
    reload: (by) => readAnswer(http.factory.reload.$post({ json: { by } })),
    drift: () => readAnswer(http.factory.drift.$get()),
    plan: () => readAnswer(http.factory.plan.$get()),
    apply: (json) => readAnswer(http.factory.apply.$post({ json })),
    watch: () => readAnswer(http.factory.watch.$post()),
    agents: () => readAnswer(http.agents.$get()),
    why: (name) => readAnswer(http.agents[':name'].why.$get({ param: { name } })),
    run: (name, json) => readAnswer(http.agents[':name'].runs.$post({ param: { name }, json })),
    release: (name) => readAnswer(http.agents[':name'].release.$post({ param: { name } })),
    runs: ({ limit, ...filter }) => readAnswer(http.runs.$get({ query: { ...filter, limit: String(limit) } })),
    show: (run) => readAnswer(http.runs[':run'].$get({ param: { run } })),
    logs: (run, from, stream) =>
      readAnswer(http.runs[':run'].logs.$get({ param: { run }, query: { from: String(from), stream } })),
    cancel: (run) => readAnswer(http.runs[':run'].cancel.$post({ param: { run } })),
    retry: (run, key) => readAnswer(http.runs[':run'].retry.$post({ param: { run }, json: { key } })),
    emit: (event, json) => readAnswer(http.events[':event'].$post({ param: { event }, json })),
    resumed: (project, by) => readAnswer(http.projects[':project'].resumed.$post({ param: { project }, json: { by } })),
    breakers: () => readAnswer(http.breakers.$get()),
    breaker: (project, verb, json) => readAnswer(http.breakers[':project'][verb].$post({ param: { project }, json })),
    alerts: ({ all, limit }) =>
      readAnswer(http.alerts.$get({ query: { all: all ? 'true' : 'false', limit: String(limit) } })),
    alert: (id) => readAnswer(http.alerts[':alert'].$get({ param: { alert: id } })),
    alertReply: (id, json) => readAnswer(http.alerts[':alert'].reply.$post({ param: { alert: id }, json })),
    alertMove: (id, move, input) =>
      readAnswer(http.alerts[':alert'].move.$post({ param: { alert: id }, json: { ...input, move } })),
    alertFix: (id, json) => readAnswer(http.alerts[':alert'].fix.$post({ param: { alert: id }, json })),
    budget: () => readAnswer(http.budgets.$get()),
    overrideBudget: (json) => readAnswer(http.budgets.override.$post({ json })),
    issues: () => readAnswer(http.issues.$get()),
    outbox: () => readAnswer(http.outbox.$get()),
    facts: ({ last, follow }, signal) =>
      readFacts(() => http.facts.$get({ query: { last: String(last), follow: follow ? 'true' : 'false' } }, signal)),
  };
}
