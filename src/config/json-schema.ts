// Writes the schema of agents.toml as JSON Schema, so that editors complete and check the file while it is typed.

import * as z from 'zod';

import { exampleValue } from './example.ts';
import { docOf } from './key.ts';
import { fileSchema } from './schema.ts';

/** The JSON Schema (draft 7, which TOML editors understand); committed as agents.schema.json. */
export function jsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(fileSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema: json }) => {
      const doc = docOf(zodSchema);
      if (doc === null) {
        return;
      }
      json.description = [
        doc.meaning,
        `Must be ${doc.allowed}.`,
        doc.default === null ? '' : `Default: ${doc.default}.`,
      ]
        .filter((sentence) => sentence !== '')
        .join(' ');
      json.examples = [exampleValue(doc.example)];
      if (doc.expands && json.pattern !== undefined) {
        // The editor sees the reference, not the value that will be checked.
        json.pattern = `${json.pattern}|\\$\\{`;
      }
    },
  });
  return { ...schema, title: 'agents.toml of Dark Factory' };
}
