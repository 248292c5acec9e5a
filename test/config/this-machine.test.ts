// What the machine of the test has, and what the environment says of the service that started us.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { totalmem, tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readEnvironment, unitFolders } from '../../src/config/env.ts';
import { findProgram, thisMachine } from '../../src/config/this-machine.ts';

describe('findProgram', () => {
  it('finds what can be executed, in the order of PATH, and nothing else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'adf-path-'));
    using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
    for (const [name, mode] of [
      ['first/plain', 0o644],
      ['second/plain', 0o755],
      ['second/tool', 0o755],
    ] as const) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), '');
      chmodSync(join(folder, name), mode);
    }
    mkdirSync(join(folder, 'first/tool'));
    const path = `${join(folder, 'first')}::${join(folder, 'second')}`;

    expect(findProgram('plain', path)).toBe(join(folder, 'second/plain'));
    expect(findProgram('tool', path)).toBe(join(folder, 'second/tool'));
    expect(findProgram('nothing', path)).toBeNull();
    expect(findProgram('tool', undefined)).toBeNull();
    expect(findProgram(join(folder, 'second/tool'), undefined)).toBe(join(folder, 'second/tool'));
    expect(findProgram(join(folder, 'first/plain'), path)).toBeNull();
  });
});

describe('thisMachine', () => {
  it('has a core, no more memory than there is, and the programs of PATH', () => {
    const machine = thisMachine(readEnvironment());

    expect(machine.cores).toBeGreaterThanOrEqual(1);
    expect(machine.memoryBytes).toBeGreaterThan(0);
    expect(machine.memoryBytes).toBeLessThanOrEqual(totalmem());
    expect(machine.findProgram('sh')).toMatch(/\/sh$/);
  });
});

describe('unitFolders', () => {
  it.each([
    [{}, { state: null, runtime: null }],
    [{ STATE_DIRECTORY: '' }, { state: null, runtime: null }],
    [
      { STATE_DIRECTORY: '/var/lib/a:/var/lib/b', RUNTIME_DIRECTORY: '/run/a' },
      { state: '/var/lib/a', runtime: '/run/a' },
    ],
  ])('of %j is %j', (env, expected) => {
    expect(unitFolders(env)).toEqual(expected);
  });
});
