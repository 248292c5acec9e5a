// Answers what a key of agents.toml means, from the schema that checks it.

import { nearestName } from '../lib/nearest.ts';
import { INERT_KEYS } from './inert-keys.ts';
import type { KeyEntry } from './key.ts';
import { childKeys, KEYS } from './schema.ts';

/** Everything known of one key. */
export interface Explanation extends KeyEntry {
  /** How it is written: `[[agents]] retry.max`. */
  readonly written: string;
  readonly hasEffect: boolean;
  /** Names of the keys inside it, when it is a table. */
  readonly keys: readonly string[];
}

/** What was found for a question: one key or several of that name, or nothing with the nearest name. */
export type ExplainResult =
  | { readonly kind: 'ok'; readonly keys: readonly Explanation[] }
  | { readonly kind: 'unknown'; readonly nearest: string | null };

/** Explains `query`: a full path (`agents.retry.max`, `[[agents]] timeout`, `agents[2].timeout`) or the end of one (`timeout`). */
export function explainKey(query: string): ExplainResult {
  const wanted = plain(query);
  const exact = KEYS.filter(({ path }) => plain(path) === wanted);
  const found = exact.length > 0 ? exact : KEYS.filter(({ path }) => plain(path).endsWith(`.${wanted}`));
  if (found.length > 0) {
    return { kind: 'ok', keys: found.map(explanation) };
  }
  const names = KEYS.flatMap(({ path }) => [plain(path), plain(path).split('.').at(-1) ?? '']);
  return { kind: 'unknown', nearest: nearestName(wanted, names) };
}

function plain(path: string): string {
  return path
    .replaceAll(/\[\d*\]|[[\]"']/g, '')
    .trim()
    .replaceAll(/[\s.]+/g, '.');
}

function explanation(entry: KeyEntry): Explanation {
  return {
    ...entry,
    written: writtenAs(entry.path),
    hasEffect: !INERT_KEYS.includes(entry.path),
    keys: [...childKeys(entry.path), ...childKeys(`${entry.path}[]`)],
  };
}

/** `agents[].retry.max` as `[[agents]] retry.max`. */
function writtenAs(path: string): string {
  const [table = '', ...rest] = path.split('.');
  const isList = table.endsWith('[]') || childKeys(`${table}[]`).length > 0;
  const isTable = isList || childKeys(table).length > 0;
  const header = isList ? `[[${table.replace('[]', '')}]]` : `[${table}]`;
  return [...(isTable ? [header] : [table]), ...(rest.length > 0 ? [rest.join('.')] : [])].join(' ');
}

/** One explanation as lines for a terminal. */
export function explanationLines(key: Explanation): string[] {
  const facts: readonly (readonly [string, string | null])[] = [
    ['must be', key.allowed],
    ['default', key.default ?? (key.required ? 'none: it must be given' : 'not set')],
    ['number', key.unit === null ? null : `a plain number counts ${key.unit}`],
    ['example', exampleLine(key)],
    ['environment', key.expands ? '${NAME} and ${NAME:-default} are replaced here' : null],
    ['effect', key.hasEffect ? null : 'none yet: it is accepted and checked, nothing more'],
    ['keys', key.keys.length === 0 ? null : key.keys.join(', ')],
  ];
  const known = facts.filter(([, text]) => text !== null);
  const width = Math.max(...known.map(([label]) => label.length));
  const lines = known.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`);
  return [key.written, `  ${key.meaning}`, ...lines];
}

function exampleLine(key: Explanation): string {
  return `${key.path.split('.').at(-1) ?? ''} = ${key.example}`;
}

/** The table of all keys for README, in Markdown. */
export function keyTable(): string {
  const rows = KEYS.map(explanation).map((key) => {
    const effect = key.hasEffect ? '' : ' *No effect yet.*';
    const value = key.default ?? (key.required ? '**required**' : '–');
    return `| \`${key.written}\` | ${cell(key.meaning)}${effect} | ${cell(value)} | \`${cell(key.example)}\` |`;
  });
  return ['| key | meaning | default | example |', '|---|---|---|---|', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
