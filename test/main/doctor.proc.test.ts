// `adf doctor` on this machine, for a fleet with an agent CLI and a program.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { claudeDriver } from '../../src/drivers/claude/driver.ts';
import { doctor } from '../../src/main/doctor.ts';

const AGENTS = `
[[agents]]
name = "thinks"
layer = "Growth"
cli_tool = "/opt/claude"
task = "Look around."

[[agents]]
name = "works"
layer = "Growth"
cli_tool = "sh"
task = "true"
`;

it('tells of each agent CLI that agents.toml needs what it can do and where it lies, and of no other', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'adf-doctor-test-'));
  onTestFinished(() => {
    rmSync(dir, { recursive: true });
  });
  writeFileSync(join(dir, 'agents.toml'), AGENTS);
  const checks = await doctor({ config: join(dir, 'agents.toml') });
  const told = checks.filter(({ area }) => area === 'agent CLI').map(({ text }) => text);
  const { knownLies, usageGaps } = claudeDriver.capabilities;
  expect(told[0]).toContain('claude: measured with 2.1.329 · prompt by stdin · session id chosen before the start');
  expect(told).toEqual(expect.arrayContaining(knownLies.map((lie) => `claude: beware: ${lie}`)));
  expect(told).toEqual(expect.arrayContaining(usageGaps.map(({ text }) => `claude: not counted: ${text}`)));
  expect(told.every((text) => text.startsWith('claude: '))).toBe(true);
});
