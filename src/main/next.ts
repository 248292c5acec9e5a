// `adf next` and `adf explain` without a daemon.

import { zoneTable } from '../adapters/clock/zone-table.ts';
import { systemClock } from '../adapters/clock/system-clock.ts';
import { fileFlags } from '../adapters/pause-flags/files.ts';
import type { Reason } from '../core/admission/reasons.ts';
import { reason } from '../core/admission/reasons.ts';
import type { AgentDefinition, Fleet } from '../core/fleet.ts';
import { isProjectPaused } from '../core/pause/flag.ts';
import { comingSlots } from '../daemon/next-slot.ts';
import type { NextView } from '../ports/control.ts';

/** Slots listed at most. */
const MAX_NEXT = 2000;

/** Coming slots with the flags as they are now; what runs and waits only a daemon knows. */
export function next(fleet: Fleet, forMs: number): readonly NextView[] {
  const flags = fileFlags({ dir: fleet.factory.pauseDir, clock: systemClock, fileWatching: false });
  const zones = zoneTable();
  const from = Date.now();
  const held = (agent: AgentDefinition): readonly Reason[] =>
    isProjectPaused(agent.project, (name) => flags.stat(name))
      ? [reason('project.paused', `a pause flag exists in ${flags.dir}`)]
      : [];
  return fleet.agents
    .flatMap((agent) =>
      comingSlots({ zones }, agent, { from, to: from + forMs, limit: MAX_NEXT }).map(({ at, note }) => ({
        at,
        agent: agent.key,
        note,
        held: held(agent),
      })),
    )
    .sort((a, b) => a.at - b.at || (a.agent < b.agent ? -1 : 1))
    .slice(0, MAX_NEXT);
}
