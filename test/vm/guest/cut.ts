// Ten runs on their way, and then the power goes; says before what a client had been told of every run.

import { setTimeout as delay } from 'node:timers/promises';
import { agentText, answers, client, configure, ended, run, sh, units } from './factory.ts';
import { waitFor } from './wait.ts';

const AGENTS = 10;
const MOST_RUNS = 200;
/** Longer than the host needs to cut the power. */
const HOLD_MS = 600_000;

const names = Array.from({ length: AGENTS }, (_, index) => `web/cut${index}`);
const tick = agentText('web/tick', 'true', 'schedule = "*/10 * * * * *"').replace('Growth', 'Core');

sh('systemctl start adf');
await answers();
await configure(
  [
    ...names.map((name) => agentText(name, 'echo begun; while :; do sleep 1; done', 'max_memory_bytes = "32MiB"')),
    agentText('web/done', 'echo done'),
    tick,
  ].join(''),
);
const done = await run('web/done');
await Promise.all(names.map(run));
await waitFor(() => units().filter((unit) => unit.startsWith('adf-web-cut')).length === AGENTS);
await ended(done);
process.stdout.write(`@seen ${JSON.stringify(await client.runs({ limit: MOST_RUNS }))}\n@cut\n`);
await delay(HOLD_MS);
