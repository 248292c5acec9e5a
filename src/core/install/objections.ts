// Says what of agents.toml a service of this machine could not keep, so that nothing is installed that would then not work.

import type { Factory } from '../fleet.ts';
import type { Layout } from './layout.ts';

/** What the choice depends on; `socket` is where the daemon would listen. */
export interface InstalledFactory extends Pick<Factory, 'host' | 'stateDir'> {
  readonly socket: string;
}

/** One sentence each, with its cure; none: a service can keep all of it. */
export function objections({ host, stateDir, socket }: InstalledFactory, place: Layout): readonly string[] {
  return [
    ...(host === 'keeper' ? [`host = "keeper": ${KEEPER_IN_SERVICE}: write host = "systemd"`] : []),
    ...(stateDir === place.stateDir
      ? []
      : [
          `state_dir is ${stateDir}: the service can write its own state folder alone, and the dead-man watches that one: write state_dir = "${place.stateDir}" (for another disk, mount it there)`,
        ]),
    ...(socket === place.socket
      ? []
      : [
          `socket is ${socket}: operators can pass the runtime folder of the service alone: write socket = "${place.socket}"`,
        ]),
  ];
}

const KEEPER_IN_SERVICE =
  'a keeper would live in the group of the service, so that each restart ends every agent, and agents would run as root';

/** Those that leave the other processes of a group alone. */
const HARMLESS_KILL_MODES: readonly string[] = ['process', 'none'];

/**
 * What is wrong with keepers in the service `unit`, with its cure; null: nothing, they outlive its restarts. `refused`: root has
 * a manager that can hold agents instead.
 */
export function keepersInService(
  service: { readonly unit: string; readonly systemctl: readonly string[]; readonly killMode: string },
  isRoot: boolean,
): { readonly refused: boolean; readonly text: string; readonly cure: string } | null {
  const { unit, systemctl, killMode } = service;
  if (HARMLESS_KILL_MODES.includes(killMode)) {
    return null;
  }
  const text = `keepers live in the group of ${unit}: each restart of it ends every agent`;
  return isRoot
    ? {
        refused: true,
        text,
        cure: 'write host = "systemd" in [factory]; without cgroup v2, KillMode=process in the unit',
      }
    : { refused: false, text, cure: `${systemctl.join(' ')} edit ${unit}: [Service] KillMode=process` };
}
