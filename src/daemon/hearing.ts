// Hears what the streams of running attempts show beside their silence: that the model answered, and what it has cost.

import { totalOf } from '../core/budget/tokens.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import type { StreamState } from '../ports/agent-driver.ts';
import type { StopReason } from '../core/supervise/stop-plan.ts';
import type { Budgets } from './budgets.ts';
import type { Holds } from './holds.ts';
import type { Recorder } from './recorder.ts';

/** Who is told. */
export interface HearingParts {
  readonly recorder: Recorder;
  readonly holds: Holds;
  readonly budgets: Budgets;
  readonly wake: () => void;
}

/** Ears of the supervisor. */
export class Hearing {
  readonly #parts: HearingParts;

  constructor(parts: HearingParts) {
    this.#parts = parts;
  }

  /** `attempt` is at `state` now; the reason to stop it, if there is one. */
  heard(run: Run, attempt: Attempt, state: StreamState): StopReason | null {
    const { recorder, holds, budgets, wake } = this.#parts;
    const answered = state.usageSoFar !== null && (totalOf(state.usageSoFar) ?? 0) > 0;
    if (answered && holds.isCanary(attempt)) {
      recorder.commit('host', (note) => {
        holds.answered(attempt, note);
      });
      wake();
    }
    return budgets.heard(run, attempt, state);
  }
}
