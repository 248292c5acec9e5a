// Keeps breakers right when something changes under them: the configuration, or pause_dir.

import { countedAgents } from '../core/breaker/policy.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import type { Note } from './recorder.ts';

/** The pause_dir that the recorded flags lie in. */
const DIR_KEY = 'dir';

/**
 * Makes pause_dir if it is new; throws OperationalError `flag.dir`. One that was there and vanished is left missing: made
 * anew it would be empty, and every pause in it lifted.
 */
export function preparePauseDir(house: Pick<House, 'ledger' | 'pauseFlags'>): void {
  if (house.ledger.states.get('flag', DIR_KEY) !== house.pauseFlags.now.dir) {
    house.pauseFlags.now.prepare();
  }
}

/** A configuration is in force, at the start or after a reload. Before any look at a flag: they may lie elsewhere now. */
export function adoptConfiguration(
  house: Pick<House, 'ledger' | 'pauseFlags' | 'fleet'>,
  breakers: Breakers,
  note: Note,
): void {
  const { ledger, pauseFlags, fleet } = house;
  const { dir } = pauseFlags.now;
  const before = ledger.states.get('flag', DIR_KEY);
  for (const project of fleet.now.projects) {
    if (before !== null && before !== dir) {
      breakers.apply(project.id, { kind: 'pause_dir_moved' }, note);
    }
    breakers.apply(project.id, { kind: 'rule_changed', counted: countedAgents(project, fleet.now.agents) }, note);
  }
  if (before !== dir) {
    ledger.states.set('flag', DIR_KEY, dir);
  }
}
