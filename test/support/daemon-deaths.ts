// One round of killing the daemon under twenty live agents, for the quick test and the long one.

import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { crewOf, CREW, ended, expectTrueEnds, printedChance, release, startCrew } from './crew.ts';
import type { DaemonProcess } from './daemon-process.ts';

/** Longest time between the word to end and the death, either way; agents look at it twice a second. */
const SPREAD_MS = 700;

/** A factory with twenty agents whose daemon dies `rounds` times: each run is there once, and nothing else. */
export async function dieOften(daemon: DaemonProcess, rounds: number): Promise<void> {
  const random = printedChance(`kill -9 of the daemon, ${rounds} times`);
  await daemon.start();
  for (let round = 0; round < rounds; round += 1) {
    await dieOnce(daemon, round, random);
  }
  expect((await daemon.runs()).length).toBe(rounds * CREW);
  await daemon.finish();
}

/**
 * Twenty agents live; the daemon dies by -9 at a random moment around their ends (in the first round before all of them);
 * the next one records each end once, as it was. No fact is waited for: the moment of the death is the chance.
 */
async function dieOnce(daemon: DaemonProcess, round: number, random: () => number): Promise<void> {
  const numbers = crewOf(round);
  const ids = await startCrew(daemon, numbers);
  const leadMs = round === 0 ? null : Math.round((random() * 2 - 1) * SPREAD_MS);
  if (leadMs !== null && leadMs > 0) {
    release(daemon, numbers);
    await delay(leadMs);
  }
  await daemon.kill();
  daemon.launch();
  if (leadMs !== null && leadMs <= 0) {
    await delay(-leadMs);
    release(daemon, numbers);
  }
  await daemon.standing();
  const held = (await daemon.facts()).findLast((fact) => fact.kind === 'daemon.started');
  if (leadMs === null) {
    expect(held).toMatchObject({ held: CREW });
    release(daemon, numbers);
  }
  const runs = await ended(daemon, ids);
  const facts = await daemon.facts();
  await expectTrueEnds(daemon, { numbers, runs, facts });
  expect(facts.filter((fact) => fact.kind === 'stray.found')).toEqual([]);
  expect(daemon.rig.agents()).toEqual([]);
}
