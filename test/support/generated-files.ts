// What the generated files must contain; the generator writes it and a test compares it.

import { keyTable } from '../../src/config/explain.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { treatmentTable } from '../../src/core/run/failure-class.ts';
import { capabilityTable } from '../../src/drivers/capability-table.ts';
import { DRIVERS } from '../../src/drivers/registry.ts';
import { rejectionJsonSchema } from '../../src/http/rejection-schema.ts';

/** Parts of README.md by the name in their marks. */
const PARTS: ReadonlyMap<string, () => string> = new Map([
  ['keys', keyTable],
  ['endings', treatmentTable],
  ['drivers', () => capabilityTable(DRIVERS)],
]);

/** A part with its marks; the look-behind and look-ahead keep them out of what is replaced. */
const PART = /(?<=<!-- (\w+): [^\n]* -->\n)[^]*?(?=<!-- end of \1 -->)/g;

/** Names and contents; `read` gives the present text of a file that is generated in part. */
export function generatedFiles(read: (name: string) => string): readonly (readonly [string, string])[] {
  return [
    ['agents.schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`],
    ['rejection-reason.schema.json', `${JSON.stringify(rejectionJsonSchema(), null, 2)}\n`],
    ['README.md', read('README.md').replace(PART, (_, name: string) => `${written(name)}\n`)],
  ];
}

function written(name: string): string {
  const write = PARTS.get(name);
  if (write === undefined) {
    throw new Error(`README.md: nothing writes the part "${name}"; known are ${[...PARTS.keys()].join(', ')}`);
  }
  return write().trimEnd();
}
