// The kinds of value a key can have: how each is checked, and how a person is told what is allowed.

import { isIP } from 'node:net';

import * as z from 'zod';

import { formatBytes, parseBytes } from '../lib/bytes.ts';
import { formatDuration, parseDuration } from '../lib/duration.ts';

/** One kind of value. `allowed` completes the sentence "must be …". */
export interface Kind<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly allowed: string;
  /** What a plain number means, where one is accepted. */
  readonly unit: string | null;
  /** `${NAME}` takes a value from the environment here. */
  readonly expands: boolean;
  /** The value is never printed. */
  readonly secret: boolean;
}

/** A kind made of other kinds: a table, or a word that stands for one. */
export function composite<Schema extends z.ZodType>(schema: Schema, allowed: string): Kind<Schema> {
  return kind(schema, allowed);
}

function kind<Schema extends z.ZodType>(
  schema: Schema,
  allowed: string,
  more: { unit?: string; expands?: boolean; secret?: boolean } = {},
): Kind<Schema> {
  return {
    schema,
    allowed,
    unit: more.unit ?? null,
    expands: more.expands ?? false,
    secret: more.secret ?? false,
  };
}

const MAX_TEXT = 4096;
const MAX_TASK = 1024 * 1024;
const MAX_LIST = 1000;
const ONE_LINE = /^.*$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** TOML can write a NUL, no argument, path or environment can hold one. */
const hasNoNul = (text: string): boolean => !text.includes('\0');
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The id of a project or the name of an agent: it becomes a file name and an argument. */
export const name = (): Kind<z.ZodString> =>
  kind(
    z.string().regex(NAME),
    '1 to 64 letters, digits, dots, dashes or underscores, beginning with a letter or digit',
  );

/** A short text on one line; `${NAME}` is replaced where `expands`. */
export const text = (expands: 'expands' | 'literal' = 'literal'): Kind<z.ZodString> =>
  kind(z.string().min(1).max(MAX_TEXT).regex(ONE_LINE).refine(hasNoNul), 'text on one line, not empty', {
    expands: expands === 'expands',
  });

/** A prompt or script, over as many lines as it takes; nothing is replaced in it. */
export const longText = (): Kind<z.ZodString> =>
  kind(z.string().min(1).max(MAX_TASK).refine(hasNoNul), 'text, not empty, at most 1 MiB');

/** A path; relative ones start at the file they stand in. */
export const path = (expands: 'expands' | 'literal' = 'expands'): Kind<z.ZodString> =>
  kind(z.string().min(1).max(MAX_TEXT).regex(ONE_LINE).refine(hasNoNul), 'a path, absolute or relative to this file', {
    expands: expands === 'expands',
  });

/** Folders by what they are of. */
export const folders = (): Kind<z.ZodRecord<z.ZodString, z.ZodString>> =>
  kind(
    z.record(z.string().min(1).max(MAX_TEXT).regex(ONE_LINE), path().schema),
    'a table of paths, absolute or relative to this file',
    { expands: true },
  );

/** Where a secret is kept, never the secret: a path that shows itself as one, or the name of a systemd credential. */
export const secretFile = (): Kind<z.ZodString> =>
  kind(
    z
      .string()
      .max(MAX_TEXT)
      .regex(/^(?:\.{0,2}\/.+|credential:[A-Za-z0-9._-]+)$/)
      .refine(hasNoNul),
    'the path of a file that holds the secret (beginning with "/", "./" or "../") or "credential:NAME"; never the secret itself',
    { expands: true, secret: true },
  );

/** Where secrets are kept, by the names of the variables that hold them. */
export const secretFiles = (): Kind<z.ZodRecord<z.ZodString, z.ZodString>> =>
  kind(
    z.record(z.string().regex(VARIABLE), secretFile().schema),
    'a table of variables with the path of the file that holds the secret, or "credential:NAME"; never the secret itself',
    { expands: true, secret: true },
  );

/** A web address without a password in it. */
export const url = (): Kind<z.ZodString> =>
  kind(
    z
      .string()
      .max(MAX_TEXT)
      .regex(/^https?:\/\/[^\s@/?#]+(?:\/[^\s@?#]*)?$/),
    'an address such as "https://git.example.org", without user name, password or query',
    { expands: true, secret: true },
  );

/** true or false. */
export const flag = (): Kind<z.ZodBoolean> => kind(z.boolean(), 'true or false');

/** One of a few words. */
export const choice = <const Values extends readonly [string, ...string[]]>(
  values: Values,
): Kind<z.ZodEnum<z.core.util.ToEnum<Values[number]>>> =>
  kind(z.enum(values), values.map((value) => `"${value}"`).join(' or '));

/** Some of a few words. */
export const choices = <const Values extends readonly [string, ...string[]]>(
  values: Values,
): Kind<z.ZodArray<z.ZodEnum<z.core.util.ToEnum<Values[number]>>>> =>
  kind(z.array(z.enum(values)).max(MAX_LIST), `a list of ${values.map((value) => `"${value}"`).join(', ')}`);

/** A whole number within bounds; `unit` says what it counts. */
export const whole = (min: number, max: number, unit?: string): Kind<z.ZodInt> =>
  kind(z.int().min(min).max(max), `a whole number from ${min} to ${max}`, unit === undefined ? {} : { unit });

/** Money, whole or with a fraction. */
export const dollars = (): Kind<z.ZodNumber> =>
  kind(z.number().min(0).max(1_000_000), 'a number from 0 to 1000000', { unit: 'US dollars' });

/** A list of texts. */
export const texts = (expands: 'expands' | 'literal' = 'literal'): Kind<z.ZodArray<z.ZodString>> =>
  kind(
    z.array(z.string().min(1).max(MAX_TEXT).regex(ONE_LINE).refine(hasNoNul)).max(MAX_LIST),
    'a list of texts, none of them empty',
    { expands: expands === 'expands' },
  );

/** Arguments of a program: any text, also empty, nothing is replaced in it. */
export const words = (): Kind<z.ZodArray<z.ZodString>> =>
  kind(z.array(z.string().max(MAX_TASK).refine(hasNoNul)).max(MAX_LIST), 'a list of texts');

/** A branch or commit of git, which must never be taken for an option. */
export const gitName = (): Kind<z.ZodString> =>
  kind(
    z
      .string()
      .max(200)
      .regex(/^[A-Za-z0-9_][A-Za-z0-9._/-]*$/),
    'a branch or commit, such as "main"',
  );

/** A list of names. */
export const names = (): Kind<z.ZodArray<z.ZodString>> =>
  kind(
    z.array(z.string().regex(NAME)).max(MAX_LIST),
    'a list of names, each of 1 to 64 letters, digits, dots, dashes or underscores',
  );

/** IP addresses and networks. */
export const addresses = (): Kind<z.ZodArray<z.ZodString>> =>
  kind(
    z.array(z.string().refine(isNetwork)).max(MAX_LIST),
    'a list of IP addresses or networks such as ["10.0.0.0/8", "::1"]',
  );

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  const isLength = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
  return family !== 0 && isLength && rest.length === 0;
}

/** Names of environment variables. */
export const variableNames = (): Kind<z.ZodArray<z.ZodString>> =>
  kind(z.array(z.string().regex(VARIABLE)).max(MAX_LIST), 'a list of variable names such as ["LANG", "HTTPS_PROXY"]');

/** Environment variables with their values. */
export const variables = (): Kind<z.ZodRecord<z.ZodString, z.ZodString>> =>
  kind(
    z.record(z.string().regex(VARIABLE), z.string().max(MAX_TASK).refine(hasNoNul)),
    'a table of variables with text values, such as { LANG = "C.UTF-8" }',
    { expands: true, secret: true },
  );

/** The checked form of a size or duration: the number in its smallest unit. */
export type Measure = z.ZodType<number, string | number>;

/** A length of time; the result is milliseconds. A plain number is accepted only where the key's name has the unit. */
export function duration(bounds: { min: string; max: string; unit?: 'seconds' }): Kind<Measure> {
  const min = parseDuration(bounds.min) ?? 0;
  const max = parseDuration(bounds.max) ?? 0;
  const { unit } = bounds;
  return measure({
    pattern: /^\s*(?:\d+(?:\.\d+)?\s*(?:ms|[smhdw])\s*)+$/,
    parse: (text) => parseDuration(text),
    min,
    max,
    allowed: `a duration with its unit (${formatDuration(min)} to ${formatDuration(max)}), such as "90s", "10m" or "2h"`,
    number: unit === undefined ? null : { unit, factor: 1000 },
  });
}

/** A size; the result is bytes. A plain number is accepted only where the key's name has the unit. */
export function size(bounds: { min: string; max: string; unit?: 'bytes' }): Kind<Measure> {
  const min = parseBytes(bounds.min) ?? 0;
  const max = parseBytes(bounds.max) ?? 0;
  const { unit } = bounds;
  return measure({
    pattern: /^\s*\d+(?:\.\d+)?\s*(?:[kKmMgGtT][iI]?[bB]?|[bB])\s*$/,
    parse: (text) => parseBytes(text),
    min,
    max,
    allowed: `a size with its unit (${formatBytes(min)} to ${formatBytes(max)}), such as "512MiB" or "2GiB"`,
    number: unit === undefined ? null : { unit, factor: 1 },
  });
}

/** A share of processor time; 100 is one processor. The result is percent. */
export const percent = (): Kind<Measure> =>
  measure({
    pattern: /^\s*\d+\s*%\s*$/,
    parse: (text) => Number(text.replace('%', '')),
    min: 1,
    max: 100_000,
    allowed: 'a percentage from "1%" (100% is one processor)',
    number: { unit: 'percent', factor: 1 },
  });

interface MeasureRule {
  readonly pattern: RegExp;
  readonly parse: (text: string) => number | null;
  readonly min: number;
  readonly max: number;
  readonly allowed: string;
  readonly number: { readonly unit: string; readonly factor: number } | null;
}

function measure(rule: MeasureRule): Kind<Measure> {
  const written = z.string().regex(rule.pattern);
  const { number } = rule;
  const accepted: Measure = (number === null ? written : z.union([written, z.number().positive()])).transform(
    (input, context) => {
      const value = typeof input === 'number' ? Math.round(input * (number?.factor ?? 1)) : rule.parse(input);
      if (value !== null && value >= rule.min && value <= rule.max) {
        return value;
      }
      context.issues.push({ code: 'custom', message: '', input });
      return z.NEVER;
    },
  );
  const allowed = number === null ? rule.allowed : `${rule.allowed}, or a number of ${number.unit}`;
  return kind(accepted, allowed, number === null ? {} : { unit: number.unit });
}
