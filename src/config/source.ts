// One file of the configuration while it is checked: its values, their places, and the problems found so far.

import { dirname } from 'node:path';

import type { ConfigProblem, KeyPath } from './problem.ts';
import { escapeUnprintable, quote, showPath } from './problem.ts';
import { keyAt } from './schema.ts';
import type { Environment } from './expand.ts';
import { expandTable } from './expand.ts';
import type { Place, TomlDocument, TomlTable, TomlValue } from './toml.ts';
import { pathId } from './toml.ts';

const TOP: Place = { line: 1, column: 1 };

/** A parsed file with the means to report on it. */
export class Source {
  /** As shown to people. */
  readonly file: string;
  readonly folder: string;
  /** Values with the environment filled in; `raw` below keeps what was written. */
  readonly root: TomlTable;
  readonly errors: ConfigProblem[] = [];
  readonly warnings: ConfigProblem[] = [];
  readonly #document: TomlDocument;
  readonly #reported = new Set<string>();
  readonly #bad = new Set<string>();

  constructor(file: string, document: TomlDocument, env: Environment) {
    this.file = file;
    this.folder = dirname(file);
    this.#document = document;
    const expanded = expandTable(document.root, env);
    this.root = expanded.root;
    for (const { path, message } of expanded.problems) {
      this.error(path, message);
    }
    for (const { path, message } of document.unusable) {
      this.error(path, message);
    }
    for (const { path, place } of document.refusedKeys) {
      this.errors.push({ file, ...place, key: showPath(path), message: 'this name cannot be a key; choose another' });
    }
  }

  /** Reports an error at the value of `path`; the first one about a value is kept, the rest would repeat it. */
  error(path: KeyPath, message: string, at: 'key' | 'value' = 'value'): void {
    const id = pathId(path);
    if (!this.#reported.has(id)) {
      this.#reported.add(id);
      for (let length = path.length; length >= 0; length -= 1) {
        this.#bad.add(pathId(path.slice(0, length)));
      }
      this.errors.push(this.#problem(path, message, at));
    }
  }

  /** Reports a warning at the value of `path`. */
  warning(path: KeyPath, message: string, at: 'key' | 'value' = 'value'): void {
    this.warnings.push(this.#problem(path, message, at));
  }

  /** Whether the file says anything at `path`. */
  has(path: KeyPath): boolean {
    return this.#written(path) !== undefined;
  }

  /** Whether an error about `path` itself, or something inside it, has been reported. */
  isBad(path: KeyPath): boolean {
    return this.#bad.has(pathId(path));
  }

  /** The value at `path` as it was written, for a message; names of variables instead of their values, no secrets. */
  show(path: KeyPath): string {
    const value = this.#written(path);
    if (keyAt(pattern(path))?.secret === true) {
      return 'this value';
    }
    if (typeof value === 'string') {
      return quote(value);
    }
    if (Array.isArray(value)) {
      return 'a list';
    }
    return typeof value === 'object' ? 'a table' : String(value);
  }

  /** `file:line:column` of `path`, for messages that point at a second place. */
  where(path: KeyPath): string {
    const { line, column } = this.#place(path, 'value');
    return `${this.file}:${line}:${column}`;
  }

  /** Whether the value at `path` was written with a reference to the environment. */
  usesEnvironment(path: KeyPath): boolean {
    const value = this.#written(path);
    return typeof value === 'string' && value.includes('${');
  }

  #written(path: KeyPath): TomlValue | undefined {
    let value: TomlValue | undefined = this.#document.root;
    for (const part of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) {
        return undefined;
      }
      value = (value as Record<string | number, TomlValue>)[part];
    }
    return value;
  }

  #problem(path: KeyPath, message: string, at: 'key' | 'value'): ConfigProblem {
    return { file: this.file, ...this.#place(path, at), key: showPath(path), message: escapeUnprintable(message) };
  }

  /** The place of `path`, or of the nearest thing around it that stands in the file. */
  #place(path: KeyPath, at: 'key' | 'value'): Place {
    for (let length = path.length; length > 0; length -= 1) {
      const place = this.#document.places.get(pathId(path.slice(0, length)));
      if (place !== undefined) {
        return length === path.length ? place[at] : place.value;
      }
    }
    return TOP;
  }
}

/** `['agents', 2, 'retry']` as `agents[].retry`. */
export function pattern(path: KeyPath): string {
  let text = '';
  for (const part of path) {
    text += typeof part === 'number' ? '[]' : `${text === '' ? '' : '.'}${part}`;
  }
  return text;
}
