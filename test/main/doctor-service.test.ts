// What doctor says of an installed service: its credentials, its keepers, and what of another user's can be seen at all.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorCheck } from '../../src/cli/local.ts';
import { inputsFolder, layout } from '../../src/core/install/layout.ts';
import { serviceUnit } from '../../src/core/install/unit-texts.ts';
import { askScratchHost } from '../../src/main/doctor-limits.ts';
import { environmentOfService, credentialChecks, isAnothers, ofAnothers } from '../../src/main/doctor-service.ts';
import { askOfKeepers } from '../../src/main/keepers-in-service.ts';
import { testFolder } from '../support/factory.ts';
import { FakeHost } from '../support/fake-host.ts';
import { systemClock } from '../../src/adapters/clock/system-clock.ts';

const lines = (checks: readonly DoctorCheck[]): readonly string[] =>
  checks.map(({ state, area, text, remedy }) => `${state} ${area}: ${text}${remedy === null ? '' : ` → ${remedy}`}`);

let dir: string;
beforeEach(() => {
  dir = testFolder();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('credentials of the service', () => {
  const NAMES = ['git', 'npm'];
  const unit = serviceUnit(layout(), NAMES);
  const all = new Set(NAMES);

  it('are right where the service has them, wherever a drop-in takes one from', () => {
    const whole = ['ok credential: the service is given git, npm (adf.service)'];
    expect(lines(credentialChecks(NAMES, { unit, files: all, given: all }))).toEqual(whole);
    expect(lines(credentialChecks(NAMES, { unit, files: all, given: null }))).toEqual(whole);
    const other = { unit: `${unit}\n[Service]\nLoadCredentialEncrypted=git:/etc/git.cred\n`, files: new Set(['npm']) };
    expect(lines(credentialChecks(NAMES, { ...other, given: null }))).toEqual(whole);
  });

  it('are missing without their file, without their line, or until the next restart, each with its cure', () => {
    expect(lines(credentialChecks(NAMES, { unit, files: new Set(['npm']), given: new Set(['npm']) }))).toEqual([
      'missing credential: git: agents.toml names it, and there is no file /etc/adf/credentials/git → sudo install -m 600 /dev/stdin /etc/adf/credentials/git, then: sudo adf install, sudo systemctl restart adf',
    ]);
    expect(lines(credentialChecks(NAMES, { unit: serviceUnit(layout(), ['npm']), files: all, given: null }))).toEqual([
      'missing credential: git: agents.toml names it, and adf.service does not load it → sudo adf install, then: sudo systemctl restart adf',
    ]);
    expect(lines(credentialChecks(NAMES, { unit, files: all, given: new Set(['git']) }))).toEqual([
      'missing credential: npm: the service that runs was started without it, or its file is empty → sudo systemctl restart adf',
    ]);
  });

  it('are no business of a fleet that names none', () => {
    expect(credentialChecks([], { unit, files: new Set(), given: new Set() })).toEqual([]);
  });

  it('are read by root in the place of the service, unless a unit gave us some', () => {
    expect(environmentOfService({ HOME: '/root' }, dir)).toEqual({ HOME: '/root', CREDENTIALS_DIRECTORY: dir });
    expect(environmentOfService({}, join(dir, 'none'))).toEqual({ CREDENTIALS_DIRECTORY: '/etc/adf/credentials' });
    expect(environmentOfService({ CREDENTIALS_DIRECTORY: dir })).toEqual({ CREDENTIALS_DIRECTORY: dir });
  });
});

describe('a factory of another user', () => {
  const limits = { memory: 'kernel', cpu: 'counted', pids: 'kernel', cpuQuota: 'kernel', tree: 'cgroup' } as const;
  const uid = process.getuid?.() ?? 0;

  it('is known by its state folder; root sees everything', () => {
    expect([isAnothers(dir, uid), isAnothers(dir, uid + 1), isAnothers(dir, 0)]).toEqual([false, true, false]);
    expect(isAnothers(join(dir, 'none'), uid + 1)).toBe(false);
  });

  it('is told by its daemon, and by nothing that only its user can look at', () => {
    const told = lines(ofAnothers('/var/lib/adf', { pid: 7, stateDir: '/var/lib/adf', limits }));
    expect(told).toEqual([
      'ok limits: memory kernel · processor time counted · processes kernel · cpu quota kernel',
      'ok tree kill: whole trees are ended by cgroup.kill',
      expect.stringMatching(/^limited service: \/var\/lib\/adf is another user's: .* → sudo adf doctor$/),
    ]);
    expect(ofAnothers('/var/lib/adf', null)).toHaveLength(1);
  });
});

describe('keepers of a factory that is a service', () => {
  const service = {
    unit: 'ada.service',
    systemctl: ['systemctl', '--user'] as const,
    killMode: 'control-group',
    hasStateDirectory: false,
  };
  const question = { choice: 'keeper', pid: 7, isRoot: false, environment: {} } as const;

  it('are refused to root, which has a manager, and told of elsewhere', async () => {
    const found = async () => Promise.resolve(service);
    expect(await askOfKeepers({ ...question, isRoot: true }, found)).toMatchObject({
      refused: true,
      cure: 'write host = "systemd" in [factory]; without cgroup v2, KillMode=process in the unit',
    });
    expect(await askOfKeepers({ ...question, choice: 'auto' }, found)).toEqual({
      refused: false,
      text: 'keepers live in the group of ada.service: each restart of it ends every agent',
      cure: 'systemctl --user edit ada.service: [Service] KillMode=process',
    });
  });

  it.each([
    ['a unit that kills its first process alone', 'keeper', { ...service, killMode: 'process' }],
    ['a manager that holds the agents', 'systemd', service],
    ['a state folder of the unit, by which "auto" is systemd', 'auto', { ...service, hasStateDirectory: true }],
    ['no service at all', 'keeper', null],
  ] as const)('are harmless with %s', async (_, choice, found) => {
    expect(await askOfKeepers({ ...question, choice, isRoot: true }, async () => Promise.resolve(found))).toBeNull();
  });
});

it('leaves nothing behind of the host that it asks, nor what that made beside its state folder', async () => {
  let made = '';
  const make = ({ stateDir }: { readonly stateDir: string }): FakeHost => {
    made = stateDir;
    mkdirSync(inputsFolder(stateDir));
    writeFileSync(join(stateDir, 'journal'), '');
    return new FakeHost(systemClock);
  };
  await askScratchHost({ choice: 'systemd', addresses: false }, make);
  expect([made, inputsFolder(made), join(made, '..')].map((path) => existsSync(path))).toEqual([false, false, false]);
});
