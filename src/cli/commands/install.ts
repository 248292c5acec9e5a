// adf install: makes this machine a build host, or with --print shows how.

import type { Define } from '../command.ts';
import { defineInstalling } from '../installing.ts';

/** `adf install [--print]` */
export const define: Define = defineInstalling('install');
