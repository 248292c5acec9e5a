// Writes a plain value as one text: equal values give equal texts, however they were built, and unequal ones never do.

/** Makes a short name out of a text, always the same one: a cryptographic hash in hex. */
export type Digest = (text: string) => string;

/**
 * `value` (plain data) with the keys of every record in order. A key without a value is no key. Strings are quoted, so that
 * no content can pass for structure: `canonical(['a,b'])` is `["a,b"]`, `canonical(['a', 'b'])` is `["a","b"]`.
 */
export function canonical(value: unknown): string {
  if (typeof value === 'number') {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  if (typeof value === 'bigint') {
    return `${value}n`;
  }
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value) ?? 'undefined';
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}
