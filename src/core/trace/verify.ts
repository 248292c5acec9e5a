// Checks the facts of one run against what can have happened: their order, that what begins ends, and one ending.

import type { RecordedFact } from '../run/facts.ts';

/** A fact that cannot be, and why. */
export interface TraceProblem {
  readonly seq: number;
  readonly kind: string;
  readonly problem: string;
}

/** `ended`: the run has its one ending. No problems: the facts tell a possible run. */
export interface TraceCheck {
  readonly facts: number;
  readonly ended: boolean;
  readonly problems: readonly TraceProblem[];
}

interface Walk {
  seq: number;
  claimed: boolean;
  ending: string | null;
  /** Attempts that have begun and not ended: intended, or told as started. */
  readonly open: Map<string, 'intended' | 'started'>;
  readonly closed: Set<string>;
}

/** Checks `facts` of one run, oldest first. A run that goes on has no ending yet, which is no problem. */
export function verifyTrace(facts: readonly RecordedFact[]): TraceCheck {
  const run = facts[0]?.run;
  const walk: Walk = { seq: 0, claimed: false, ending: null, open: new Map(), closed: new Set() };
  const problems: TraceProblem[] = [];
  for (const fact of facts) {
    const found = [
      fact.seq > walk.seq ? null : `comes after #${walk.seq}`,
      fact.run === run ? null : `belongs to another run`,
      isOfLife(fact) && walk.ending !== null ? `comes after the ending ${walk.ending}` : null,
      step(walk, fact),
    ];
    problems.push(
      ...found.filter((one) => one !== null).map((problem) => ({ seq: fact.seq, kind: fact.kind, problem })),
    );
    walk.seq = Math.max(walk.seq, fact.seq);
  }
  return { facts: facts.length, ended: walk.ending !== null, problems };
}

/** Consequences (breaker, reactions) may follow the ending; the run's own life may not. */
function isOfLife(fact: RecordedFact): boolean {
  return fact.kind.startsWith('run.') || fact.kind.startsWith('attempt.');
}

const WAITS_AGAIN: readonly RecordedFact['kind'][] = ['run.deferred', 'run.retrying', 'run.restored'];

function step(walk: Walk, fact: RecordedFact): string | null {
  if (fact.kind === 'run.admitted') {
    const twice = walk.claimed;
    walk.claimed = true;
    return twice ? 'admits what is admitted already' : null;
  }
  if (isOfAttempt(fact)) {
    return attemptStep(walk, fact.kind, fact.attempt ?? 'without a name');
  }
  if (WAITS_AGAIN.includes(fact.kind)) {
    return settle(walk);
  }
  if (fact.kind === 'run.refused' || fact.kind === 'run.ended') {
    walk.ending ??= `${fact.kind}#${fact.seq}`;
    return settle(walk);
  }
  return null;
}

type AttemptFact = Extract<RecordedFact, { readonly kind: `attempt.${string}` }>;

function isOfAttempt(fact: RecordedFact): fact is AttemptFact {
  return fact.kind.startsWith('attempt.');
}

function attemptStep(walk: Walk, kind: AttemptFact['kind'], attempt: string): string | null {
  const state = walk.open.get(attempt);
  switch (kind) {
    case 'attempt.starting': {
      const other = [...walk.open.keys()][0];
      walk.open.set(attempt, 'intended');
      return walk.closed.has(attempt) || state !== undefined
        ? `begins ${attempt} a second time`
        : other !== undefined
          ? `begins ${attempt} while ${other} has not ended`
          : walk.claimed
            ? null
            : `begins ${attempt} without an admission`;
    }
    case 'attempt.started':
      walk.open.set(attempt, 'started');
      return state === 'intended' ? null : `starts ${attempt}, which was not about to start`;
    case 'attempt.stop_asked':
    case 'attempt.stopping':
      return state === undefined ? `stops ${attempt}, which is not alive` : null;
    case 'attempt.ended':
      walk.open.delete(attempt);
      walk.closed.add(attempt);
      return state === undefined ? `ends ${attempt}, which is not alive` : null;
  }
}

/** The run waits again or has ended: a start that never happened is over with it, what was started must have ended. */
function settle(walk: Walk): string | null {
  walk.claimed = false;
  const alive = [...walk.open].find(([, state]) => state === 'started');
  for (const attempt of walk.open.keys()) {
    walk.closed.add(attempt);
  }
  walk.open.clear();
  return alive === undefined ? null : `leaves ${alive[0]} without an end`;
}
