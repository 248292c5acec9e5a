// Says how a meter is started beside an agent: its program and its order, as variables that the start wrapper understands.

import { getCompileCacheDir } from 'node:module';
import { dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ORDER_VARIABLE } from '../core/metering/order.ts';
import type { MeterOrder } from '../core/metering/order.ts';
import { METER_VARIABLE, shellWord } from '../os/start-wrapper.ts';

/** It counts against the agent's memory and processes: a small young generation, few threads, and a heap with an end. */
const SMALL = [
  '--max-semi-space-size=1',
  '--max-old-space-size=160',
  '--single-threaded',
  '--disable-warning=ExperimentalWarning',
];

/** The variables that put a meter with `order` beside the program that is started with them. */
export function meterVariables(order: MeterOrder): Readonly<Record<string, string>> {
  const entry = fileURLToPath(new URL(`../meter/main${extname(import.meta.filename)}`, import.meta.url));
  const cache = getCompileCacheDir();
  // Options that an agent wants for its own Node are none of ours. Node appends a folder for its version to that of the cache.
  const own = ['NODE_OPTIONS=', `NODE_COMPILE_CACHE=${cache === undefined ? '' : shellWord(dirname(cache))}`];
  const words = [process.execPath, ...SMALL, entry].map(shellWord);
  return { [METER_VARIABLE]: [...own, ...words].join(' '), [ORDER_VARIABLE]: JSON.stringify(order) };
}
