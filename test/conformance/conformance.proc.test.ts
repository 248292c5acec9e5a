// `adf doctor --conformance` with an imitation of a CLI: a factory of its own, the model on loopback, and nothing left of either.

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { conformance } from '../../src/main/conformance.ts';

const CLAUDE = join(import.meta.dirname, '../fixtures/conformance/claude');
const CACHE = join(homedir(), '.cache');
let place = { config: '' };

beforeEach(() => {
  vi.stubEnv('ANTHROPIC_AUTH_TOKEN', 'of the operator');
  const dir = mkdtempSync(join(tmpdir(), 'adf-conformance-'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(dir, { recursive: true });
  });
  place = { config: join(dir, 'agents.toml') };
  const agent = `[[agents]]\nname = "a"\nlayer = "Growth"\ncli_tool = "${CLAUDE}"\ntask = "Look around."\n`;
  writeFileSync(place.config, agent);
});

function left(): readonly string[] {
  return existsSync(CACHE) ? readdirSync(CACHE).filter((name) => name.startsWith('adf-')) : [];
}

it('tells which scenarios the CLI of agents.toml plays as its driver expects, and which not', async () => {
  const told: string[] = [];
  const watch = { tell: (line: string) => told.push(line), interrupt: new AbortController().signal };
  const [view, ...more] = await conformance(place, { clis: ['claude'], scenarios: ['text', 'e401'] }, watch);
  expect(more).toEqual([]);
  expect(view).toMatchObject({ cli: 'claude', version: '9.9.9', program: CLAUDE, measuredWith: '2.1.329' });
  expect(view?.rows).toMatchObject([
    { scenario: 'text', ending: 'succeeded', told: '1234 / 1000 / 200 / 56 / 0', requests: 1, wrong: [] },
    { scenario: 'e401', ending: 'succeeded', expected: 'auth', requests: 1 },
  ]);
  expect(view?.rows[1]?.wrong).toEqual([expect.stringContaining('it ended as succeeded, not as auth')]);
  expect(told.slice(1)).toEqual(['  text: as expected', '  e401: differs']);
  expect(left()).toEqual([]);
});

it('ends what it began when a person interrupts', async () => {
  const interrupt = new AbortController();
  const watch = {
    tell: (line: string) => void (line.startsWith(' ') || interrupt.abort()),
    interrupt: interrupt.signal,
  };
  const [view] = await conformance(place, { clis: ['claude'], scenarios: ['text'] }, watch);
  expect(view?.rows).toEqual([]);
  expect(left()).toEqual([]);
});

it.each([
  [{ clis: ['cluade'], scenarios: [] }, 'no agent CLI is called "cluade" (did you mean "claude"?)'],
  [{ clis: [], scenarios: ['e402'] }, 'no scenario is called "e402" (did you mean "e401"?)'],
])('says what it does not know', async (wish, message) => {
  const watch = { tell: () => undefined, interrupt: new AbortController().signal };
  await expect(conformance(place, wish, watch)).rejects.toThrow(message);
});
