// The daemon dies by kill -9 while fifty requests are handed in: what it acknowledged runs once, what it did not runs once or never.

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { agentToml, printedChance, timesBegun } from '../support/crew.ts';
import { DaemonProcess } from '../support/daemon-process.ts';

const ROUNDS = 5;
const REQUESTS = 50;
/** Fifty requests are through after about this long on a quiet machine. */
const SPREAD_MS = 800;
/** One agent each, and none fails often enough in a row to be quarantined. */
const TOML = Array.from({ length: REQUESTS }, (_, index) =>
  agentToml(`quick-${index + 1}`, 'echo began >>began.$1; exit $(($1 % 3 * 10))'),
).join('');

let daemon: DaemonProcess;
afterEach(() => daemon.dispose());

it('runs what was acknowledged once and records it true', { timeout: 120_000 }, async () => {
  const random = printedChance('kill -9 of the daemon while requests come');
  daemon = new DaemonProcess(TOML);
  await daemon.start();
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const asked = Array.from({ length: REQUESTS }, async (_, index) => {
      const number = round * REQUESTS + index + 1;
      const { run } = await daemon.client.run(`quick-${index + 1}`, { key: `quick-${number}`, args: [String(number)] });
      acknowledged.set(run.id, number);
    });
    const answers = Promise.allSettled(asked);
    await delay(Math.round(random() * SPREAD_MS));
    await daemon.kill();
    await answers;
    await daemon.start();
  }
  const runs = await daemon.until(async () => {
    const all = await daemon.runs();
    return all.every((run) => run.state === 'ended') ? all : null;
  });
  process.stdout.write(`${acknowledged.size} of ${ROUNDS * REQUESTS} acknowledged, ${runs.length} recorded\n`);

  const recorded = new Map(runs.map((run) => [run.id, run]));
  for (const [id, number] of acknowledged) {
    expect([number, recorded.get(id)?.exit, timesBegun(daemon, number)]).toEqual([
      number,
      { code: (number % 3) * 10, signal: null },
      1,
    ]);
  }
  const begun = Array.from({ length: ROUNDS * REQUESTS }, (_, index) => timesBegun(daemon, index + 1));
  expect(Math.max(...begun)).toBe(1);
  expect(begun.filter((times) => times === 1).length).toBe(runs.length);
  expect(daemon.rig.agents()).toEqual([]);
  await daemon.finish();
});
