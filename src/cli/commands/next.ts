// adf next: every coming slot, with flags, clock changes and promised memory applied.

import { MAX_NEXT_MS } from '../../http/contract.ts';
import type { Define } from '../command.ts';
import { duration, withCommon } from '../command.ts';
import { DONE, usageError } from '../exit-code.ts';
import { renderNext } from '../render/next.ts';

const DAY_MS = 86_400_000;

/** `adf next` */
export const define: Define = (command, run) => {
  withCommon(command)
    .option('--for <time>', 'how far to look ahead, like 24h', duration, DAY_MS)
    .action((options: { readonly for: number }) =>
      run(async (session) => {
        if (options.for > MAX_NEXT_MS) {
          throw usageError('--for looks ahead one year at most');
        }
        const slots = await session.local.next(session.place, options.for);
        await session.result(slots, () => renderNext(slots, { forMs: options.for, look: session }));
        return DONE;
      }),
    );
};
