// Holds what no linter holds: short files, no text twice, names that say something, a first line that tells what a file does.

import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const MAX_LINES = 300;
/** So many equal lines in a row, blanks and comments left out, are one thing written twice. */
const TWICE_LINES = 8;
const BANNED = new Set([
  'manager',
  'helper',
  'helpers',
  'util',
  'utils',
  'common',
  'misc',
  'data',
  'info',
  'handle',
  'do',
  'process',
]);

const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name: `src/${name}`, text: readFileSync(join(ROOT, 'src', name), 'utf8') }));

describe('every file in src', () => {
  it(`has at most ${MAX_LINES} lines`, () => {
    expect(files.filter((file) => file.text.split('\n').length - 1 > MAX_LINES).map((file) => file.name)).toEqual([]);
  });

  it('begins with a sentence that says what it does', () => {
    expect(files.filter((file) => !/^\/\/ \S+ /.test(file.text)).map((file) => file.name)).toEqual([]);
  });

  it('has a name that says what is inside', () => {
    expect(files.filter((file) => BANNED.has(basename(file.name, '.ts'))).map((file) => file.name)).toEqual([]);
  });

  it('exports nothing under a banned name', () => {
    const exported = /^export (?:async )?(?:function|const|class|type|interface) (\w+)/gm;
    const found = files.flatMap((file) =>
      [...file.text.matchAll(exported)]
        .filter(([, name]) => BANNED.has((name ?? '').toLowerCase()))
        .map(([, name]) => `${file.name}: ${name}`),
    );
    expect(found).toEqual([]);
  });

  it('hides what is its own by #, and by the word only a constructor, which knows no other way', () => {
    const hidden = files.flatMap(({ name, text }) =>
      [...text.matchAll(/^ *private (?!constructor\b).*$/gm)].map(([line]) => `${name}: ${line.trim()}`),
    );
    expect(hidden).toEqual([]);
  });
});

describe('src', () => {
  it(`says nothing of ${TWICE_LINES} lines twice`, () => {
    expect(twice(files)).toEqual([]);
  });

  it('would be caught saying it twice', () => {
    const text = Array.from({ length: TWICE_LINES }, (_, line) => `const line${line} = ${line};`).join('\n');
    const short = text.split('\n').slice(1).join('\n');
    expect(
      twice([
        { name: 'a', text },
        { name: 'b', text: `  ${text.replaceAll('\n', '\n\n    ')}` },
      ]),
    ).toEqual(['a:1 = b:1']);
    expect(
      twice([
        { name: 'a', text },
        { name: 'b', text: short },
      ]),
    ).toEqual([]);
  });
});

interface Line {
  readonly at: number;
  readonly text: string;
}

/** Places where TWICE_LINES normalised lines stand a second time; imports are lists of names, not of thoughts. */
function twice(sources: readonly { readonly name: string; readonly text: string }[]): readonly string[] {
  const first = new Map<string, string>();
  const found: string[] = [];
  for (const { name, text } of sources) {
    const lines = normalised(text);
    for (let index = 0; index + TWICE_LINES <= lines.length; index += 1) {
      const block = lines.slice(index, index + TWICE_LINES);
      const key = block.map((line) => line.text).join('\n');
      const place = `${name}:${block[0]?.at ?? 0}`;
      const before = first.get(key);
      if (before === undefined) {
        first.set(key, place);
      } else {
        found.push(`${before} = ${place}`);
      }
    }
  }
  return found;
}

function normalised(text: string): readonly Line[] {
  return text
    .replaceAll(/^import [^;]*;$/gm, (statement) => statement.replaceAll(/[^\n]/g, ''))
    .split('\n')
    .map((line, index) => ({ at: index + 1, text: line.trim().replaceAll(/\s+/g, ' ') }))
    .filter((line) => line.text !== '' && !/^(\/\/|\/?\*)/.test(line.text));
}
