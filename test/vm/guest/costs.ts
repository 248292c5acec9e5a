// What a start costs on each execution host beside a bare spawn, in one run on one machine; says it behind `@costs`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { StartSpec } from '../../../src/ports/execution-host.ts';
import type { Daemon } from '../../support/host-specs.ts';
import { KeeperRig } from '../../support/keeper-rig.ts';
import { PATIENCE_MS } from '../../support/told.ts';
import { UnitRig } from './unit-rig.ts';

/** Of each, after as many that are not counted. */
const RUNS = 8;
const NOTHING = ['true'] as const;

/** Milliseconds from the order to the known end of one of them. */
async function each(one: (id: string) => Promise<void>): Promise<number> {
  let begun = 0;
  for (let run = -RUNS; run < RUNS; run += 1) {
    begun = run === 0 ? performance.now() : begun;
    await one(`r${run + RUNS}.1`);
  }
  return (performance.now() - begun) / RUNS;
}

async function held(daemon: Daemon, spec: (id: string) => StartSpec): Promise<number> {
  return each(async (id) => {
    // It ends so soon that it may be over before anybody saw it begin.
    const { kind } = await daemon.host.start(spec(id));
    if (kind !== 'started' && kind !== 'already_ended') {
      throw new Error(`${id} was not started: ${kind}`);
    }
    const report = await daemon.told.exit(id, PATIENCE_MS);
    if (report.code !== 0) {
      throw new Error(JSON.stringify(report));
    }
  });
}

const bare = await each(async () => {
  await once(spawn(NOTHING[0], { stdio: 'ignore' }), 'exit');
});
const keepers = new KeeperRig();
const keeper = await held(await keepers.daemon(), (id) => keepers.spec(id, NOTHING));
await keepers.dispose();
const units = new UnitRig('system');
const systemd = await held(await units.connect(), (id) => units.spec(id, NOTHING));
await units.dispose();

process.stdout.write(`@costs ${JSON.stringify({ bareMs: bare, keeper: keeper / bare, systemd: systemd / bare })}\n`);
