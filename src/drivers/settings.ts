// Refuses a start whose settings a CLI cannot hold: a permission that is silently ignored would be a lie.

import type { DriverSettings } from '../core/fleet.ts';
import { OperationalError } from '../lib/operational-error.ts';

/** The settings that a driver may know; the budget is not among them, we can hold it ourselves. */
export type HeldSetting = 'permissionMode' | 'allowedTools' | 'deniedTools' | 'maxTurns';

const KEYS: Readonly<Record<HeldSetting, string>> = {
  permissionMode: 'permission_mode',
  allowedTools: 'allowed_tools',
  deniedTools: 'denied_tools',
  maxTurns: 'max_turns',
};

/** Throws OperationalError `launch.unsupported_setting` when `settings` has one that `cli` does not know. */
export function refuseUnknown(cli: string, settings: DriverSettings, known: readonly HeldSetting[]): void {
  const set = (Object.keys(KEYS) as HeldSetting[]).filter((name) => {
    const value = settings[name];
    return Array.isArray(value) ? value.length > 0 : value !== null;
  });
  const unknown = set.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new OperationalError(
      'launch.unsupported_setting',
      `${cli} has no option for ${KEYS[unknown]}; remove the key, or put what it should do into args or its own configuration`,
    );
  }
}

/** `mode` if it is one of `modes`; throws OperationalError `launch.permission_mode` when it is another. */
export function permissionMode(cli: string, mode: string, modes: readonly string[]): string {
  if (!modes.includes(mode)) {
    throw new OperationalError(
      'launch.permission_mode',
      `${cli} knows no permission_mode "${mode}"; it knows ${modes.join(', ')}`,
    );
  }
  return mode;
}
