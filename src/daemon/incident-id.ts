// Makes the id of an incident.

import type { Chance } from './house.ts';

/** Hex digits of an id: 60 random bits, so that nobody can write an issue that passes for one of a later incident. */
const ID_DIGITS = 16;

/** A fresh id. */
export function incidentId(chance: Chance): string {
  return chance.uuid().replaceAll('-', '').slice(0, ID_DIGITS);
}
