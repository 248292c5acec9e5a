// What was said about an alert, and what was suggested to do about it.

import type { Remedy } from './remedy.ts';

/** One thing said. `text` is redacted. */
export interface AlertMessage {
  readonly alert: string;
  /** Epoch ms. */
  readonly at: number;
  /** A person, the model, or the factory itself, which tells what it did and what the model did not answer. */
  readonly author: 'operator' | 'model' | 'factory';
  /** The person's name, or the model's. */
  readonly by: string;
  readonly text: string;
}

/** Something that could be done, and what came of it. `begun`: carried out, and nobody wrote down the end. */
export interface Suggestion {
  readonly alert: string;
  /** 1, 2, … within the alert. */
  readonly number: number;
  readonly action: Remedy;
  readonly target: string;
  readonly why: string;
  readonly state: 'offered' | 'begun' | 'done' | 'failed';
  /** Epoch ms of the last change. */
  readonly at: number;
  /** Who had it carried out; null: nobody. */
  readonly by: string | null;
  readonly result: string | null;
}
