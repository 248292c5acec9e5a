// What the rules say of the factory itself: its disk, its configuration, its own pace.

import { formatBytes } from '../../../lib/bytes.ts';
import { counted } from '../../../lib/counted.ts';
import { formatDuration } from '../../../lib/duration.ts';
import type { Sign } from '../alert.ts';
import type { Picture } from '../picture.ts';
import { LAG_WINDOW_MS } from '../settings.ts';

/** Told while there is still room to act: at so many times the floor below which nothing starts. */
const DISK_NEAR = 2;
/** Well again at so many times the floor. */
const DISK_BACK = 2.5;
/** A pass that is late by this share of the limit keeps an alert open. */
const LAG_BACK = 0.5;

/** Signs of the factory. */
export function factorySigns(picture: Picture): readonly Sign[] {
  return [...disk(picture), ...drift(picture), ...lag(picture), ...budgets(picture)];
}

function disk({ disk: { freeBytes, floorBytes } }: Picture): readonly Sign[] {
  if (freeBytes === null) {
    return [{ ...sign('disk_low'), level: 'unknown', text: 'free disk space cannot be told' }];
  }
  if (freeBytes >= floorBytes * DISK_BACK) {
    return [];
  }
  const stopped = freeBytes < floorBytes;
  return [
    {
      ...sign('disk_low'),
      severity: stopped ? 'critical' : 'warning',
      level: freeBytes < floorBytes * DISK_NEAR ? 'over' : 'between',
      text: stopped
        ? `less than ${formatBytes(floorBytes)} of disk is free: nothing is started`
        : `disk space is short: nothing is started below ${formatBytes(floorBytes)} free`,
      numbers: { freeBytes, floorBytes },
    },
  ];
}

function drift({ drift: found, now, settings }: Picture): readonly Sign[] {
  if (found === null) {
    return [{ ...sign('drift_old'), level: 'unknown', text: 'agents.toml cannot be compared' }];
  }
  if (found === 'none') {
    return [];
  }
  return [
    {
      ...sign('drift_old'),
      level: now - found.since >= settings.driftMs ? 'over' : 'between',
      text:
        found.broken === true
          ? `agents.toml has ${counted(found.parts, 'error')} and is not in force, first ${found.first}`
          : `agents.toml differs from what is in force in ${counted(found.parts, 'part')}, first ${found.first}`,
      numbers: { parts: found.parts },
      command: found.broken === true ? 'adf check' : 'adf drift',
    },
  ];
}

function lag({ late, now, settings }: Picture): readonly Sign[] {
  const worst = Math.max(0, ...late.filter(({ at }) => at > now - LAG_WINDOW_MS).map(({ byMs }) => byMs));
  if (worst < settings.lagMs * LAG_BACK) {
    return [];
  }
  return [
    {
      ...sign('scheduler_lag'),
      level: worst >= settings.lagMs ? 'over' : 'between',
      text: `the scheduler was held up for ${formatDuration(worst)} within the last ${formatDuration(LAG_WINDOW_MS)}`,
      numbers: { byMs: worst, limitMs: settings.lagMs },
    },
  ];
}

/** Budgets that cannot be read say nothing about any of them. */
function budgets({ budgets: found }: Picture): readonly Sign[] {
  return found === null ? [{ ...sign('budget_near'), level: 'unknown', text: 'budgets cannot be read' }] : [];
}

function sign(rule: Sign['rule']): Sign {
  return {
    rule,
    subject: { kind: 'factory' },
    severity: 'warning',
    level: 'over',
    text: '',
    numbers: {},
    command: 'adf doctor',
    runs: [],
  };
}
