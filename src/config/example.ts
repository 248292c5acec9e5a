// Reads the example of a key as the value that it would be in a file.

import type { TomlValue } from './toml.ts';
import { readToml } from './toml.ts';

/** The value of `example`, a piece of TOML; throws when it is none, which is a mistake in the schema. */
export function exampleValue(example: string): TomlValue {
  const read = readToml(`example = ${example}`);
  if (read.kind === 'syntax') {
    throw new Error(`the example ${example} is no TOML: ${read.message}`);
  }
  return read.document.root['example'] ?? null;
}
