// Finds the daemon of a configuration that says where it is, and tells why one was looked for where there is none.

import { statSync } from 'node:fs';
import type { ConfigPlace } from '../cli/local.ts';
import { usualSocket } from '../config/usual-socket.ts';
import { writtenSocket } from '../config/written-socket.ts';
import { OperationalError } from '../lib/operational-error.ts';
import { socketPath } from '../os/socket-path.ts';
import { configPath } from './config-path.ts';
import { controlSocket, load, loadOrThrow } from './config.ts';

const ASKED = { asService: false, foreground: false } as const;
const ANOTHER = 'a daemon with another state_dir is asked with --socket PATH';

/** The control socket of a configuration that names it, broken or not. Errors: those of a configuration that tells nothing. */
export function namedSocket(place: ConfigPlace): string {
  try {
    return controlSocket(loadOrThrow({ ...place, ...ASKED }).fleet);
  } catch (error) {
    // The daemon goes on with the last good configuration, and can be asked: by its answer a person sees what is wrong.
    const written = isBroken(error) ? writtenSocket(configPath(place.config)) : null;
    if (written === null) {
      throw error;
    }
    return socketPath(written);
  }
}

/** Why a daemon was looked for where none is, as far as the configuration is to blame; null: it is not. */
export function whyThere(place: ConfigPlace): string | null {
  const path = configPath(place.config);
  if (statSync(path, { throwIfNoEntry: false })?.size === 0) {
    return `${path} is empty: ${ANOTHER}`;
  }
  if (usualSocket(path) !== null) {
    return `${path} names no state_dir: ${ANOTHER}`;
  }
  return load({ ...place, ...ASKED }).kind === 'errors' ? `${path} has errors (adf check): ${ANOTHER}` : null;
}

function isBroken(error: unknown): boolean {
  return error instanceof OperationalError && error.code === 'config';
}
