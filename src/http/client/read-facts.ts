// Reads a stream of facts line by line.

import type { RecordedFact } from '../../core/run/facts.ts';
import { LineSplitter } from '../../lib/line-splitter.ts';
import { OperationalError } from '../../lib/operational-error.ts';
import { STREAM_CUT } from '../contract.ts';
import type { Reply } from './exchange.ts';
import { readError } from './read-answer.ts';

/** Longest fact that is read whole. */
const MAX_FACT_BYTES = 4 * 1024 * 1024;

/**
 * Facts as they arrive; ends with the stream, or when it is interrupted. Throws OperationalError `stream_cut` when the daemon
 * gave up on us as too slow.
 */
export async function* readFacts(ask: () => Promise<Reply>): AsyncGenerator<RecordedFact, void> {
  const splitter = new LineSplitter(MAX_FACT_BYTES);
  try {
    const reply = await ask();
    if (reply.status !== 200) {
      throw await readError(reply);
    }
    for await (const bytes of reply.body) {
      for (const line of splitter.push(bytes)) {
        yield parseFact(line.text);
      }
    }
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'interrupted') {
      throw error;
    }
  }
}

function parseFact(text: string): RecordedFact {
  const value = JSON.parse(text) as RecordedFact | typeof STREAM_CUT;
  if (value.kind === STREAM_CUT.kind) {
    throw new OperationalError('stream_cut', 'facts come faster than they are read here: some were not shown');
  }
  return value;
}
