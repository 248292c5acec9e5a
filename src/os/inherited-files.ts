// Closes what a process inherited from whoever started the daemon: a lock or pipe of theirs must not live as long as we do.

import { closeSync, readdirSync } from 'node:fs';
import { readSmall } from './read-small.ts';

const CLOSE_ON_EXEC = 0o2000000;

/** Closes every file above stderr that would be handed on to children: Node marks all of its own as close-on-exec. */
export function closeInheritedFiles(): void {
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readSmall(`/proc/self/fdinfo/${fd}`) ?? '')?.[1];
    if (fd > 2 && flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0) {
      closeSync(fd);
    }
  }
}
