// Equal content has one text and one hash, unequal content never the same.

import { isDeepStrictEqual } from 'node:util';
import { assert, jsonValue, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashFleet } from '../../../src/config/hash.ts';
import type { Fleet } from '../../../src/core/fleet.ts';
import { canonical } from '../../../src/core/reconcile/canonical.ts';
import { fleetOf } from '../../support/load-config.ts';

const FLEET = fleetOf(`
[gitea]
url = "https://git"
token_file = "/token"
owner = "o"
repository = "r"
[[projects]]
id = "web"
env = { A = "1" }
[[projects]]
id = "api"
[[agents]]
name = "a"
project = "web"
layer = "Core"
schedule = "* * * * *"
cli_tool = "echo"
args = ["x", "y"]
retry = { max = 1 }
[[agents]]
name = "b"
project = "api"
layer = "Safety"
cli_tool = "echo"
pre_check = { kind = "shell", script = "true" }
`);

const shuffledKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    return value.map(shuffledKeys);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, inner]) => [key, shuffledKeys(inner)]),
      )
    : value;
};

type Path = readonly (string | number)[];

/** Every value in `value` that is no record or list, but for what a schedule's text says already. */
function leaves(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) {
    return [path];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    path.at(-1) === 'schedule' && key !== 'text'
      ? []
      : leaves(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function changed(fleet: Omit<Fleet, 'hash'>, path: Path): Fleet {
  const copy = structuredClone(fleet) as unknown as Record<string | number, unknown>;
  let place = copy;
  for (const key of path.slice(0, -1)) {
    place = place[key] as typeof copy;
  }
  const key = path.at(-1) ?? '';
  const before = place[key];
  place[key] = typeof before === 'boolean' ? !before : typeof before === 'number' ? before + 1 : `${String(before)}!`;
  return copy as unknown as Fleet;
}

describe('canonical', () => {
  it('gives unequal values unequal texts, and equal ones the same', () => {
    assert(
      property(jsonValue(), jsonValue(), (a, b) => {
        expect(canonical(a) === canonical(b)).toBe(isDeepStrictEqual(a, b));
      }),
    );
  });

  it('does not see in which order the keys of a record were set', () => {
    assert(property(jsonValue(), (value) => canonical(shuffledKeys(value)) === canonical(value)));
  });

  it.each<[string, unknown, unknown]>([
    ['a comma in a text from two texts', ['a,b'], ['a', 'b']],
    ['a quote in a key from two keys', { 'a":1,"b': 2 }, { a: 1, b: 2 }],
    ['a number from its text', [1], ['1']],
    ['null from its text and from nothing', [null], ['null']],
    ['an empty list from an empty record', [], {}],
    ['a list in a list from a longer list', [[1], 2], [1, [2]]],
    ['no number from null', [Number.NaN], [null]],
    ['minus zero from zero', [-0], [0]],
    ['a large integer from a number', [1n], [1]],
  ])('tells %s', (_what, a, b) => {
    expect(canonical(a)).not.toBe(canonical(b));
  });

  it('takes a key without a value for no key', () => {
    expect(canonical({ a: undefined, b: 1 })).toBe(canonical({ b: 1 }));
  });
});

describe('the hash of a configuration', () => {
  const { hash, ...content } = FLEET;

  it('changes with every field', () => {
    const all = leaves(content);
    expect(all.length).toBeGreaterThan(120);
    // Without a schedule there is no text that could be another one.
    const set = all.filter((path) => path.at(-1) !== 'schedule');
    const same = set.filter((path) => hashFleet(changed(content, path)) === hash);
    expect(same.map((path) => path.join('.'))).toEqual([]);
  });

  it('does not change with the order of keys, projects and agents', () => {
    const turned = { ...content, agents: content.agents.toReversed(), projects: content.projects.toReversed() };
    expect(hashFleet(shuffledKeys(turned) as typeof content)).toBe(hash);
  });

  it('changes with the order of arguments', () => {
    const [first, ...rest] = content.agents;
    const turned = { ...first!, args: first!.args.toReversed() };
    expect(hashFleet({ ...content, agents: [turned, ...rest] })).not.toBe(hash);
  });
});
