// The committed JSON Schema and the table of keys in README say what the schema says.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { exampleValue } from '../../src/config/example.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { KEYS } from '../../src/config/schema.ts';
import { readToml } from '../../src/config/toml.ts';
import { generatedFiles } from '../support/generated-files.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

describe('generated files', () => {
  it.each(generatedFiles(read))('%s is what `npm run generate` writes', (file, content) => {
    expect(read(file)).toBe(content);
  });

  it('README has the table of keys', () => {
    expect(read('README.md')).toContain('| `[[agents]] retry.max` |');
  });
});

describe('the JSON Schema', () => {
  const schema = z.fromJSONSchema(jsonSchema());
  const accepts = (text: string): boolean => {
    const toml = readToml(text);
    return toml.kind === 'ok' && schema.safeParse(toml.document.root).success;
  };

  it('accepts the committed agents.toml', () => {
    expect(accepts(read('agents.toml'))).toBe(true);
  });

  it.each([
    ['[factory]\nstate_dir = "${HOME}/adf"', true],
    ['[gitea]\nurl = "${URL}"\ntoken_file = "${FILE}"\nowner = "o"\nrepository = "r"', true],
    ['[gitea]\nurl = "x"\ntoken_file = "/f"\nowner = "o"\nrepository = "r"', false],
    ['[factory]\nqueue_timeout = "10m"', true],
    ['[factory]\nqueue_timeout = "10 minutes"', false],
    ['[factory]\nqueue_timeout = 10', false],
    ['[facotry]', false],
    ['[[agents]]\nname = "a"\nlayer = "Core"\ncli_tool = "a"\npre_check = "always"', true],
    ['[[agents]]\nname = "a"\nlayer = "Core"\ncli_tool = "a"\npre_check = { kind = "shell", script = "true" }', true],
    ['[[agents]]\nname = "a"\nlayer = "Core"\ncli_tool = "a"\npre_check = "never"', false],
    ['[[agents]]\nname = "a"\nlayer = "core"\ncli_tool = "a"', false],
    ['[[agents]]\nname = "a"\nlayer = "Core"', false],
  ])('judges %j as %j', (text, expected) => {
    expect(accepts(text)).toBe(expected);
  });

  it.each(KEYS.map((key) => [key.path, key.example]))('has an example of %s that is TOML: %s', (_path, example) => {
    expect(exampleValue(example)).not.toBeNull();
  });
});
