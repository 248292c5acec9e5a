// A model CLI end to end: real daemon, real keeper, and a program that replays what Claude Code was recorded to print.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../src/core/ids.ts';
import type { Outcome } from '../../src/core/run/outcome.ts';
import type { Run } from '../../src/core/run/run.ts';
import { removeFolder, startFactory, testFolder } from '../support/factory.ts';
import type { Factory } from '../support/factory.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/claude', import.meta.url));
const TRANSCRIPTS = fileURLToPath(new URL('../transcripts', import.meta.url));
const PROMPT = 'Count the words of README.md.';

interface Case {
  readonly transcript: string;
  readonly exit: number;
  readonly outcome: Partial<Outcome>;
  readonly usage: Run['usage'];
}

const CASES: readonly Case[] = [
  {
    transcript: 'claude-tool',
    exit: 0,
    outcome: { kind: 'succeeded' },
    usage: {
      input: 2469,
      cacheRead: 2100,
      cacheWrite: 410,
      output: 115,
      reasoning: 0,
      costMicroUsd: 14_646,
      billing: 'billed',
    },
  },
  {
    transcript: 'claude-max-turns',
    exit: 0,
    outcome: { kind: 'failed', class: 'own_limit' },
    usage: {
      input: 3706,
      cacheRead: 3300,
      cacheWrite: 630,
      output: 177,
      reasoning: 0,
      costMicroUsd: 22_174,
      billing: 'billed',
    },
  },
  {
    transcript: 'claude-e401',
    exit: 0,
    outcome: { kind: 'failed', class: 'auth' },
    usage: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, costMicroUsd: 0, billing: 'billed' },
  },
];

let factory: Factory | null = null;
let dir = '';

afterEach(async () => {
  await factory?.stop();
  factory = null;
  removeFolder(dir);
});

function toml({ transcript, exit }: Case): string {
  return `
[factory]
state_dir = "state"
disk_free_floor = "1MiB"

[[agents]]
name = "developer"
layer = "Growth"
cli_tool = "claude"
task = "${PROMPT}"
working_dir = "."
[agents.env]
PATH = "${FIXTURES}:/usr/bin:/bin"
FAKE_CLAUDE_TRANSCRIPT = "${join(TRANSCRIPTS, `${transcript}.jsonl`)}"
FAKE_CLAUDE_PROMPT = "${join(dir, 'prompt')}"
FAKE_CLAUDE_EXIT = "${exit}"
`;
}

describe('claude, by its terminal event and not by its exit code', () => {
  it.each(CASES)('$transcript', async (given) => {
    dir = testFolder();
    factory = await startFactory(dir, toml(given));
    const { daemon, fact, house } = factory;
    const reply = await daemon.control.run('developer', { key: 'once' });
    const id = ('run' in reply ? reply.run.id : '') as RunId;
    await fact((one) => one.kind === 'run.ended' && one.run === id);

    const run = house.ledger.runs.get(id);
    const [attempt, ...more] = house.ledger.attempts.ofRun(id);
    expect([run?.outcome, run?.exit, more]).toEqual([
      expect.objectContaining(given.outcome),
      { code: given.exit, signal: null },
      [],
    ]);
    expect(run?.usage).toEqual(given.usage);
    // The session was chosen before the spawn: it stands in the attempt, and the program was given it.
    const printed = readFileSync(attempt?.outPath ?? '', 'utf8').split('\n');
    const { session_id: session } = JSON.parse(printed[0] ?? '{}') as { readonly session_id?: string };
    expect([session, attempt?.sessionId]).toEqual([attempt?.sessionId, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    expect(readFileSync(join(dir, 'prompt'), 'utf8')).toContain(PROMPT);
  });
});
