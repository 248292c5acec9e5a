// Frees the middle of an output file, by util-linux' fallocate: Node has no binding for it.

import type { Punch } from '../../os/output-file.ts';
import { runProgram } from '../program.ts';

const TIMEOUT_MS = 10_000;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A `Punch` that works where the file system can punch holes. */
export const punch: Punch = async (path, { from, to }) => {
  const { code } = await runProgram({
    argv: ['fallocate', '--punch-hole', '--offset', String(from), '--length', String(to - from), path],
    env: { PATH },
    timeoutMs: TIMEOUT_MS,
  });
  return code === 0;
};
