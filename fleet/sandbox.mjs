// Sandbox: succeeds, unless the file .adf/sandbox/break-me exists. For watching the breaker work by hand.

import { existsSync, mkdirSync } from 'node:fs';

import { headIfAny, headline } from './git.mjs';

const FILE = '.adf/sandbox/break-me';

mkdirSync('.adf/sandbox', { recursive: true });
console.log(headline(headIfAny()));
if (existsSync(FILE)) {
  console.log(`${FILE} exists: failing as asked (to stop this: rm ${FILE})`);
  process.exitCode = 1;
} else {
  console.log(`all well; to see the breaker trip: touch ${FILE}`);
}
