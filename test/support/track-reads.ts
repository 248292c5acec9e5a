// Wraps a fleet so that every field that is read is written down: a key that nobody reads has no effect.

import type { Fleet } from '../../src/core/fleet.ts';

/** A fleet to hand to the house under test, and the paths read so far (lists written `[]`: `agents[].timeoutMs`). */
export interface TrackedFleet {
  readonly fleet: Fleet;
  readonly reads: ReadonlySet<string>;
}

/** What compares every field with what was has no effect of its own. */
const COMPARES = /\bresourcesOf \(|\/src\/core\/reconcile\/(?:canonical|diff|observed)\.ts/;

function isCompared(): boolean {
  return COMPARES.test(new Error('where the read comes from').stack ?? '');
}

/** Wraps a copy of `fleet`. Copying it as a whole (JSON, spread) counts as reading all of it: wrap after hashing. `reads` gathers those of several. */
export function trackReads(fleet: Fleet, reads: Set<string> = new Set()): TrackedFleet {
  const wrap = <Value>(value: Value, path: string): Value => {
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    return new Proxy(value, {
      get(target, key, receiver): unknown {
        const inner: unknown = Reflect.get(target, key, receiver);
        if (typeof key === 'symbol' || typeof inner === 'function' || (Array.isArray(target) && key === 'length')) {
          return inner;
        }
        const at = Array.isArray(target) ? `${path}[]` : path === '' ? key : `${path}.${key}`;
        if (!reads.has(at) && !isCompared()) {
          reads.add(at);
        }
        return wrap(inner, at);
      },
    });
  };
  return { fleet: wrap(structuredClone(fleet), ''), reads };
}

/** The keys among `keys` none of whose fields (by `fieldsOf`) were read. */
export function unreadKeys(
  keys: readonly string[],
  reads: ReadonlySet<string>,
  fieldsOf: (key: string) => readonly string[],
): string[] {
  return keys.filter((key) => !fieldsOf(key).some((field) => reads.has(field)));
}
