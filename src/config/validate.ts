// Checks tables against their schemas and tells every problem in words: what was found, what is allowed, what was meant.

import type * as z from 'zod';
import { safeParse } from 'zod';

import { nearestName } from '../lib/nearest.ts';
import type { KeyPath } from './problem.ts';
import { didYouMean, quote } from './problem.ts';
import { childKeys, keyAt } from './schema.ts';
import type { Source } from './source.ts';
import { pattern } from './source.ts';
import type { TomlValue } from './toml.ts';

/** Keys that people write where a secret would stand in the file. */
const SECRET_KEYS = new Set(['token', 'password', 'secret', 'api_key', 'apikey', 'access_token']);

/**
 * Checks `value`, the table at `path` of `source`. Answers the values that passed: all of them, with defaults, when the
 * table is right; else those keys that are right by themselves, so that everything else can still be checked.
 */
export function checkTable<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  value: TomlValue,
  at: { readonly source: Source; readonly path: KeyPath },
): Partial<z.output<z.ZodObject<Shape, z.core.$strict>>> {
  const result = schema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  for (const issue of result.error.issues) {
    reportIssue(issue, at);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {};
  }
  const passed: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries<z.core.$ZodType>(schema.shape)) {
    const one = safeParse(inner, value[key]);
    if (one.success) {
      passed[key] = one.data;
    }
  }
  return passed as Partial<z.output<typeof schema>>;
}

function reportIssue(issue: z.core.$ZodIssue, at: { readonly source: Source; readonly path: KeyPath }): void {
  const { source } = at;
  const path = [...at.path, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      reportUnknownKey(source, [...path, key]);
    }
    return;
  }
  const meant = issue.code === 'invalid_union' ? meantForm(issue.errors) : null;
  if (meant !== null) {
    for (const inner of meant) {
      reportIssue(inner, { source, path });
    }
    return;
  }
  if (source.isBad(path)) {
    return;
  }
  const doc = keyAt(pattern(path));
  const allowed = `must be ${doc?.allowed ?? 'a table'}`;
  if (issue.code === 'invalid_key') {
    source.error(path, `${quote(String(path.at(-1)))} is no name of a variable; ${allowed}`, 'key');
  } else if (source.has(path)) {
    source.error(path, `${source.show(path)}: ${allowed}`);
  } else {
    source.error(path, `missing; ${allowed}${doc === null ? '' : `, such as ${doc.example}`}`);
  }
}

/** The problems of the one form (word or table) that was meant, where only one of them fits what was written. */
function meantForm(forms: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | null {
  const fitting = forms.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

const LISTED_KEYS = 12;

/** The tables at the top of a file. */
const HOMES = childKeys('').flatMap((name) => [name, `${name}[]`]);

function headerOf(table: string): string {
  return table.endsWith('[]') ? `[[${table.slice(0, -2)}]]` : `[${table}]`;
}

/** Reports that no key of ours is called like the last part of `path`, with the nearest one that is. */
export function reportUnknownKey(source: Source, path: KeyPath): void {
  const key = String(path.at(-1));
  const home = pattern(path.slice(0, -1));
  const known = childKeys(home);
  const secretHome = known.find((name) => name === `${key}_file`);
  if (secretHome !== undefined || SECRET_KEYS.has(key.toLowerCase())) {
    const remedy = secretHome === undefined ? '' : ` and write ${secretHome} = "/path/of/that/file"`;
    source.error(path, `a secret may not stand in this file: put it in a file of its own (mode 0600)${remedy}`, 'key');
    return;
  }
  const homes = home === '' ? [] : HOMES.filter((table) => childKeys(table).includes(key)).map(headerOf);
  if (homes.length > 0) {
    const message = `unknown key here; it belongs to ${homes.join(' or ')}: is a header missing above it?`;
    source.error(path, message, 'key');
    return;
  }
  const nearest = nearestName(key, known) ?? nearestBeginning(key, known);
  const allowed =
    known.length > LISTED_KEYS
      ? `${['adf explain', home.replaceAll('[]', '')].join(' ').trimEnd()} lists the known ones`
      : `known here: ${known.join(', ')}`;
  source.error(path, nearest === null ? `unknown key; ${allowed}` : `unknown key${didYouMean(nearest)}`, 'key');
}

/** The known name whose beginning is nearest to `key`: "max_memroy" is meant to be "max_memory_bytes". */
function nearestBeginning(key: string, known: readonly string[]): string | null {
  const beginnings = new Map(known.map((name) => [name.slice(0, key.length), name]));
  const nearest = key.length < 4 ? null : nearestName(key, beginnings.keys());
  return nearest === null ? null : (beginnings.get(nearest) ?? null);
}
