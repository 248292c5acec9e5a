// Fifty deaths of the daemon at random moments, each under twenty live agents.

import { it, onTestFinished } from 'vitest';
import { CREW_TOML } from '../support/crew.ts';
import { dieOften } from '../support/daemon-deaths.ts';
import { DaemonProcess } from '../support/daemon-process.ts';

it('loses nothing and runs nothing twice in fifty deaths', { timeout: 900_000 }, async () => {
  const daemon = new DaemonProcess(CREW_TOML);
  onTestFinished(async () => daemon.dispose());
  await dieOften(daemon, 50);
});
