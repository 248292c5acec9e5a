// What the generated files must contain; the generator writes it and a test compares it.

import { keyTable } from '../../src/config/explain.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';

const TABLE = /(<!-- keys: [^\n]* -->\n)[^]*?(<!-- end of keys -->)/;

/** Names and contents; `read` gives the present text of a file that is generated in part. */
export function generatedFiles(read: (name: string) => string): readonly (readonly [string, string])[] {
  return [
    ['agents.schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`],
    ['README.md', read('README.md').replace(TABLE, (_, begin: string, end: string) => `${begin}${keyTable()}\n${end}`)],
  ];
}
