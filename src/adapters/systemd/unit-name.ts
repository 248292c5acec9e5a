// Names the unit of an attempt: readable for people, and the fence, because the manager refuses a name that is loaded.

import type { AttemptId } from '../../core/ids.ts';

/** Longer names are cut: a unit's may have 255 characters, and nobody reads more of a label. */
const LABEL_CHARS = 80;

/** The unit of `attemptId`, of project and agent `label`, in the state directory `stateId`: `adf-web-steward-r12.1-3f9a….service`. */
export function unitName(attemptId: AttemptId, label: string, stateId: string): string {
  const readable = label.replaceAll(/[^A-Za-z0-9_.]+/g, '-').slice(0, LABEL_CHARS);
  return `adf-${readable}-${attemptId}-${stateId}.service`;
}

/** The pattern that all units of `stateId` match. */
export function unitPattern(stateId: string): string {
  return `adf-*-${stateId}.service`;
}

/** The attempts of `stateId` whose units are among `units`, each with its unit. */
export function attemptsIn(units: readonly string[], stateId: string): ReadonlyMap<AttemptId, string> {
  return new Map(
    units.flatMap((unit) => {
      const id = attemptOfUnit(unit, stateId);
      return id === null ? [] : [[id, unit] as const];
    }),
  );
}

/** The attempt that `unit` belongs to; null when it is none of ours. */
export function attemptOfUnit(unit: string, stateId: string): AttemptId | null {
  const end = `-${stateId}.service`;
  if (!unit.startsWith('adf-') || !unit.endsWith(end)) {
    return null;
  }
  return unit.slice(0, -end.length).split('-').at(-1) as AttemptId;
}
