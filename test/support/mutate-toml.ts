// Changes one thing in a TOML text, the same for the same seed, and knows what it changed.

/** One change. Lines count from 1. */
export interface Mutation {
  readonly text: string;
  readonly line: number;
  /** What was done, to print when a test fails. */
  readonly what: string;
  /** Names of the keys or tables concerned, before and after. */
  readonly names: readonly string[];
}

/** Random numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const VALUES = [
  'true',
  'false',
  '0',
  '-1',
  '7',
  '1.5',
  '99999999999999999999',
  'inf',
  'nan',
  '2026-11-21',
  '""',
  '"x"',
  '"10m"',
  '"repo"',
  '"Core"',
  '"Growth"',
  '"Safety"',
  '"../.."',
  '"${HOME}"',
  '"${NOT_SET}"',
  '"${"',
  '"\\u0000"',
  '"\\u001b[2J"',
  '[]',
  '["a", 1]',
  '[[]]',
  '{}',
  '{ kind = "x" }',
  `"${'a'.repeat(5000)}"`,
];

const CHARACTERS = [
  '"',
  "'",
  '[',
  ']',
  '=',
  '#',
  '\n',
  '\\',
  '\u0000',
  '{',
  ',',
  'z',
  '9',
  '.',
  '-',
  'é',
  '\uD800',
  '$',
];

/** The change of `text` that `seed` stands for. */
export function mutateToml(text: string, seed: number): Mutation {
  const random = randomFrom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const lines = text.split('\n');
  const line = pick(lines.flatMap((content, index) => (/^[[a-z]/.test(content) ? [index] : [])));
  const old = lines[line] ?? '';
  const key = /^([a-z_]+) = /.exec(old)?.[1] ?? old.replaceAll(/[[\]]/g, '');
  const replaced = (content: string, what: string, names: readonly string[] = [key]): Mutation => ({
    text: lines.with(line, content).join('\n'),
    line: line + 1,
    what: `line ${line + 1} ${JSON.stringify(old)}: ${what}`,
    names,
  });

  const roll = random();
  if (roll < 0.2) {
    const at = Math.floor(random() * (old.length + 1));
    const character = pick(CHARACTERS);
    return replaced(old.slice(0, at) + character + old.slice(at), `insert ${JSON.stringify(character)} at ${at}`);
  }
  if (roll < 0.3) {
    const at = Math.floor(random() * old.length);
    return replaced(old.slice(0, at) + old.slice(at + 1), `delete character ${at}`);
  }
  if (roll < 0.4) {
    return { ...replaced('', 'delete the line'), text: lines.toSpliced(line, 1).join('\n') };
  }
  if (roll < 0.55) {
    const at = Math.floor(random() * key.length);
    const typo = key.slice(0, at) + pick(['x', 'e', '_']) + key.slice(at + 1);
    return replaced(old.replace(key, typo), `rename to ${typo}`, [key, typo]);
  }
  if (old.startsWith('[')) {
    const header = pick(['[[agents]]', '[[projects]]', '[factory]', '[gitea]', '[breaker]', '[x]', '[[x]]']);
    return replaced(header, `write ${header}`, [key, header.replaceAll(/[[\]]/g, '')]);
  }
  const value = pick(VALUES);
  return replaced(`${key} = ${value}`, `write ${value.slice(0, 40)}`);
}
