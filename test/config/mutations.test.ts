// A thousand mistakes in the committed agents.toml: each is refused as a whole with words about it, or is no mistake.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { ConfigProblem } from '../../src/config/problem.ts';
import { readToml } from '../../src/config/toml.ts';
import { loadText } from '../support/load-config.ts';
import type { Mutation } from '../support/mutate-toml.ts';
import { mutateToml } from '../support/mutate-toml.ts';

const PATH = join(import.meta.dirname, '../../agents.toml');
const TEXT = readFileSync(PATH, 'utf8');
const FIRST_SEED = 20_261_121;
const COUNT = 1000;

/** Keys whose meaning hangs on another one: a change of the right one may be told at the left one. */
const REFERS: Readonly<Record<string, readonly string[]>> = {
  project: ['id', 'projects'],
  schedule: ['layer', 'event_only', 'events'],
  name: ['project'],
  cap: ['backoff'],
};

describe('a change of one line', () => {
  const seeds = Array.from({ length: COUNT }, (_, index) => FIRST_SEED + index);

  it('is told at the changed key, or one that refers to it, or not at all', () => {
    let valid = 0;
    for (const seed of seeds) {
      const mutation = mutateToml(TEXT, seed);
      const result = loadText(mutation.text, { path: PATH });
      const toml = readToml(mutation.text);
      const told = `seed ${seed}, ${mutation.what}: ${JSON.stringify(result.kind === 'errors' ? result.errors : [])}`;
      if (toml.kind === 'syntax') {
        expect(result, told).toMatchObject({ kind: 'errors', errors: [{ key: '' }] });
        expect(result.kind === 'errors' && (result.errors[0]?.line ?? 0) >= mutation.line, told).toBe(true);
        continue;
      }
      valid += 1;
      if (result.kind === 'ok') {
        expect(result.fleet.hash, told).toMatch(/^[0-9a-f]{64}$/);
        continue;
      }
      expect(result.errors.length, told).toBeGreaterThan(0);
      for (const error of result.errors) {
        expect(isAbout(error, mutation), `${told} ${error.key}`).toBe(true);
        expect(error.message, told).not.toMatch(/[\p{Cc}\p{Cs}]/u);
      }
    }
    expect(valid).toBeGreaterThanOrEqual(COUNT / 2);
  });

  it('is judged the same each time', () => {
    for (const seed of seeds.slice(0, 50)) {
      const { text } = mutateToml(TEXT, seed);

      expect(loadText(text, { path: PATH })).toEqual(loadText(text, { path: PATH }));
    }
  });
});

function isAbout(error: ConfigProblem, mutation: Mutation): boolean {
  const parts = error.key.split(/[.[\]]+/);
  const isNamed = mutation.names.some((name) => parts.includes(name) || error.message.includes(name));
  const refersTo = REFERS[parts.at(-1) ?? ''] ?? [];
  const onTheLine = error.line === mutation.line;
  return isNamed || onTheLine || refersTo.some((name) => mutation.names.includes(name));
}
