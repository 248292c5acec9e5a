// adf uninstall: takes the service away, or with --print shows how.

import type { Define } from '../command.ts';
import { defineInstalling } from '../installing.ts';

/** `adf uninstall [--print]` */
export const define: Define = defineInstalling('uninstall');
