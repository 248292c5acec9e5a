// How doctor says what it found.

import type { DoctorCheck } from '../cli/local.ts';

/** All is well with `area`. */
export function ok(area: string, text: string): DoctorCheck {
  return { area, state: 'ok', text, remedy: null };
}

/** `state` and `area` as one word each: `limited limits`. */
export function finding(what: `${'limited' | 'missing'} ${string}`, text: string, remedy: string | null): DoctorCheck {
  const state = what.startsWith('limited') ? 'limited' : 'missing';
  return { area: what.slice(state.length + 1), state, text, remedy };
}
