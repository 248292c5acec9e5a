// Every command that README names is run here, as it stands there, against one factory; and it names every command.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERBS } from '../../src/cli/catalogue.ts';
import { local } from '../../src/main/local.ts';
import { adfAt } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { WholeFactory } from '../support/whole-factory.ts';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const COMMANDS = [...new Set([...README.matchAll(/`(?:npx )?adf ([^`]+)`/g)].map((match) => match[1] ?? ''))];
/** One would change this machine, one takes minutes and the agent CLIs themselves; each has tests of its own. */
const ELSEWHERE = new Set(['install', 'doctor --conformance']);
/** The factory of this test is one already; and after a drain nothing would run. */
const IN_ORDER = COMMANDS.filter((command) => !command.startsWith('start') && !ELSEWHERE.has(command)).toSorted(
  (a, b) => Number(a === 'drain') - Number(b === 'drain'),
);

const FLEET = `
[[projects]]
id = "sandbox"

[[agents]]
name = "project-meta-sandbox"
project = "sandbox"
layer = "Core"
schedule = "0 0 1 1 *"
events = ["push"]
cli_tool = "sh"
task = "true"

[[agents]]
name = "works"
project = "sandbox"
layer = "Growth"
cli_tool = "sh"
task = "true"
overlap = "allow"
`;

let factory: WholeFactory;
beforeAll(async () => {
  factory = await WholeFactory.start(FLEET);
  mkdirSync(join(factory.dir, 'elsewhere'));
  factory.host.script(({ attemptId }) => (attemptId.startsWith(held) ? {} : { endsAfterMs: 0, output: 'said\n' }));
});
afterAll(async () => factory[Symbol.asyncDispose]());

/** Ids that begin so belong to runs that go on until they are told to end. */
let held = 'none';

/** A run to speak of: one that goes on where it is to be ended, else one that has ended. */
async function runFor(command: string): Promise<string> {
  held = command.startsWith('cancel') ? 'r' : 'none';
  const wait = held === 'none' ? ['--wait'] : [];
  const { code } = await factory.adf('run', 'works', ...wait);
  expect(code).toBe(0);
  const { out } = await factory.adf('runs', '--json');
  return (JSON.parse(out) as readonly { readonly id: string }[])[0]?.id ?? '';
}

async function inTheirPlaces(command: string): Promise<readonly string[]> {
  const file = join(factory.dir, command.startsWith('emit') ? 'data.json' : 'saved.plan');
  if (command.startsWith('emit')) {
    writeFileSync(file, '{}');
  }
  const places: Readonly<Record<string, string>> = {
    NAME: 'works',
    PROJECT: 'sandbox',
    FILE: file,
    CMD: 'true',
    RUN: command.includes('RUN') ? await runFor(command) : '',
  };
  return command.split(' ').map((word) => places[word] ?? word);
}

/** With this factory's agents.toml, before anything that is the tried program's own. */
async function adf(words: readonly string[]): Promise<Ended> {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const argv = words[0] === 'completion' ? words : words.toSpliced(end, 0, '--config', factory.config);
  const init = async (): ReturnType<typeof local.init> => local.init(join(factory.dir, 'elsewhere'));
  return adfAt(factory.socket, argv, { local: { ...local, init }, now: Date.now, newKey: () => crypto.randomUUID() });
}

describe('README', () => {
  it.each(IN_ORDER)('adf %s', { timeout: 60_000 }, async (command) => {
    expect(await adf(await inTheirPlaces(command))).toMatchObject({ code: 0 });
  });

  it('names every command', () => {
    expect(
      VERBS.map((verb) => verb.name).filter((name) => !COMMANDS.some((one) => one.split(' ')[0] === name)),
    ).toEqual([]);
  });
});
