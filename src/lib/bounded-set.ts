// Remembers the newest of many, so that a set that lives for months stays small.

/** Adds `value`, and forgets the one added first when there are more than `max`. */
export function addBounded<Value>(set: Set<Value>, value: Value, max: number): void {
  set.add(value);
  if (set.size > max) {
    const [oldest] = set;
    set.delete(oldest as Value);
  }
}
