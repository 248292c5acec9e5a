// One look at all processes of the machine, shared by everybody who asks within a moment, with their markers remembered.

import { setTimeout as delay } from 'node:timers/promises';
import { allPids, readEnviron, readStat, runs, type ProcStat } from './proc.ts';

/** Name of the variable that marks all processes of an attempt, and of the one that marks those of a state directory. */
export const ATTEMPT_VARIABLE = 'ADF_ATTEMPT';
export const STATE_VARIABLE = 'ADF_STATE';

/** Whose a process is: two state directories may have attempts of the same name. */
export interface Marker {
  readonly attempt: string;
  readonly stateId: string;
}

/** A living process; `marker` null: it carries none, or we may not look. */
export interface TableEntry {
  readonly stat: ProcStat;
  readonly marker: Marker | null;
}

/** A process younger than this may still be between fork and exec, where it shows the environment of its parent. */
const SETTLED_TICKS = 200;

/** Looks for many quick attempts are at least this far apart: reading all of /proc costs milliseconds. */
const SHARE_MS = 20;

let coming: Promise<readonly TableEntry[]> | null = null;
let table: readonly TableEntry[] = [];
let lookedAtMs = Number.NEGATIVE_INFINITY;
let remembered = new Map<number, { readonly startTicks: number; readonly marker: Marker | null }>();

/** All living processes, at most `maxAgeMs` ago. */
export function processTable(maxAgeMs: number): readonly TableEntry[] {
  if (performance.now() - lookedAtMs > maxAgeMs) {
    table = look();
    lookedAtMs = performance.now();
  }
  return table;
}

/** All living processes as of now or a moment later: who asks shortly after a look shares the next one with others. */
export function nextProcessTable(): Promise<readonly TableEntry[]> {
  coming ??= delay(Math.max(0, lookedAtMs + SHARE_MS - performance.now())).then(() => {
    coming = null;
    return processTable(0);
  });
  return coming;
}

function look(): TableEntry[] {
  const stats = allPids().flatMap((pid) => {
    const stat = readStat(pid);
    return runs(stat) ? [stat] : [];
  });
  const youngest = stats.reduce((latest, stat) => Math.max(latest, stat.startTicks), 0);
  const before = remembered;
  remembered = new Map();
  return stats.map((stat) => {
    const known = before.get(stat.pid);
    const marker = known?.startTicks === stat.startTicks ? known.marker : readMarker(stat.pid);
    // A marker once seen stays true, whatever the process becomes; its absence only when it had the time to get one.
    if (marker !== null || stat.startTicks < youngest - SETTLED_TICKS) {
      remembered.set(stat.pid, { startTicks: stat.startTicks, marker });
    }
    return { stat, marker };
  });
}

function readMarker(pid: number): Marker | null {
  const environ = readEnviron(pid) ?? [];
  const value = (name: string) => environ.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
  const attempt = value(ATTEMPT_VARIABLE);
  const stateId = value(STATE_VARIABLE);
  return attempt === undefined || stateId === undefined ? null : { attempt, stateId };
}
