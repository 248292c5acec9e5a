// Draws one fact as one line: time, whom it is about, what happened, and the numbers.

import type { RecordedFact } from '../../core/run/facts.ts';
import type { FactContext } from './fact-words.ts';
import { factWords } from './fact-words.ts';
import type { Look } from './look.ts';
import { oneLine, pad } from './text.ts';

/** Room for the names of agents where nobody knows how long they are. */
const DEFAULT_NAME_COLUMNS = 20;

const WORD_COLUMNS = 10;
/** Before each line that belongs to the one above. */
const BELOW = '    ';

/** How facts are drawn, and what is known beside them. */
export interface FactView extends Pick<FactContext, 'trigger' | 'limits'> {
  readonly look: Look;
  /** Columns for the names of agents. */
  readonly nameColumns?: number;
  /** Facts of interest only to who looks for them, too. */
  readonly everything?: boolean;
}

/** `10:31:02  steward               succeeded   1.8 s · peak 41 MiB`, sometimes with lines below; null for a fact that is not shown. */
export function factLine(fact: RecordedFact, view: FactView): string | null {
  const { look, trigger, limits } = view;
  const words = factWords(fact, { times: look.times, trigger, limits });
  if (words.detail === true && view.everything !== true) {
    return null;
  }
  const name = pad(oneLine(subject(fact)), view.nameColumns ?? DEFAULT_NAME_COLUMNS);
  const word = look.style(words.tone, pad(oneLine(words.word), WORD_COLUMNS));
  const line = `${look.times.time(fact.at)}  ${name}  ${word}  ${oneLine(words.text)}`.trimEnd();
  return [line, ...(words.below ?? []).map((text) => `${BELOW}${oneLine(text)}`)].join('\n');
}

/** The agent without its project, else the project, else the factory. */
function subject(fact: RecordedFact): string {
  if (fact.agent === undefined) {
    return fact.project ?? 'factory';
  }
  return fact.agent.slice(fact.agent.indexOf('/') + 1);
}
