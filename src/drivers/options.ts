// Writes command line options that may be absent.

import type { LaunchInput } from '../ports/agent-driver.ts';

/** `name value`, or nothing when there is no value. */
export function option(name: string, value: string | number | null | undefined): readonly string[] {
  return value === null || value === undefined ? [] : [name, String(value)];
}

/** `name` before each of `values`: safe for programs whose lists would swallow what follows them. */
export function repeated(name: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [name, value]);
}

/** The options of CLIs that take the id of a new session; `fork` writes those that branch off session `id`. */
export function chosenSession(
  wish: LaunchInput['session'],
  fork: (id: string, newId: string | undefined) => readonly string[],
): readonly string[] {
  if (wish === null) {
    return [];
  }
  return wish.kind === 'fork'
    ? fork(wish.id, wish.newId)
    : [wish.kind === 'new' ? '--session-id' : '--resume', wish.id];
}
