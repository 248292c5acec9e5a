// What a daemon tells the manager that started it, by a pretended systemd-notify.

import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { serviceNotice } from '../../../src/adapters/host/service-notice.ts';
import type { ServiceNotice } from '../../../src/adapters/host/service-notice.ts';

let dir: string;
let now: number;
let problems: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-notice-'));
  writeFileSync(join(dir, 'said'), '');
  writeFileSync(join(dir, 'systemd-notify'), `#!/bin/sh\necho "$NOTIFY_SOCKET $1" >>${dir}/said\n`);
  chmodSync(join(dir, 'systemd-notify'), 0o755);
  now = 5000;
  problems = [];
});
afterEach(() => rmSync(dir, { recursive: true }));

const said = (): readonly string[] => readFileSync(join(dir, 'said'), 'utf8').split('\n').filter(Boolean);
const notice = (environment: Readonly<Record<string, string>>): ServiceNotice =>
  serviceNotice({
    environment: { PATH: `${dir}:/usr/bin:/bin`, ...environment },
    heartbeat: join(dir, 'heartbeat'),
    failed: (message) => problems.push(message),
    now: () => now,
  });

it('gives a sign of life per completed pass, at most three in the time that the manager allows, and none by itself', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
  try {
    const told = notice({ NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '60000000' });
    expect(vi.getTimerCount()).toBe(0);
    for (const at of [5000, 5001, 24_999, 25_000, 44_999, 45_000]) {
      now = at;
      told.passed();
    }
    vi.useRealTimers();
    await vi.waitFor(() => expect(said()).toHaveLength(3), 5000);
    await told.ready();
    expect(said()).toEqual([...Array<string>(3).fill('/run/n WATCHDOG=1'), '/run/n READY=1']);
    expect(problems).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

it('tells nobody outside of a service, nor of life to a manager that does not ask; the heartbeat is kept', async () => {
  const heartbeat = join(dir, 'heartbeat');
  for (const environment of [{}, { NOTIFY_SOCKET: '/run/n' }]) {
    writeFileSync(heartbeat, '');
    utimesSync(heartbeat, 1, 1);
    const told = notice(environment);
    told.passed();
    expect(statSync(heartbeat).mtimeMs).toBeGreaterThan(1000);
    await told.ready();
  }
  expect(said()).toEqual(['/run/n READY=1']);
});

it('says what could not be told', async () => {
  writeFileSync(join(dir, 'systemd-notify'), '#!/bin/sh\necho refused >&2\nexit 1\n');
  await notice({ NOTIFY_SOCKET: '/run/n' }).ready();
  expect(problems).toEqual(['the service manager was not told READY=1: refused']);
});
