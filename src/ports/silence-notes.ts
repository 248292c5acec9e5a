// What the dead-man left while nobody could be told.

import type { Silence } from '../core/watch/silence.ts';

/** Silences that the dead-man noted and that were not taken over yet. */
export interface SilenceNotes {
  list(): Promise<readonly Silence[]>;
  remove(silence: Silence): Promise<void>;
}
