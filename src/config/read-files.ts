// Reads agents.toml and the files that it includes; each file that cannot be read, or is no TOML, is one problem.

import { globSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

import type { Environment } from './expand.ts';
import type { ConfigProblem } from './problem.ts';
import { quote } from './problem.ts';
import { Source } from './source.ts';
import { readToml } from './toml.ts';

const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_FILES = 1000;

/** The files of one configuration. `errors` are those that stop everything else: unreadable files, syntax. */
export interface ReadFiles {
  /** agents.toml first, then its fragments by name. Empty when agents.toml itself cannot be used. */
  readonly sources: readonly Source[];
  readonly errors: readonly ConfigProblem[];
}

/** Reads `path` (or takes `text` as its content) and what it includes. */
export function readFiles(input: {
  readonly path: string;
  readonly text?: string | undefined;
  readonly env: Environment;
}): ReadFiles {
  const main = readSource(input);
  if ('message' in main) {
    return { sources: [], errors: [main] };
  }
  const sources = [main];
  const errors: ConfigProblem[] = [];
  for (const file of includedFiles(main)) {
    const fragment = readSource({ path: file, env: input.env });
    if ('message' in fragment) {
      errors.push(fragment);
    } else {
      sources.push(fragment);
    }
  }
  return { sources, errors };
}

function readSource(input: {
  readonly path: string;
  readonly text?: string | undefined;
  readonly env: Environment;
}): Source | ConfigProblem {
  const { path } = input;
  const text = input.text === undefined ? readText(path) : { text: input.text };
  if ('message' in text) {
    return { file: path, line: 1, column: 1, key: '', message: text.message };
  }
  const read = readToml(text.text);
  if (read.kind === 'syntax') {
    return { file: path, ...read.place, key: '', message: read.message };
  }
  return new Source(path, read.document, input.env);
}

function readText(path: string): { readonly text: string } | { readonly message: string } {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) {
      return { message: 'this is no file; give the path of a TOML file' };
    }
    if (stat.size > MAX_FILE_BYTES) {
      return { message: `${stat.size} bytes are more than a configuration may have (${MAX_FILE_BYTES})` };
    }
    if (stat.size === 0) {
      return { message: 'this file is empty, as one is whose writing broke off; write what should run' };
    }
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path)) };
  } catch (error) {
    if (error instanceof TypeError) {
      return { message: 'this is no UTF-8 text; save it as UTF-8' };
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    return { message: `${why}; give another path, or make one with: adf init` };
  }
}

function includedFiles(main: Source): string[] {
  const patterns = main.root['include'];
  if (!Array.isArray(patterns)) {
    return [];
  }
  const seen = new Set([identity(main.file)]);
  const files: string[] = [];
  for (const [index, pattern] of patterns.entries()) {
    if (typeof pattern !== 'string' || main.isBad(['include', index])) {
      continue;
    }
    const found = matches(pattern, main.folder);
    if (found.length === 0) {
      reportNothing(main, index, pattern);
    }
    for (const file of found) {
      const id = identity(file);
      if (!seen.has(id) && files.length >= MAX_FILES) {
        main.error(['include', index], `more than ${MAX_FILES} files are included; join some of them`);
        return files;
      }
      if (!seen.has(id)) {
        seen.add(id);
        files.push(file);
      }
    }
  }
  return files;
}

/** What `main` includes, as absolute patterns: other files may match them later. */
export function includesOf(main: Source): readonly string[] {
  const patterns = main.root['include'];
  return Array.isArray(patterns)
    ? patterns.filter((pattern) => typeof pattern === 'string').map((pattern) => resolve(main.folder, pattern))
    : [];
}

/** Files that match, sorted, written like the pattern: relative to the folder of agents.toml where that is. */
function matches(pattern: string, folder: string): string[] {
  const found = globSync(pattern, { cwd: folder }).sort();
  return found.map((file) => (isAbsolute(file) ? file : join(folder, file)));
}

function reportNothing(main: Source, index: number, pattern: string): void {
  const path = ['include', index];
  if (/[*?[{]/.test(pattern)) {
    main.warning(path, `${main.show(path)} matches no file`);
  } else {
    main.error(path, `${main.show(path)}: there is no such file beside ${quote(dirname(main.file))}`);
  }
}

function identity(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
