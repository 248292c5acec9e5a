// A factory in which nothing happens writes nothing, paused or not: it may stand like that for months.

import { afterEach, expect, it } from 'vitest';
import { DaemonRig } from '../support/daemon-rig.ts';
import { sandboxFleet } from '../support/sandbox-fleet.ts';

const MINUTE_MS = 60_000;
const FLEET = sandboxFleet(['sandbox'], { extra: 'breaker = { pause_stops_running = true }' });

const rigs: DaemonRig[] = [];
afterEach(async () => {
  await Promise.all(rigs.splice(0).map(async (rig) => rig.dispose()));
});

/** Transactions of one quiet minute after `before`. */
async function written(before: (rig: DaemonRig) => Promise<unknown> | void): Promise<number> {
  const rig = await DaemonRig.start({ toml: FLEET });
  rigs.push(rig);
  await before(rig);
  await rig.pass(MINUTE_MS);
  const transactions = (): number => rig.moments.filter((moment) => moment === 'transaction').length;
  const then = transactions();
  await rig.pass(MINUTE_MS);
  return transactions() - then;
}

it.each<[string, (rig: DaemonRig) => Promise<unknown> | void]>([
  ['a project that a person paused', (rig) => rig.setFlag('sandbox', true)],
  ['a factory that a person paused', (rig) => rig.setFlag('__all__', true)],
  ['a flag that pauses nothing', (rig) => rig.setFlag('sandbax', true)],
  [
    'a breaker that is open',
    async (rig) => rig.command(async (control) => control.breaker('sandbox', 'trip', { by: 'eva', reason: 'night' })),
  ],
  [
    'a breaker whose flag a person took over',
    async (rig) => {
      await rig.command(async (control) => control.breaker('sandbox', 'trip', { by: 'eva', reason: 'night' }));
      await rig.quiet();
      rig.setFlag('sandbox', true);
    },
  ],
])('%s opens no transaction of its own', async (_, before) => {
  expect(await written(before)).toBe(await written(() => undefined));
});

it('nor does anything else but the scheduler, which writes down how far it came', async () => {
  expect(await written(() => undefined)).toBeLessThanOrEqual(4);
});

it('pause_dir is listed twice a second, and no more', async () => {
  const rig = await DaemonRig.start({ toml: FLEET });
  rigs.push(rig);
  const names = rig.flags.names.bind(rig.flags);
  let listings = 0;
  rig.flags.names = () => {
    listings += 1;
    return names();
  };
  await rig.pass(10_000);
  expect(listings).toBe(20);
});
