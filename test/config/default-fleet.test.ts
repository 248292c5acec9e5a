// The committed agents.toml: small, right, without a warning, and made of programs that are packed with it.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { countSlots } from '../../src/core/trigger/schedule.ts';
import { UTC } from '../../src/core/trigger/zone.ts';
import { fleetOf, loadText } from '../support/load-config.ts';

const ROOT = join(import.meta.dirname, '../..');
const TEXT = readFileSync(join(ROOT, 'agents.toml'), 'utf8');
const AT_HOME = { path: join(ROOT, 'agents.toml') };

describe('the committed agents.toml', () => {
  it('has at most 80 lines', () => {
    expect(TEXT.trimEnd().split('\n').length).toBeLessThanOrEqual(80);
  });

  it('is right and draws no warning', () => {
    expect(loadText(TEXT, AT_HOME)).toMatchObject({ kind: 'ok', warnings: [] });
  });

  it('is right with the claude agent switched on', () => {
    const [before = '', after = ''] = TEXT.split('# [[agents]]\n');
    const withClaude = `${before}[[agents]]\n${after.replaceAll(/^# (?=[a-z_]+ = )/gm, '')}`;

    expect(loadText(withClaude, AT_HOME)).toMatchObject({ kind: 'ok', warnings: [] });
    expect(fleetOf(withClaude, AT_HOME).agents.map((agent) => agent.cliTool)).toContain('claude');
  });

  it('names only node and programs that are packed', () => {
    const packed = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] };

    for (const agent of fleetOf(TEXT, AT_HOME).agents) {
      expect(agent.cliTool).toBe('node');
      expect(agent.args).toHaveLength(1);
      expect(existsSync(join(ROOT, agent.args[0] ?? ''))).toBe(true);
    }
    expect(packed.files).toEqual(expect.arrayContaining(['agents.toml', 'agents.schema.json', 'fleet']));
  });

  it('gives at least five runs of three agents in the 85 seconds after a start at any second of the hour', () => {
    const { agents } = fleetOf(TEXT, AT_HOME);
    for (let second = 0; second < 3600; second += 1) {
      const afterMs = Date.UTC(2026, 10, 21, 9) + second * 1000;
      const runs = agents.map(({ schedule }) =>
        schedule === null ? 0 : countSlots(schedule, UTC, { afterMs, untilMs: afterMs + 85_000 }),
      );

      expect(runs.filter((count) => count > 0).length, `second ${second}`).toBeGreaterThanOrEqual(3);
      expect(
        runs.reduce((sum, count) => sum + count, 0),
        `second ${second}`,
      ).toBeGreaterThanOrEqual(5);
    }
  });

  it('watches the repository by its steward and the sandbox by its meta agent', () => {
    const fleet = fleetOf(TEXT, AT_HOME);

    expect(fleet.projects.map((project) => [project.id, project.breaker.agents])).toEqual([
      ['repo', ['steward']],
      ['sandbox', ['project-meta', 'project-meta-*']],
    ]);
  });
});
