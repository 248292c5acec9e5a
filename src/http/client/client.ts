// The verbs of Control as a client calls them over the socket; refusals arrive as OperationalError with the daemon's code.

import { hc } from 'hono/client';
import type { RecordedFact } from '../../core/run/facts.ts';
import { OperationalError } from '../../lib/operational-error.ts';
import type { Control, ControlRefusal } from '../../ports/control.ts';
import type { App } from '../app.ts';
import { readAnswer } from './read-answer.ts';
import { readFacts } from './read-facts.ts';
import { SOCKET_ORIGIN, socketFetch } from './socket-fetch.ts';

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
  const fetch = socketFetch(socketPath, ending);
  const http = hc<App>(SOCKET_ORIGIN, { fetch });
  return {
    status: () => readAnswer(http.factory.status.$get()),
    next: (forMs) => readAnswer(http.factory.next.$get({ query: { forMs: String(forMs) } })),
    drain: (json) => readAnswer(http.factory.drain.$post({ json })),
    reload: (by) => readAnswer(http.factory.reload.$post({ json: { by } })),
    agents: () => readAnswer(http.agents.$get()),
    why: (name) => readAnswer(http.agents[':name'].why.$get({ param: { name: segment(name) } })),
    run: (name, json) => readAnswer(http.agents[':name'].runs.$post({ param: { name: segment(name) }, json })),
    release: (name) => readAnswer(http.agents[':name'].release.$post({ param: { name: segment(name) } })),
    runs: ({ limit, ...filter }) => readAnswer(http.runs.$get({ query: { ...filter, limit: String(limit) } })),
    show: (run) => readAnswer(http.runs[':run'].$get({ param: { run: segment(run) } })),
    logs: (run, from, stream) =>
      readAnswer(http.runs[':run'].logs.$get({ param: { run: segment(run) }, query: { from: String(from), stream } })),
    cancel: (run) => readAnswer(http.runs[':run'].cancel.$post({ param: { run: segment(run) } })),
    retry: (run, key) => readAnswer(http.runs[':run'].retry.$post({ param: { run: segment(run) }, json: { key } })),
    emit: (event, json) => readAnswer(http.events[':event'].$post({ param: { event: segment(event) }, json })),
    resumed: (project, by) =>
      readAnswer(http.projects[':project'].resumed.$post({ param: { project: segment(project) }, json: { by } })),
    breakers: () => readAnswer(http.breakers.$get()),
    breaker: (project, verb, json) =>
      readAnswer(http.breakers[':project'][verb].$post({ param: { project: segment(project) }, json })),
    issues: () => readAnswer(http.issues.$get()),
    outbox: () => readAnswer(http.outbox.$get()),
    facts: ({ last, follow }, signal) => {
      const query = { last: String(last), follow: follow ? 'true' : 'false' } as const;
      return readFacts(() => http.facts.$get({ query }, { init: { signal } }), AbortSignal.any([signal, ending]));
    },
  };
}

/** `name` as one segment of a path. hc puts it there as it is; an empty one or dots would name another route. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..') {
    throw new OperationalError('invalid_name', `"${name}" is no name`);
  }
  return encodeURIComponent(name);
}
