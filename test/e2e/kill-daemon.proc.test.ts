// The daemon dies by kill -9 while twenty agents work: the next one finds all of them, and records each end once and true.

import { afterEach, expect, it } from 'vitest';
import { CREW, CREW_TOML, printedChance } from '../support/crew.ts';
import { dieOnce } from '../support/daemon-deaths.ts';
import { DaemonProcess } from '../support/daemon-process.ts';

const ROUNDS = 5;

let daemon: DaemonProcess;
afterEach(() => daemon.dispose());

it('loses nothing and runs nothing twice when it is killed at random moments', { timeout: 120_000 }, async () => {
  const random = printedChance('kill -9 of the daemon');
  daemon = new DaemonProcess(CREW_TOML);
  await daemon.start();
  for (let round = 0; round < ROUNDS; round += 1) {
    await dieOnce(daemon, round, random);
  }
  expect((await daemon.runs()).length).toBe(ROUNDS * CREW);
  await daemon.finish();
});
