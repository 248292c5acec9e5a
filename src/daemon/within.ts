// Waits for an answer, but not for ever: whoever was asked may never say anything.

import type { Clock } from '../ports/clock.ts';

/** What `asked` resolves to, or null where that takes longer than `ms`. Rejects as `asked` does; after `ms` nobody hears of that. */
export async function within<Value>(
  clock: Pick<Clock, 'after'>,
  asked: Promise<Value>,
  ms: number,
): Promise<Value | null> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () => {
      resolve(null);
    });
    asked.then(resolve, reject).finally(() => {
      timer.cancel();
    });
  });
}
