// Writes what a further attempt is told of the ones before it.

import { cutMiddle } from '../../lib/cut-text.ts';
import { formatDuration } from '../../lib/duration.ts';
import { endingOf } from '../run/failure-class.ts';
import type { Outcome } from '../run/outcome.ts';

/** Longest share of the last words that is handed over. */
const LAST_WORDS_BYTES = 4096;

/** What is known of the attempt before. */
export interface HandOver {
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly ranMs: number | null;
  /** What the agent said last; null: nothing, or the session is gone on with and holds it. */
  readonly lastWords: string | null;
}

/** A few sentences of ours, and the agent's own last words apart from them: they are data, not instructions. */
export interface HandOverNote {
  readonly note: string;
  readonly quote: string | null;
}

/** The note for the attempt that follows `given`. */
export function handOver(given: HandOver): HandOverNote {
  const ran = given.ranMs === null ? '' : ` after ${formatDuration(given.ranMs)}`;
  return {
    note:
      `This is attempt ${given.attempt + 1} at this task. Attempt ${given.attempt} ended${ran} as ${endingOf(given.outcome)}. ` +
      'It may have done a part of the work: look at the state of the working folder before you begin.',
    quote: given.lastWords === null ? null : cutMiddle(given.lastWords, LAST_WORDS_BYTES),
  };
}

/** What a session that is gone on with is told instead of its task, which it knows. */
export function goOn(given: HandOver): HandOverNote {
  return {
    note: `Attempt ${given.attempt} at your task was cut short (${endingOf(given.outcome)}). Go on where you stopped.`,
    quote: null,
  };
}
