// Reads a stream of facts line by line.

import type { RecordedFact } from '../../core/run/facts.ts';
import { LineSplitter } from '../../lib/line-splitter.ts';
import { OperationalError, messageOf } from '../../lib/operational-error.ts';
import { STREAM_CUT } from '../contract.ts';
import { readError } from './read-answer.ts';

/** Longest fact that is read whole. */
const MAX_FACT_BYTES = 4 * 1024 * 1024;

/**
 * Facts as they arrive; ends with the stream, or when `signal` aborts. Throws OperationalError `stream_cut` when the daemon
 * gave up on us as too slow.
 */
export async function* readFacts(
  ask: () => Promise<Response>,
  signal: AbortSignal,
): AsyncGenerator<RecordedFact, void> {
  const splitter = new LineSplitter(MAX_FACT_BYTES);
  try {
    const response = await ask();
    if (!response.ok || response.body === null) {
      throw await readError(response);
    }
    for await (const bytes of response.body as ReadableStream<Uint8Array>) {
      for (const line of splitter.push(bytes)) {
        yield parseFact(line.text);
      }
    }
  } catch (cause) {
    if (signal.aborted) {
      return;
    }
    if (cause instanceof OperationalError) {
      throw cause;
    }
    throw new OperationalError('reply_lost', `the daemon went away: ${messageOf(cause)}`, cause);
  }
}

function parseFact(text: string): RecordedFact {
  const value = JSON.parse(text) as RecordedFact | typeof STREAM_CUT;
  if (value.kind === STREAM_CUT.kind) {
    throw new OperationalError('stream_cut', 'facts come faster than they are read here: some were not shown');
  }
  return value;
}
