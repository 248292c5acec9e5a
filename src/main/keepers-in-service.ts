// Looks whether a factory whose agents are held by keepers is itself a service, whose restarts would end them.

import { serviceOf } from '../adapters/host/running-service.ts';
import type { HostChoice } from '../core/fleet.ts';
import { keepersInService } from '../core/install/objections.ts';

/** A factory that runs, or is about to. */
export interface KeeperQuestion {
  readonly choice: HostChoice;
  readonly pid: number;
  readonly isRoot: boolean;
  readonly environment: Readonly<Record<string, string>>;
}

/** What is wrong with the keepers of the factory `pid`; null: nothing, or it has none. */
export async function askOfKeepers(
  { choice, pid, isRoot, environment }: KeeperQuestion,
  find: typeof serviceOf = serviceOf,
): Promise<ReturnType<typeof keepersInService>> {
  const service = choice === 'systemd' ? null : await find(pid, environment);
  const hasKeepers = choice === 'keeper' || service?.hasStateDirectory === false;
  return service === null || !hasKeepers ? null : keepersInService(service, isRoot);
}
