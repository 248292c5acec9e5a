// Files that agents.toml includes: found, checked with the rest, and told by their own names.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { LoadResult } from '../../src/config/load.ts';
import { loadFleet } from '../../src/config/load.ts';
import { TEST_WORLD } from '../support/load-config.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adf-include-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

function load(): LoadResult {
  return loadFleet({ ...TEST_WORLD, path: join(folder, 'agents.toml'), env: { PART: 'conf.d' } });
}

/** Errors, or warnings where there are none, with names relative to the folder. */
function problems(): string[] {
  const result = load();
  const all = result.kind === 'errors' ? result.errors : result.warnings;
  return all
    .filter(({ message }) => !message.includes('nothing will run'))
    .map(({ file, line, column, key, message }) =>
      `${file}:${line}:${column} ${key}: ${message}`.replaceAll(`${folder}/`, ''),
    );
}

const AGENT = (name: string): string => `[[agents]]\nname = "${name}"\nlayer = "Growth"\ncli_tool = "echo"\n`;

describe('include', () => {
  it('adds projects and agents of every file that matches, in the order of their names', () => {
    write({
      'agents.toml': `include = ["\${PART}/*.toml", "one.toml"]\n${AGENT('main')}`,
      'conf.d/b.toml': AGENT('b'),
      'conf.d/a.toml': `[[projects]]\nid = "p"\n${AGENT('a')}project = "p"\nworking_dir = "w"\n`,
      'conf.d/note.txt': 'not TOML',
      'one.toml': AGENT('one'),
    });

    const result = load();

    expect(result).toMatchObject({ kind: 'ok' });
    if (result.kind === 'ok') {
      expect(result.fleet.agents.map((agent) => agent.key)).toEqual(['main', 'p/a', 'b', 'one']);
      expect(result.files.map((file) => file.slice(folder.length + 1))).toEqual([
        'agents.toml',
        'conf.d/a.toml',
        'conf.d/b.toml',
        'one.toml',
      ]);
      expect(result.fleet.agents[1]?.workingDir).toBe(join(folder, 'conf.d/w'));
    }
  });

  it('reads a file once, however often it is named, and agents.toml not again', () => {
    write({ 'agents.toml': `include = ["*.toml", "b.toml", "./b.toml"]\n${AGENT('main')}`, 'b.toml': AGENT('b') });
    symlinkSync('b.toml', join(folder, 'c.toml'));

    expect(load()).toMatchObject({ kind: 'ok', fleet: { agents: [{ name: 'main' }, { name: 'b' }] } });
  });

  it('checks the files together and tells problems by file, place and the path within that file', () => {
    write({
      'agents.toml': 'include = ["web.toml"]\n[[projects]]\nid = "sandbox"\n[factory]\nmax_waiting = 0\n',
      'web.toml': `[[projects]]\nid = "Sandbox"\n${AGENT('a')}project = "sandbx"\n[factory]\nname = "x"\n[facotry]\n`,
    });

    expect(problems()).toEqual([
      'agents.toml:5:15 factory.max_waiting: 0: must be a whole number from 1 to 100000',
      'web.toml:2:6 projects[0].id: "Sandbox" and "sandbox" are one file name (agents.toml:3:6): choose another',
      'web.toml:7:11 agents[0].project: unknown project "sandbx" (did you mean "sandbox"?)',
      'web.toml:8:2 factory: an included file may hold [[projects]] and [[agents]] only; move this to agents.toml',
      'web.toml:10:2 facotry: unknown key (did you mean "factory"?)',
    ]);
  });

  it('tells files that are no TOML alone, all of them', () => {
    write({
      'agents.toml': 'include = ["*.toml"]\nzzz = 1\n',
      'a.toml': 'a = ',
      'b.toml': 'b = "',
      'c.toml': 'zzz = 1',
    });

    expect(problems()).toEqual([
      'a.toml:1:5 : not TOML: Unspecified values are invalid',
      'b.toml:1:6 : not TOML: Unterminated string constant',
    ]);
  });

  it('misses a file that is named, and mentions a pattern that matches nothing', () => {
    write({ 'agents.toml': 'include = ["no.toml", "none/*.toml"]\n' });

    const result = load();

    expect(result).toMatchObject({
      kind: 'errors',
      errors: [{ line: 1, column: 12, key: 'include[0]' }],
      warnings: [{ line: 1, column: 23, key: 'include[1]', message: '"none/*.toml" matches no file' }],
    });
  });

  it('says what is wrong with a file that cannot be read', () => {
    write({ 'agents.toml': 'include = ["folder", "latin1.toml"]\n', 'latin1.toml': new Uint8Array([0x61, 0xe4]) });
    mkdirSync(join(folder, 'folder'));

    expect(problems()).toEqual([
      'folder:1:1 : this is no file; give the path of a TOML file',
      'latin1.toml:1:1 : this is no UTF-8 text; save it as UTF-8',
    ]);
  });

  it('says so when agents.toml itself is not there', () => {
    expect(problems()).toEqual([
      'agents.toml:1:1 : there is no such file; give another path, or make one with: adf init',
    ]);
  });
});
