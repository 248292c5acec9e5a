// Says in a few words what a run set in motion: counted by the breaker, flag, issue, retry, quarantine.

import type { RecordedFact } from '../../core/run/facts.ts';
import { reactionDoing, reactionDone } from './reaction-text.ts';
import type { Times } from './times.ts';

type FactOf<Kind extends RecordedFact['kind']> = Extract<RecordedFact, { readonly kind: Kind }>;

const WORDS: {
  readonly [Kind in RecordedFact['kind']]?: (fact: FactOf<Kind>, times: Times) => string;
} = {
  'run.retrying': (fact, times) => `tried again at ${times.time(fact.notBefore)} (${fact.reason})`,
  'breaker.counted': (fact) =>
    `failure ${fact.failures} of ${fact.threshold}${fact.project === undefined ? '' : ` for ${fact.project}`}`,
  'breaker.opened': () => 'breaker opened',
  'breaker.half_opened': () => 'breaker half open',
  'breaker.closed': (fact) => `breaker closed (${fact.reason})`,
  'breaker.isolated': (fact) => `breaker isolated (${fact.reason})`,
  'pause.set': (fact) => `pause flag ${fact.flag}`,
  'pause.lifted': (fact) => `pause flag ${fact.flag} removed by ${fact.by}`,
  'quarantine.opened': (fact) => `quarantined (${fact.reason})`,
  'quarantine.released': (fact) => `released (${fact.reason})`,
  'escalation.opened': (fact) => `escalation opened (${fact.reason})`,
  'escalation.closed': (fact) => `escalation closed (${fact.reason})`,
  'reaction.done': (fact) => reactionDone(fact.effect, fact.note),
  'reaction.failed': (fact, times) =>
    `${reactionDoing(fact.effect)} failed, again at ${times.time(fact.retryAt)} (${fact.message})`,
  'reaction.parked': (fact) => `${reactionDoing(fact.effect)} waits for a person (${fact.message}): adf outbox`,
};

/** A fact as a consequence of its run; null for those that tell of the run itself. */
export function consequence(fact: RecordedFact, times: Times): string | null {
  const words = WORDS[fact.kind] as ((fact: RecordedFact, times: Times) => string) | undefined;
  return words?.(fact, times) ?? null;
}
