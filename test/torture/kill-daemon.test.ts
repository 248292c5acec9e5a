// Fifty deaths of the daemon at random moments, each under twenty live agents.

import { afterEach, expect, it } from 'vitest';
import { CREW, CREW_TOML, printedChance } from '../support/crew.ts';
import { dieOnce } from '../support/daemon-deaths.ts';
import { DaemonProcess } from '../support/daemon-process.ts';

const ROUNDS = 50;

let daemon: DaemonProcess;
afterEach(() => daemon.dispose());

it('loses nothing and runs nothing twice in fifty deaths', { timeout: 900_000 }, async () => {
  const random = printedChance('kill -9 of the daemon, fifty times');
  daemon = new DaemonProcess(CREW_TOML);
  await daemon.start();
  for (let round = 0; round < ROUNDS; round += 1) {
    await dieOnce(daemon, round, random);
  }
  expect((await daemon.runs()).length).toBe(ROUNDS * CREW);
  await daemon.finish();
});
