// Holds README to the words of core: each way to end, each reason and each state is explained, and nothing else is.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The members of a union of words in a source file. */
function union(file: string, name: string): readonly string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const body = new RegExp(`export type ${name} =([^;]*);`).exec(text)?.[1] ?? '';
  return [...body.matchAll(/'([\w.]+)'/g)].map(([, word]) => word ?? '');
}

/** The first column of the table that stands under `heading`. */
function firstColumn(heading: string): readonly string[] {
  const section = readme.split(new RegExp(`^#+ ${heading}$`, 'm'))[1]?.split(/^#+ /m)[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, word]) => word ?? '');
}

function sorted(words: readonly string[]): readonly string[] {
  return [...words].sort();
}

describe('README', () => {
  it('explains every reason code, and no other', () => {
    const codes = union('src/core/admission/reasons.ts', 'ReasonCode');
    expect(codes.length).toBeGreaterThan(20);
    expect(sorted(firstColumn('Why a run does not start'))).toEqual(sorted(codes));
  });

  it('explains every state of a run, and no other', () => {
    const states = union('src/core/run/lifecycle.ts', 'RunState');
    expect(states).toContain('running');
    expect(sorted(firstColumn('Where a run can be'))).toEqual(sorted(states));
  });

  it('explains every way to end', () => {
    const endings = firstColumn('How a run can end');
    const classes = union('src/core/run/outcome.ts', 'FailureClass');
    const outcomes = ['succeeded', 'timed_out', 'stalled', 'canceled', 'refused', 'lost'];
    expect(classes).toContain('agent_failure');
    expect(sorted(endings)).toEqual(sorted([...classes, ...outcomes]));
  });

  it('has a word for every room of the floor plan', () => {
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of rooms) {
      expect(readme).toMatch(new RegExp(`^ +${name}/ `, 'm'));
    }
  });

  it('names only scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('names only commands that exist', () => {
    const commands = new Set(readdirSync(join(ROOT, 'src/cli/commands')).map((file) => file.replace(/\.ts$/, '')));
    const named = [...readme.matchAll(/(?:^|[`\s(])adf ([a-z]+)/gm)].map(([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !commands.has(name))).toEqual([]);
  });
});

describe('the checks', () => {
  it('are all part of npm run check', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const tool of ['oxfmt --check', 'tsc', 'oxlint --type-aware', 'depcruise src test', 'knip']) {
      expect(scripts['check']).toContain(tool);
    }
    expect(readFileSync(join(ROOT, '.dependency-cruiser.mjs'), 'utf8')).toContain('circular: true');
  });
});
