// The dead-man's script, on a real shell with a pretended manager.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { heartbeatFile, layout, silenceFolder } from '../../../src/core/install/layout.ts';
import { deadmanScript } from '../../../src/core/install/unit-texts.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-deadman-'));
  writeFileSync(join(dir, 'deadman.sh'), deadmanScript({ ...layout(), stateDir: dir }));
  manager('active');
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function manager(state: string): void {
  writeFileSync(join(dir, 'systemctl'), `#!/bin/sh\necho ${state}\n`);
  chmodSync(join(dir, 'systemctl'), 0o755);
}

function beat(secondsAgo: number): void {
  const at = Math.floor(Date.now() / 1000) - secondsAgo;
  writeFileSync(heartbeatFile(dir), '');
  utimesSync(heartbeatFile(dir), at, at);
}

function look(): string {
  return execFileSync('/bin/sh', [join(dir, 'deadman.sh'), '300'], {
    env: { PATH: `${dir}:/usr/bin:/bin` },
    encoding: 'utf8',
  });
}

function silences(): string[] {
  try {
    return readdirSync(silenceFolder(dir));
  } catch {
    return [];
  }
}

it('says nothing while the scheduler passes, nor before it ever did', () => {
  expect(look()).toBe('');
  beat(200);
  expect(look()).toBe('');
  expect(silences()).toEqual([]);
});

it('says once per silence that the daemon is silent, with the highest priority', () => {
  beat(400);
  expect(look()).toMatch(/^<0>adf: no pass of the scheduler for 4\d\d s/);
  expect(look()).toBe('');
  expect(silences()).toHaveLength(1);
  beat(500);
  expect(look()).toMatch(/^<0>adf: no pass of the scheduler for 5\d\d s/);
  expect(silences()).toHaveLength(2);
});

it.each([
  ['inactive', 0],
  ['deactivating', 0],
  ['failed', 1],
  ['activating', 1],
])('takes a daemon that is %s for what it is', (state, expected) => {
  manager(state);
  beat(400);
  look();
  expect(silences()).toHaveLength(expected);
});
