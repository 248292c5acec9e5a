// One thing that is wrong with the configuration, with the place where a person can put it right.

/** An error or a warning about one key. Line and column count from 1. */
export interface ConfigProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The key's path as a person writes it: `agents[2].retry.max`; empty for the whole file. */
  readonly key: string;
  /** What was found and what is allowed. Never holds a secret or a value that came from the environment. */
  readonly message: string;
}

/** The way from the top of a file to a value: table names, keys, and places in lists (from 0). */
export type KeyPath = readonly (string | number)[];

/** `['agents', 2, 'retry', 'max']` as `agents[2].retry.max`. */
export function showPath(path: KeyPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') {
      text += `[${part}]`;
    } else {
      const shown = /^[A-Za-z0-9_-]+$/.test(part) ? part : quote(part);
      text += text === '' ? shown : `.${shown}`;
    }
  }
  return text;
}

const SHOWN_CHARACTERS = 80;

/** `text` in quotes, cut to 80 characters, with everything that is not plainly printable escaped. */
export function quote(text: string): string {
  const cut = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return escapeUnprintable(JSON.stringify(cut));
}

/** `text` without characters that steer a terminal, hide, or are none: each is written as its number. */
export function escapeUnprintable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** "did you mean" for a nearest name, or nothing. */
export function didYouMean(name: string | null): string {
  return name === null ? '' : ` (did you mean ${quote(name)}?)`;
}
