// Writes what is generated from the schema of agents.toml: agents.schema.json, and the table of keys in README.md.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { generatedFiles } from './generated-files.ts';

const ROOT = join(import.meta.dirname, '../..');

for (const [file, content] of generatedFiles((name) => readFileSync(join(ROOT, name), 'utf8'))) {
  writeFileSync(join(ROOT, file), content);
  console.log(`wrote ${file}`);
}
