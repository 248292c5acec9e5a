// Chooses who starts and holds the agents: the service manager or keepers, by `[factory] host` and what the machine has.

import { existsSync } from 'node:fs';
import { createKeeperHost } from '../adapters/keeper-client/host.ts';
import { createSystemdHost } from '../adapters/systemd/host.ts';
import { unitFolders } from '../config/env.ts';
import type { HostChoice } from '../core/fleet.ts';
import type { ExecutionHost } from '../ports/execution-host.ts';

/** Present where systemd is the init of this machine (sd_booted(3)). */
const SYSTEMD_RUNS = '/run/systemd/system';

/** What the choice depends on. */
export interface HostWish {
  readonly choice: HostChoice;
  readonly stateDir: string;
  readonly version: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: (message: string) => void;
  /** Told what failed where nobody waits for it. */
  readonly fail: (error: unknown) => void;
}

/** The host for `wish`. Errors: `systemd.cgroup` where systemd was asked for and cannot hold limits. */
export function makeExecutionHost(wish: HostWish): ExecutionHost {
  const { choice, stateDir, version, environment, log, fail } = wish;
  // `auto`: only a factory that is itself a service has its users and folders made for this.
  const systemd = choice === 'systemd' || (choice === 'auto' && isService(environment) && existsSync(SYSTEMD_RUNS));
  if (!systemd) {
    return createKeeperHost({ stateDir, version, log, fail });
  }
  const kind = process.getuid?.() === 0 ? 'system' : 'user';
  return createSystemdHost({ kind, stateDir, environment, log, fail });
}

function isService(environment: Readonly<Record<string, string>>): boolean {
  return unitFolders(environment).state !== null;
}
