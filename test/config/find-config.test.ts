// Which agents.toml is meant.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { findConfig } from '../../src/config/find-config.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adf-find-'));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const nowhere = { flag: null, env: {}, systemFile: '/nonexistent/agents.toml' };

describe('findConfig', () => {
  it('takes the flag before everything, from the folder where it was typed', () => {
    const input = { ...nowhere, flag: 'x.toml', env: { ADF_CONFIG: '/y.toml' }, cwd: join(folder, 'a') };

    expect(findConfig(input)).toEqual({ kind: 'found', path: join(folder, 'a/x.toml'), by: 'flag' });
  });

  it('takes $ADF_CONFIG before what lies around, and an empty one as none', () => {
    writeFileSync(join(folder, 'agents.toml'), '');

    expect(findConfig({ ...nowhere, env: { ADF_CONFIG: 'y.toml' }, cwd: folder })).toEqual({
      kind: 'found',
      path: join(folder, 'y.toml'),
      by: 'environment',
    });
    expect(findConfig({ ...nowhere, env: { ADF_CONFIG: '' }, cwd: folder })).toMatchObject({ by: 'nearest' });
  });

  it('takes the nearest file upwards, and no folder of that name', () => {
    writeFileSync(join(folder, 'agents.toml'), '');
    mkdirSync(join(folder, 'a/b/agents.toml'));

    expect(findConfig({ ...nowhere, cwd: join(folder, 'a/b') })).toEqual({
      kind: 'found',
      path: join(folder, 'agents.toml'),
      by: 'nearest',
    });

    writeFileSync(join(folder, 'a/agents.toml'), '');
    expect(findConfig({ ...nowhere, cwd: join(folder, 'a/b') })).toMatchObject({ path: join(folder, 'a/agents.toml') });
  });

  it('takes the file of the system at last, and else tells where it looked', () => {
    const system = join(folder, 'system.toml');
    writeFileSync(system, '');

    expect(findConfig({ ...nowhere, cwd: join(folder, 'a'), systemFile: system })).toEqual({
      kind: 'found',
      path: system,
      by: 'system',
    });
    const missing = findConfig({ ...nowhere, cwd: join(folder, 'a') });
    expect(missing.kind === 'none' ? missing.looked : []).toEqual(
      expect.arrayContaining([join(folder, 'a/agents.toml'), '/agents.toml', '/nonexistent/agents.toml']),
    );
  });
});
