// Reads one line of an agent CLI's stream as JSON, and its fields without trusting that they are there.

/** A JSON object of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

const EMPTY: Json = {};

/** `line` as a JSON object, or null: prose, broken or cut JSON, an array, a number. */
export function parseObject(line: string): Json | null {
  const parsed = parseJson(line);
  return isObject(parsed) ? parsed : null;
}

/** `text` as a JSON object or list; null when it is neither, or broken: a bare number or word in prose is no event. */
export function parseJson(text: string): unknown {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') && !trimmed.startsWith('[')) {
    return null;
  }
  try {
    return JSON.parse(trimmed);
  } catch {
    return null;
  }
}

/** The object under `key`; an empty one when there is none. */
export function objectAt(json: Json, key: string): Json {
  const value = json[key];
  return isObject(value) ? value : EMPTY;
}

/** The text under `key`, or null. */
export function textAt(json: Json, key: string): string | null {
  const value = json[key];
  return typeof value === 'string' ? value : null;
}

/** The finite number under `key`, or null. */
export function numberAt(json: Json, key: string): number | null {
  const value = json[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The objects in the list under `key`. */
export function objectsAt(json: Json, key: string): readonly Json[] {
  const value = json[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The texts in the list under `key`. */
export function textsAt(json: Json, key: string): readonly string[] {
  const value = json[key];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** Whether `value` is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
