// Entry of the keeper process: `main.ts FOLDER ID STATE_ID VERSION`, started detached by the keeper client.

import { flushCompileCache, getCompileCacheDir } from 'node:module';
import { closeInheritedFiles } from '../os/inherited-files.ts';
import { Keeper } from './keeper.ts';

/** 53 MB after a start from cached code, 79 MB when the types had to be stripped from it: each fork copies that for ever. */
const LEAN_BYTES = 64 * 1024 * 1024;
const SECOND_TRY = 'again';

const [folder = '', id = '', stateId = '', version = '', round = ''] = process.argv.slice(2);
// What was compiled now is cached from here on: the same process, begun anew, is a third smaller.
flushCompileCache();
if (process.memoryUsage.rss() > LEAN_BYTES && getCompileCacheDir() !== undefined && round !== SECOND_TRY) {
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1), SECOND_TRY]);
}
closeInheritedFiles();
const keeper = new Keeper({ folder, id, stateId, version });
// A terminal's signals are the daemon's. At SIGTERM (the machine goes down) attempts still get their exits recorded.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
process.on('SIGTERM', () => keeper.end());
keeper.listen();
