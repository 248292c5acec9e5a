// Frees the middle of an output file.

import { punchArgv, type Punch } from '../../os/output-file.ts';
import { SYSTEM_PATH } from '../../os/system-path.ts';
import { runProgram } from '../program.ts';

const TIMEOUT_MS = 10_000;

/** A `Punch` that works where the file system can punch holes. */
export const punch: Punch = async (path, cut) => {
  const { code } = await runProgram({
    argv: punchArgv(path, cut),
    env: { PATH: SYSTEM_PATH },
    timeoutMs: TIMEOUT_MS,
  });
  return code === 0;
};
