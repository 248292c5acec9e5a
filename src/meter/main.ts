// Process entry of a meter: `main.ts PID PROGRAM ARGUMENT…`, started by the start wrapper that will become PROGRAM.
//
// It listens, tells the wrapper on stdout how to start the program, and ends with the process PID. It is no parent of the
// program: exit codes, signals and output are the program's own, and the program lives on if the meter should die.

import { closeSync, openSync, writeSync } from 'node:fs';
import { ORDER_VARIABLE } from '../core/metering/order.ts';
import type { MeterOrder } from '../core/metering/order.ts';
import { readEnviron, readStat, runs } from '../os/proc.ts';
import { Proxy } from './proxy.ts';
import { RequestLog } from './request-log.ts';
import { startWords } from './start-words.ts';

/** How often the program is looked at, besides when it closes a connection. */
const LOOK_MS = 200;
const STDOUT = 1;

const [pid = '', ...argv] = process.argv.slice(2);
const born = readStat(Number(pid))?.startTicks;
// Each entry is `name=value`, and behind the last one is nothing.
const entries = (readEnviron(process.pid) ?? []).filter((entry) => entry !== '');
const env = Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s, 2) as [string, string]));
const order = JSON.parse(env[ORDER_VARIABLE] ?? '') as MeterOrder;

// What is meant for the group is meant for the program: it may still ask its model, and what it is told counts.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined);
}

const closed = (): void => void setImmediate(look);
const proxy = new Proxy({ upstreams: order.upstreams, env, closed }, new RequestLog(order.file));
await proxy.listen();
writeSync(
  STDOUT,
  startWords({ argv, env }, (text) => proxy.addressed(text)),
);
// The wrapper reads to the end of this.
closeSync(STDOUT);
openSync('/dev/null', 'w');
setInterval(look, LOOK_MS);

function look(): void {
  const stat = readStat(Number(pid));
  if (!runs(stat) || stat.startTicks !== born) {
    proxy.close();
    process.exit(0);
  }
}
