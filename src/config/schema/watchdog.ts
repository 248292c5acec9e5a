// `[watchdog]`: the second look at what should be alive.

import * as z from 'zod';

import { defaulted } from '../key.ts';
import { duration } from '../kinds.ts';

/** The table `[watchdog]`. */
export const watchdogSchema = z.strictObject({
  interval: defaulted(duration({ min: '1s', max: '1d' }), '30s', {
    means: 'Time between two looks at every run that should be alive; the first comes one interval after the start.',
    example: '"1m"',
  }),
});

/** `[watchdog]` after its checks. */
export type WatchdogInput = z.output<typeof watchdogSchema>;
