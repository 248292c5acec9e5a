// The daemon dies by kill -9 while fifty requests are handed in: what it acknowledged runs once, what it did not runs once or never.

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { adfAt } from '../support/cli.ts';
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

let repeated = 0;
const unanswered: string[] = [];

async function byClient(agent: string, number: number): Promise<string> {
  return (await daemon.client.run(agent, { key: `quick-${number}`, args: [String(number)] })).run.id;
}

/** As `adf run` asks: once more with the same key, when the daemon is `back`, if the first reply was lost. */
async function byCommand(agent: string, number: number, back: Promise<void>): Promise<string> {
  const argv = ['run', agent, '--json', '--key', `quick-${number}`, '--', String(number)];
  const { code, out, err } = await adfAt(daemon.rig.path('adf.sock'), argv, { wait: () => back });
  const isRepeated = err.includes('asking again with the same key');
  repeated += isRepeated ? 1 : 0;
  if (code !== 0) {
    // A daemon that is back has to answer.
    unanswered.push(...(isRepeated ? [err] : []));
    throw new Error(err);
  }
  return (JSON.parse(out) as { readonly run: { readonly id: string } }).run.id;
}

it('runs what was acknowledged once and records it true', { timeout: 120_000 }, async () => {
  const random = printedChance('kill -9 of the daemon while requests come');
  daemon = new DaemonProcess(TOML);
  await daemon.start();
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const back = Promise.withResolvers<void>();
    const asked = Array.from({ length: REQUESTS }, async (_, index) => {
      const number = round * REQUESTS + index + 1;
      const agent = `quick-${index + 1}`;
      const id = index % 2 === 0 ? await byClient(agent, number) : await byCommand(agent, number, back.promise);
      acknowledged.set(id, number);
    });
    const answers = Promise.allSettled(asked);
    // No fact is waited for: the moment of the death is the chance.
    await delay(Math.round(random() * SPREAD_MS));
    await daemon.kill();
    await daemon.start();
    back.resolve();
    await answers;
  }
  const runs = await daemon.until(async () => {
    const all = await daemon.runs();
    return all.every((run) => run.state === 'ended') ? all : null;
  });
  process.stdout.write(
    `${acknowledged.size} of ${ROUNDS * REQUESTS} acknowledged (${repeated} asked for twice), ${runs.length} recorded\n`,
  );

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
  expect(unanswered).toEqual([]);
  expect(daemon.rig.agents()).toEqual([]);
  await daemon.finish();
});
