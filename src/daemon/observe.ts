// Reads what is in force and what is kept alive, for the reconciler; asked again before each attempt, never remembered.

import type { Observed, StandingRun } from '../core/reconcile/observed.ts';
import type { Run } from '../core/run/run.ts';
import type { House } from './house.ts';

/** The present look; `node` is the name of this machine. */
export function observe(house: Pick<House, 'ledger' | 'fleet'>, node: string): Observed {
  const { ledger, fleet } = house;
  const prints = new Map(ledger.attempts.open().map((attempt) => [attempt.run, attempt.definition]));
  const standing = [...ledger.runs.waiting(), ...ledger.runs.live()].flatMap((run): StandingRun[] =>
    run.trigger.kind === 'safety'
      ? [
          {
            run: run.id,
            agent: run.agent,
            replica: run.trigger.replica,
            state: standOf(run),
            print: prints.get(run.id) ?? null,
          },
        ]
      : [],
  );
  return { fleet: fleet.now, node, standing };
}

function standOf(run: Run): StandingRun['state'] {
  return run.state === 'waiting' ? 'asked' : run.state === 'stopping' ? 'stopping' : 'alive';
}
