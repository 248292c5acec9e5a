// A key of agents.toml: its checked type together with everything a person can be told about it.

import * as z from 'zod';

import type { Kind } from './kinds.ts';

/** What is known of one key, for messages, `adf explain`, README and the JSON Schema. */
export interface KeyDoc {
  /** One sentence. */
  readonly meaning: string;
  /** Completes "must be …". */
  readonly allowed: string;
  /** A value as it would stand in the file. */
  readonly example: string;
  /** The value when the key is absent, as a person would say it; null: nothing is set. */
  readonly default: string | null;
  readonly required: boolean;
  /** What a plain number means; null: a plain number is no value, or just a count. */
  readonly unit: string | null;
  readonly expands: boolean;
  readonly secret: boolean;
}

/** What the author of a schema says about a key; `default` in words where the value depends on something. */
export interface Words {
  readonly means: string;
  readonly example: string;
  readonly default?: string;
}

const docs = z.registry<KeyDoc>();

/** A key that must be there. */
export function required<Schema extends z.ZodType>(kind: Kind<Schema>, words: Words): Schema {
  return register(kind.schema, kind, { words, required: true, default: null });
}

/** A key that may be absent. */
export function optional<Schema extends z.ZodType>(kind: Kind<Schema>, words: Words): z.ZodOptional<Schema> {
  return register(kind.schema.optional(), kind, { words, required: false, default: words.default ?? null });
}

/** A key that has `value` when it is absent; the default goes through the same checks as a written one. */
export function defaulted<Schema extends z.ZodType>(
  kind: Kind<Schema>,
  value: z.input<Schema>,
  words: Words,
): z.ZodPrefault<Schema> {
  const shown = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return register(kind.schema.prefault(value as never), kind, { words, required: false, default: shown });
}

function register<Schema extends z.ZodType>(
  schema: Schema,
  kind: Kind<z.ZodType>,
  more: { words: Words; required: boolean; default: string | null },
): Schema {
  // A clone, because a registry knows a schema by its identity, and kinds may be shared.
  const own = schema.meta({ description: more.words.means });
  docs.add(own, {
    meaning: more.words.means,
    allowed: kind.allowed,
    example: more.words.example,
    default: more.default,
    required: more.required,
    unit: kind.unit,
    expands: kind.expands,
    secret: kind.secret,
  });
  return own;
}

/** What is known of the key whose schema this is; null: it is none. */
export function docOf(schema: z.core.$ZodType): KeyDoc | null {
  return docs.get(schema as z.ZodType) ?? null;
}

/** A key with the way to it; lists are `[]`: `agents[].retry.max`. */
export interface KeyEntry extends KeyDoc {
  readonly path: string;
}

/** Every documented key below `schema`, in the order of the schema. */
export function keyEntries(schema: z.ZodType, prefix = ''): KeyEntry[] {
  const entries: KeyEntry[] = [];
  const doc = docOf(schema);
  if (doc !== null) {
    entries.push({ ...doc, path: prefix });
  }
  for (const inner of innerSchemas(schema)) {
    entries.push(...keyEntries(inner, prefix));
  }
  if (schema instanceof z.ZodArray) {
    entries.push(...keyEntries(schema.element as z.ZodType, `${prefix}[]`));
  }
  if (schema instanceof z.ZodObject) {
    for (const [name, value] of Object.entries<z.ZodType>(schema.shape)) {
      entries.push(...keyEntries(value, prefix === '' ? name : `${prefix}.${name}`));
    }
  }
  return entries;
}

function innerSchemas(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault) {
    return [schema.def.innerType as z.ZodType];
  }
  return schema instanceof z.ZodUnion ? (schema.options as z.ZodType[]) : [];
}
