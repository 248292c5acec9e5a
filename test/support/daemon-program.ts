// A daemon that a test can kill -9: connects, starts what it is given, and prints each start that it was told of.
//
// Usage: daemon-program.ts STATE_DIR SPECS_JSON_FILE

import { readFileSync, writeSync } from 'node:fs';
import { createKeeperHost } from '../../src/adapters/keeper-client/host.ts';
import type { StartSpec } from '../../src/ports/execution-host.ts';

const [stateDir = '', specsPath = ''] = process.argv.slice(2);
const specs = JSON.parse(readFileSync(specsPath, 'utf8')) as StartSpec[];
const host = createKeeperHost({ stateDir, version: 'test' });
await host.connect({ cursors: [], held: [] }, (event) => {
  if (event.kind === 'started') {
    writeSync(1, `${event.attemptId}\n`);
  }
});
writeSync(1, 'connected\n');
await Promise.all(specs.map((spec) => host.start(spec)));
writeSync(1, 'all\n');
