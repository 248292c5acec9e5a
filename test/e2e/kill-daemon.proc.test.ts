// The daemon dies by kill -9 while twenty agents work: the next one finds all of them, and records each end once and true.

import { it, onTestFinished } from 'vitest';
import { CREW_TOML } from '../support/crew.ts';
import { dieOften } from '../support/daemon-deaths.ts';
import { DaemonProcess } from '../support/daemon-process.ts';

it('loses nothing and runs nothing twice when it is killed at random moments', { timeout: 120_000 }, async () => {
  const daemon = new DaemonProcess(CREW_TOML);
  onTestFinished(async () => daemon.dispose());
  await dieOften(daemon, 5);
});
