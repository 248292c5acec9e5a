// Whether a process is the main one of a service, by a pretended manager.

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serviceOf } from '../../../src/adapters/host/running-service.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-service-'));
  const said = 'MainPID=7\\nKillMode=process\\nStateDirectory=adf\\n';
  writeFileSync(join(dir, 'systemctl'), `#!/bin/sh\necho "$*" >${dir}/asked\nprintf '${said}'\n`);
  chmodSync(join(dir, 'systemctl'), 0o755);
});
afterEach(() => rmSync(dir, { recursive: true }));

const find = async (pid: number, group: string) =>
  serviceOf(pid, { PATH: `${dir}:/usr/bin:/bin` }, (path) => (path === `/proc/${pid}/cgroup` ? `0::${group}\n` : null));

it.each([
  ['/system.slice/ada.service', 'ada.service', []],
  ['/system.slice/ada.service/adf-supervisor', 'ada.service', []],
  ['/user.slice/user-1000.slice/user@1000.service/app.slice/factory.service', 'factory.service', ['--user']],
])('asks the manager of %s', async (group, unit, words) => {
  const systemctl = ['systemctl', ...words];
  expect(await find(7, group)).toEqual({ unit, systemctl, killMode: 'process', hasStateDirectory: true });
  const asked = [...words, 'show --property=MainPID,KillMode,StateDirectory --', unit];
  expect(readFileSync(join(dir, 'asked'), 'utf8')).toBe(`${asked.join(' ')}\n`);
});

it('is none of a process beside the main one, in a session, or in no group', async () => {
  expect(await find(8, '/system.slice/runner.service')).toBeNull();
  expect(await find(7, '/user.slice/user-0.slice/session-1.scope')).toBeNull();
  expect(await find(7, '/')).toBeNull();
});
