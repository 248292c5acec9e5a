// Writes what is generated from schemas: agents.schema.json, rejection-reason.schema.json, and the tables in README.md.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { generatedFiles } from './generated-files.ts';

const ROOT = join(import.meta.dirname, '../..');

for (const [file, content] of generatedFiles((name) => readFileSync(join(ROOT, name), 'utf8'))) {
  writeFileSync(join(ROOT, file), content);
  console.log(`wrote ${file}`);
}
