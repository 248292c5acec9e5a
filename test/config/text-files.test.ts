// Personas and skills: files of folders that agents.toml names, missing ones told with their place.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleetOf, loadText, problemLines } from '../support/load-config.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-texts-'));
  mkdirSync(join(dir, 'review'));
  for (const name of ['Ferrox.md', 'review/SKILL.md', 'review.md', 'test.md']) {
    writeFileSync(join(dir, name), name);
  }
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const toml = (agent: string, tool = 'claude'): string =>
  `[factory]\npersona_dir = "${dir}"\nskill_dir = "${dir}"\n[[agents]]\nname = "a"\nlayer = "Growth"\ncli_tool = "${tool}"\n${agent}\n`;

const told = (text: string): readonly string[] => {
  const loaded = loadText(text, { path: join(dir, 'agents.toml') });
  return problemLines(loaded.kind === 'errors' ? loaded.errors : loaded.warnings);
};

it('finds a persona, and skills in their order, in a folder of their own first', () => {
  const [agent] = fleetOf(toml('persona = "Ferrox"\nskill_chain = ["test", "review"]')).agents;
  expect(agent).toMatchObject({
    personaFile: join(dir, 'Ferrox.md'),
    skills: [
      { name: 'test', file: join(dir, 'test.md') },
      { name: 'review', file: join(dir, 'review/SKILL.md') },
    ],
  });
});

describe('is an error', () => {
  it.each([
    ['persona = "Nobody"', '8:11 agents[0].persona: "Nobody": there is no Nobody.md in DIR'],
    ['persona = "../x"', '8:11 agents[0].persona: "../x": there is no ../x.md in DIR'],
    [
      'skill_chain = ["test", "gone"]',
      '8:24 agents[0].skill_chain[1]: "gone": there is no gone/SKILL.md nor gone.md in DIR',
    ],
  ])('%s', (agent, message) => {
    expect(told(toml(agent))).toEqual([`agents.toml:${message.replace('DIR', dir)}`]);
  });

  it('never reads a file beside the folder', () => {
    mkdirSync(join(dir, 'inner'));
    const text = toml('persona = "../Ferrox"').replace(`"${dir}"`, `"${dir}/inner"`);
    expect(told(text)).toHaveLength(1);
  });
});

it('warns of a program, which is told nothing', () => {
  expect(told(toml('persona = "Ferrox"', 'sh'))[0]).toContain(
    'agents[0].persona: has no effect for "sh": only agent CLIs are told',
  );
});
