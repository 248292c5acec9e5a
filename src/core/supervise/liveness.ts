// Decides by evidence what a silent attempt does: works, waits for its provider, is parked on its input, idles, or is dead.

import { formatDuration } from '../../lib/duration.ts';

/** Processor time is compared over at least this long. */
export const PROOF_MS = 30_000;
/** Silence after which its processes are looked at: two looks so far apart find whoever is parked within a minute. */
export const QUIET_MS = 15_000;
/** Share of one processor from which on a tree works; a CLI that only waits for its model uses less than a hundredth. */
export const WORKING_SHARE = 0.05;

/** What the tree of an attempt had used at an instant of the monotonic clock. */
export interface CpuSample {
  readonly at: number;
  readonly cpuMs: number;
}

/** `working`: its processes compute; `idle`: they do not; `unknown`: nobody can say yet. */
export type Liveness = 'working' | 'idle' | 'unknown';

/** What two looks at one tree say. Two seconds of processor time within 30 s are a compiler, 0.2 s are a timer. */
export function liveness(before: CpuSample | null, now: CpuSample): Liveness {
  const elapsedMs = before === null ? 0 : now.at - before.at;
  if (before === null || elapsedMs < PROOF_MS || now.cpuMs < before.cpuMs) {
    return 'unknown';
  }
  return now.cpuMs - before.cpuMs >= elapsedMs * WORKING_SHARE ? 'working' : 'idle';
}

/** What the processes of an attempt wait for, as far as it can be seen at one look. */
export interface TreeWaits {
  readonly processes: number;
  /** The process that waits to read its standard input, where nobody is there to write it; null: none. */
  readonly onInput: { readonly pid: number; readonly name: string } | null;
  /** Connections over the network that are open or being made. */
  readonly connections: number;
}

/** `waiting`: for its provider. `idle`: silent and at rest, and what it waits for cannot be seen. */
export type Activity = 'working' | 'waiting' | 'parked' | 'idle' | 'dead';

/** What is known at one look in a silence. */
export interface LivenessEvidence {
  readonly toolOpen: boolean;
  /** It said that it will ask its provider again. */
  readonly retrying: boolean;
  readonly liveness: Liveness;
  /** Null: nobody could look. */
  readonly waits: TreeWaits | null;
  /** At the look before, in the same silence. */
  readonly before: TreeWaits | null;
}

/**
 * What a silent attempt does; null: cannot be told. `parked` takes all of: no tool open, no word of trying again, no processor time, no connection,
 * and at both looks the same process in a read of an input that nobody writes. Without that proof it only idles.
 */
export function activityOf({ toolOpen, retrying, liveness: cpu, waits, before }: LivenessEvidence): Activity | null {
  if (waits?.processes === 0) {
    return 'dead';
  }
  if (toolOpen || cpu === 'working') {
    return 'working';
  }
  if (retrying) {
    return 'waiting';
  }
  if (waits === null) {
    return null;
  }
  if (waits.connections > 0) {
    return 'waiting';
  }
  if (cpu === 'unknown') {
    return null;
  }
  const isParked = waits.onInput !== null && before?.onInput?.pid === waits.onInput.pid && before.connections === 0;
  return isParked ? 'parked' : 'idle';
}

/** Why an attempt that is parked is stopped, in words. */
export function parkedNote(waits: TreeWaits, silentMs: number): string {
  const who = waits.onInput === null ? '' : `${waits.onInput.name} (pid ${waits.onInput.pid}) `;
  return `${who}waits to read its standard input, which nobody writes; silent for ${formatDuration(silentMs)}, no processor time, no connection`;
}
