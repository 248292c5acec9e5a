// adf upgrade: puts this version into force, or with --print shows how.

import type { Define } from '../command.ts';
import { defineInstalling } from '../installing.ts';

/** `adf upgrade [--print]` */
export const define: Define = defineInstalling('upgrade');
