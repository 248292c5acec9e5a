// The route of facts: the newest ones and, if wished, those to come, one JSON value per line.

import { Hono } from 'hono';
import type { RecordedFact } from '../core/run/facts.ts';
import type { Control } from '../ports/control.ts';
import { NDJSON, STREAM_CUT } from './contract.ts';
import { factsQuery } from './requests.ts';
import { query } from './validate.ts';

/** Facts kept for a reader that does not keep up; one more and its stream is cut. */
const MAX_BEHIND = 5000;

/** How facts are read: `last` of the past, and those to come until `until` aborts. */
interface Reading {
  readonly last: number;
  readonly follow: boolean;
  /** Ends every stream: the server closes. */
  readonly until: AbortSignal;
}

const routes = (control: Control, closing: AbortSignal) =>
  new Hono().get('/', query(factsQuery), async (c) => {
    const { last, follow } = c.req.valid('query');
    const stream = factStream(control, { last, follow: follow === 'true', until: closing });
    return new Response(stream, { headers: { 'content-type': NDJSON } });
  });

/** `/facts` */
export const factRoutes: (control: Control, closing: AbortSignal) => ReturnType<typeof routes> = routes;

/** Listens before it reads the past, so that no fact falls between; the numbers of facts tell which came twice. */
function factStream(control: Control, reading: Reading): ReadableStream<Uint8Array> {
  const gone = new AbortController();
  const until = AbortSignal.any([gone.signal, reading.until]);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async start(controller) {
        let early: RecordedFact[] | null = [];
        const line = (value: unknown): void => controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
        const end = (): void => {
          if (!gone.signal.aborted) {
            gone.abort();
            controller.close();
          }
        };
        const tell = (fact: RecordedFact): void => {
          if (until.aborted) {
            return;
          }
          if (early !== null) {
            early.push(fact);
            return;
          }
          line(fact);
          if ((controller.desiredSize ?? 0) < -MAX_BEHIND) {
            line(STREAM_CUT);
            end();
          }
        };
        if (reading.follow) {
          control.follow(tell, until);
          reading.until.addEventListener('abort', end, { once: true, signal: gone.signal });
        }
        const past = reading.last === 0 ? [] : await control.recent(reading.last);
        const seen = past.at(-1)?.seq ?? 0;
        const missed = early.filter((fact) => fact.seq > seen);
        early = null;
        past.forEach(line);
        missed.forEach(tell);
        if (!reading.follow || reading.until.aborted) {
          end();
        }
      },
      cancel() {
        gone.abort();
      },
    },
    { highWaterMark: 1 },
  );
}
