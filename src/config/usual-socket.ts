// Finds the control socket of a configuration that leaves it where it usually is, without reading all of that configuration.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The keys that can put it elsewhere; an escape could spell either. Only [factory] of agents.toml itself has them. */
const MOVED = /state_dir|socket|\\[uU]/;
const COMMENT_LINE = /^[ \t]*#.*$/gm;

/**
 * `<folder of agents.toml>/.adf/adf.sock`; null: the text may say otherwise, or cannot be read, so ask `loadFleet`.
 * Loading costs 0.2 s, most of it for code, which is most of what a small command takes.
 */
export function usualSocket(path: string): string | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  return MOVED.test(text.replace(COMMENT_LINE, '')) ? null : resolve(dirname(path), '.adf', 'adf.sock');
}
