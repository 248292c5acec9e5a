// Finds the session that an operator wants gone on with or branched off, or says why that cannot be.

import type { AgentDefinition } from '../core/fleet.ts';
import type { RunInput } from '../core/run/run.ts';
import { unusable } from '../core/session/session.ts';
import type { ControlRefusal } from '../ports/control.ts';
import type { RunWish } from '../ports/run-wish.ts';
import type { House } from './house.ts';
import { findRun, isRefusal, refusal } from './lookup.ts';

/** The session of the run that `wish` names, for a run of `agent`. Codes: `session.unsupported`, `session.busy`, `session.unusable`. */
export function askedSession(
  house: Pick<House, 'ledger' | 'driverFor'>,
  agent: AgentDefinition,
  wish: NonNullable<RunWish['session']>,
): NonNullable<RunInput['session']> | ControlRefusal {
  const driver = house.driverFor(agent.cliTool);
  const run = findRun(house, wish.run);
  if (isRefusal(run)) {
    return run;
  }
  if (!driver.capabilities[wish.kind]) {
    return refusal('session.unsupported', `${driver.name} cannot ${wish.kind} a session: adf run ${agent.name}`);
  }
  if (run.state !== 'ended') {
    return refusal('session.busy', `${run.id} is still ${run.state}: its session is in use`);
  }
  const last = house.ledger.attempts.ofRun(run.id).findLast(({ purpose }) => purpose === 'main');
  const id = last?.sessionId ?? null;
  const why = unusable(id === null ? null : house.ledger.sessions.get(id), {
    driver: driver.name,
    workingDir: agent.workingDir,
  });
  return id === null || why !== null
    ? refusal('session.unusable', `${run.id}: ${why ?? 'it had no session'}; adf run ${agent.name} begins a fresh one`)
    : { kind: wish.kind, from: id };
}
