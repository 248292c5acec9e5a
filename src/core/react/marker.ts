// Writes and reads the hidden line by which our own issues and comments are found again, whatever people do to the rest.

/** What an issue is about: the condition, and which occurrence of it. `incident` should not be guessable by strangers. */
export interface IssueMark {
  readonly fingerprint: string;
  readonly incident: string;
}

/** The hidden line of an issue: `<!-- adf:issue fp=pause/sandbox incident=3f9a0c12 -->`. */
export function issueMarker(mark: IssueMark): string {
  return `<!-- adf:issue fp=${escapeMark(mark.fingerprint)} incident=${escapeMark(mark.incident)} -->`;
}

/** The hidden line of a comment; `key` is the natural key of the reaction or run that writes it. */
export function commentMarker(key: string): string {
  return `<!-- adf:comment key=${escapeMark(key)} -->`;
}

/** `body` with `marker` as its last line; unchanged where it holds it already. */
export function withMarker(body: string, marker: string): string {
  return holdsMarker(body, marker) ? body : `${body.trimEnd()}\n\n${marker}\n`;
}

/** Does `body` hold `marker` on a line of its own? Quoted (`> …`), indented and inline copies do not count. */
export function holdsMarker(body: string, marker: string): boolean {
  return body.split('\n').some((line) => line.trimEnd() === marker);
}

/** Is any of our markers in `body`? Then we wrote it. */
export function isOurs(body: string): boolean {
  return body.split('\n').some((line) => /^<!-- adf:(?:issue|comment) [^>]{1,1000} -->$/.test(line.trimEnd()));
}

/**
 * Only letters, digits, dot, underscore, slash and single dashes stay; the rest becomes `%` and the UTF-16 unit in hex,
 * so that no value can hold `--` (which would end the comment), a blank or a line break, and no two values look alike.
 */
function escapeMark(value: string): string {
  return value.replace(/[^A-Za-z0-9._/-]/g, (unit) => hexUnit(unit)).replace(/-(?=-)|-$/g, hexUnit('-'));
}

function hexUnit(unit: string): string {
  return `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
