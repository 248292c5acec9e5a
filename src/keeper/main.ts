// Entry of the keeper process: `main.ts FOLDER ID STATE_ID VERSION`, started detached by the keeper client.

import { flushCompileCache } from 'node:module';
import { Keeper } from './keeper.ts';

const [folder = '', id = '', stateId = '', version = ''] = process.argv.slice(2);
const keeper = new Keeper({ folder, id, stateId, version });
// A terminal's signals are meant for the daemon. SIGTERM comes when the machine goes down or a person wants us gone: the
// attempts still get their exits recorded, the last one takes us along.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
process.on('SIGTERM', () => keeper.end());
keeper.listen();
// Cached code is smaller than code whose types are stripped in memory, and each fork pays for our memory.
flushCompileCache();
