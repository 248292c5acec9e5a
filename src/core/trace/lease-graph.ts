// Who held what from when to when, and why it ended: slots of the factory, and attempts held by a process.

import type { RecordedFact } from '../run/facts.ts';

/** One thing held by one holder. `to` is null while it is held. */
export interface Lease {
  /** `slot`, or the id of an attempt. */
  readonly what: string;
  /** The run that holds a slot, or the worker that carries an attempt (`pid 4711`). */
  readonly holder: string;
  readonly from: number;
  readonly to: number | null;
  /** Why it ended: the outcome's kind, or the event that took it back. */
  readonly endedBy: string | null;
  readonly fromSeq: number;
  readonly toSeq: number | null;
}

/** Two leases of which only one may exist at a time. */
export interface Overlap {
  readonly first: Lease;
  readonly second: Lease;
}

/** Facts with which a run lets go of its slot without having ended well or badly. */
const TAKES_BACK: readonly RecordedFact['kind'][] = ['run.refused', 'run.deferred', 'run.retrying', 'run.restored'];

/** Leases of one run from its facts, oldest first. */
export function leaseGraph(facts: readonly RecordedFact[]): readonly Lease[] {
  const leases: Lease[] = [];
  const end = (what: string, fact: RecordedFact, endedBy: string): void => {
    for (const [index, lease] of leases.entries()) {
      if (lease.to === null && lease.what === what) {
        leases[index] = { ...lease, to: fact.at, toSeq: fact.seq, endedBy };
      }
    }
  };
  for (const fact of facts) {
    const begin = (what: string, holder: string): void => {
      leases.push({ what, holder, from: fact.at, to: null, endedBy: null, fromSeq: fact.seq, toSeq: null });
    };
    if (fact.kind === 'run.admitted') {
      begin('slot', fact.run ?? 'unknown');
    } else if (fact.kind === 'attempt.started') {
      begin(fact.attempt ?? 'unknown', `pid ${fact.pid}`);
    } else if (fact.kind === 'attempt.ended') {
      end(fact.attempt ?? 'unknown', fact, fact.outcome.kind);
    } else if (fact.kind === 'run.ended') {
      end('slot', fact, fact.outcome.kind);
    } else if (TAKES_BACK.includes(fact.kind)) {
      end('slot', fact, fact.kind);
    }
  }
  return leases;
}

/** Leases that were held at once though only one may be: two slots of one run, or two of its attempts. An alarm. */
export function overlaps(leases: readonly Lease[]): readonly Overlap[] {
  return leases.flatMap((second, index) =>
    leases
      .slice(0, index)
      .filter((first) => (first.what === 'slot') === (second.what === 'slot'))
      .filter((first) => first.toSeq === null || first.toSeq > second.fromSeq)
      .map((first) => ({ first, second })),
  );
}
