// Replaces ${NAME} by a value from the environment, in the keys that allow it and nowhere else.

import type { KeyPath } from './problem.ts';
import { keyAt } from './schema.ts';
import type { TomlTable, TomlValue } from './toml.ts';

/** The environment as it is given to us; `env.ts` reads the real one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Something wrong with a `${…}`; the text holds names only, never values. */
export interface ExpandProblem {
  readonly path: KeyPath;
  readonly message: string;
}

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const INSIDE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([^]*))?$/;

/** A copy of `root` with every reference replaced; the original keeps the names, for messages. */
export function expandTable(
  root: TomlTable,
  env: Environment,
): { readonly root: TomlTable; readonly problems: readonly ExpandProblem[] } {
  const problems: ExpandProblem[] = [];
  const walk = (value: TomlValue, path: KeyPath, pattern: string): TomlValue => {
    if (typeof value === 'string') {
      return keyAt(pattern)?.expands === true
        ? expandText(value, env, (message) => problems.push({ path, message }))
        : value;
    }
    if (Array.isArray(value)) {
      return value.map((element, index) => walk(element, [...path, index], `${pattern}[]`));
    }
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).map(([key, inner]) => {
        return [key, walk(inner, [...path, key], pattern === '' ? key : `${pattern}.${key}`)];
      });
      return Object.fromEntries(entries) as TomlTable;
    }
    return value;
  };
  return { root: walk(root, [], '') as TomlTable, problems };
}

/** `text` with its references replaced: `${NAME}`, `${NAME:-default}`, and `$${` for a literal `${`. */
export function expandText(text: string, env: Environment, report: (message: string) => void): string {
  return text.replaceAll(REFERENCE, (found: string, inside: string | undefined, end: string | undefined) => {
    if (found === '$${') {
      return '${';
    }
    const [, name, fallback] = INSIDE.exec(inside ?? '') ?? [];
    if (name === undefined || end !== '}' || fallback?.includes('${') === true) {
      report('a "${" that is no ${NAME} or ${NAME:-default}; write "$${" for a literal "${"');
      return found;
    }
    const value = env[name];
    if (fallback !== undefined) {
      return value === undefined || value === '' ? fallback : value;
    }
    if (value === undefined) {
      report(`\${${name}} is not set in the environment; set it, or write \${${name}:-default}`);
      return found;
    }
    return value;
  });
}
