// Turns the text of a TOML file into plain values, and remembers the place of every key and value.

import type { AST } from 'toml-eslint-parser';
import { parseTOML } from 'toml-eslint-parser';

import type { KeyPath } from './problem.ts';

/** A value as it stands in the file; `null` stands for one that we refuse (`unusable` says why). */
export type TomlValue = string | number | boolean | null | TomlValue[] | TomlTable;

/** A table as it stands in the file. */
export interface TomlTable {
  [key: string]: TomlValue;
}

/** Line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One file, read. */
export interface TomlDocument {
  readonly root: TomlTable;
  /** Where a key (or list element) and its value stand, by `pathId`. */
  readonly places: ReadonlyMap<string, { readonly key: Place; readonly value: Place }>;
  /** Values that TOML allows and we do not (dates, numbers without an exact value), with the reason. */
  readonly unusable: readonly { readonly path: KeyPath; readonly message: string }[];
  /** Keys that were left out because no table of ours can hold them. */
  readonly refusedKeys: readonly { readonly path: KeyPath; readonly place: Place }[];
}

/** What reading a text can give: a document, or the one place where it stops being TOML. */
export type TomlResult =
  | { readonly kind: 'ok'; readonly document: TomlDocument }
  | { readonly kind: 'syntax'; readonly place: Place; readonly message: string };

/** The key of a path in the maps of a document. */
export function pathId(path: KeyPath): string {
  return path.join('\u0000');
}

/** Reads `text` as TOML 1.0. */
export function readToml(text: string): TomlResult {
  // A byte order mark is invisible in editors, so it takes no column.
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    const reader = new Reader();
    reader.program(parseTOML(plain, { tomlVersion: '1.0' }));
    return { kind: 'ok', document: reader };
  } catch (error) {
    if (error instanceof RangeError) {
      return {
        kind: 'syntax',
        place: { line: 1, column: 1 },
        message: 'lists or tables are nested too deeply to read',
      };
    }
    if (error instanceof Error && 'lineNumber' in error && 'column' in error) {
      const place = { line: Number(error.lineNumber), column: Number(error.column) + 1 };
      return { kind: 'syntax', place, message: `not TOML: ${error.message}` };
    }
    throw error;
  }
}

class Reader implements TomlDocument {
  readonly root: TomlTable = {};
  readonly places = new Map<string, { key: Place; value: Place }>();
  readonly unusable: { path: KeyPath; message: string }[] = [];
  readonly refusedKeys: { path: KeyPath; place: Place }[] = [];

  program(program: AST.TOMLProgram): void {
    const [top] = program.body;
    for (const node of top.body) {
      if (node.type === 'TOMLKeyValue') {
        this.#pair(node, this.root, []);
      } else {
        this.#header(node);
      }
    }
  }

  #header(node: AST.TOMLTable): void {
    const path = node.resolvedKey;
    if (path.includes('__proto__')) {
      this.refusedKeys.push({ path, place: from(node.key.loc.start) });
      return;
    }
    this.places.set(pathId(path), { key: from(node.key.loc.start), value: from(node.loc.start) });
    let table: TomlValue = this.root;
    for (const [index, part] of path.entries()) {
      table = descend(table, part, typeof path[index + 1] === 'number');
      const upTo = pathId(path.slice(0, index + 1));
      if (!this.places.has(upTo)) {
        this.places.set(upTo, { key: from(node.key.loc.start), value: from(node.loc.start) });
      }
    }
    for (const pair of node.body) {
      this.#pair(pair, table as TomlTable, path);
    }
  }

  #pair(node: AST.TOMLKeyValue, home: TomlTable, prefix: KeyPath): void {
    const names = node.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
    const path = [...prefix, ...names];
    if (names.includes('__proto__')) {
      this.refusedKeys.push({ path, place: from(node.key.loc.start) });
      return;
    }
    let table: TomlValue = home;
    for (const [index, name] of names.slice(0, -1).entries()) {
      table = descend(table, name, false);
      const upTo = pathId([...prefix, ...names.slice(0, index + 1)]);
      if (!this.places.has(upTo)) {
        this.places.set(upTo, { key: from(node.key.loc.start), value: from(node.key.loc.start) });
      }
    }
    const last = node.key.keys.at(-1) ?? node.key;
    this.places.set(pathId(path), { key: from(last.loc.start), value: from(node.value.loc.start) });
    (table as TomlTable)[names.at(-1) ?? ''] = this.#value(node.value, path);
  }

  #value(node: AST.TOMLContentNode, path: KeyPath): TomlValue {
    if (node.type === 'TOMLArray') {
      return node.elements.map((element, index) => {
        const place = from(element.loc.start);
        this.places.set(pathId([...path, index]), { key: place, value: place });
        return this.#value(element, [...path, index]);
      });
    }
    if (node.type === 'TOMLInlineTable') {
      const table: TomlTable = {};
      for (const pair of node.body) {
        this.#pair(pair, table, path);
      }
      return table;
    }
    const problem = unusable(node);
    if (problem !== null) {
      this.unusable.push({ path, message: problem });
      return null;
    }
    return node.value as string | number | boolean;
  }
}

function unusable(node: AST.TOMLValue): string | null {
  switch (node.kind) {
    case 'string':
    case 'boolean':
      return null;
    case 'integer':
      return Number.isSafeInteger(Number(node.bigint)) ? null : `${node.number}: this number is too large to be exact`;
    case 'float':
      return Number.isFinite(node.value) ? null : `${node.number}: this is no number that can be a limit`;
    case 'offset-date-time':
    case 'local-date-time':
    case 'local-date':
    case 'local-time':
      return `${node.datetime}: a date means nothing here; write text in quotes`;
  }
}

/** The table (or list element) `part` of `table`, made if it is not there yet. */
function descend(table: TomlValue, part: string | number, isList: boolean): TomlValue {
  const home = table as Record<string | number, TomlValue>;
  if (!Object.hasOwn(home, part)) {
    home[part] = isList ? [] : {};
  }
  return home[part] ?? null;
}

function from(position: { line: number; column: number }): Place {
  return { line: position.line, column: position.column + 1 };
}
