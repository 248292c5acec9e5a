// `adf pause` and `adf resume` on real files, by what agents.toml says or by what is in force.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { local } from '../../src/main/local.ts';

let dir: string;
let config: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-flags-'));
  config = join(dir, 'agents.toml');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const wish = { project: 'web', forMs: null, reason: null, by: 'eva' };

it('puts the flag where agents.toml says, and takes it away', async () => {
  writeFileSync(config, '[factory]\npause_dir = "flags"\n[[projects]]\nid = "web"\n');
  expect(await local.pause({ config }, wish)).toMatchObject({ made: true, flag: join(dir, 'flags/web') });
  expect(existsSync(join(dir, 'flags/web'))).toBe(true);
  expect(await local.resume({ config }, wish)).toMatchObject({ removed: true });
});

it('puts it where it is in force while agents.toml is broken, for the projects that are', async () => {
  writeFileSync(config, '[[projects]]\nid = 7\n');
  await expect(local.pause({ config }, wish)).rejects.toMatchObject({ code: 'config' });
  const place = { config, inForce: { pauseDir: join(dir, 'flags'), projects: ['web'] } };
  expect(await local.pause(place, wish)).toMatchObject({ made: true, flag: join(dir, 'flags/web') });
  await expect(local.pause(place, { ...wish, project: 'wep' })).rejects.toThrow(/did you mean "web"/);
});
