// Takes the last look at pause flags directly before a spawn.

import { lstatSync } from 'node:fs';

/** The first of `flags` that pauses: by its existence alone, and one that cannot be looked at pauses too; null: none. */
export function presentFlag(flags: readonly string[]): string | null {
  for (const flag of flags) {
    try {
      lstatSync(flag);
      return flag;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        return flag;
      }
    }
  }
  return null;
}
