// A service manager that is too busy to answer: it is asked again, and nothing is made up about its units meanwhile.

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Records } from '../../../src/adapters/systemd/records.ts';
import { ServiceManager } from '../../../src/adapters/systemd/service-manager.ts';
import { Starter } from '../../../src/adapters/systemd/starter.ts';
import { specIn } from '../../support/host-specs.ts';

const UNIT = 'adf-web-r1.1-3f9a0c1d2e4b5a69.service';
const SILENT = 'echo "Connection timed out" >&2; exit 1';

let dir = '';
let manager: ServiceManager;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-manager-'));
  program('systemctl', SILENT);
  program('systemd-run', SILENT);
  manager = new ServiceManager('user', { PATH: `${dir}:/usr/bin:/bin` }, dir);
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function program(name: string, script: string): void {
  writeFileSync(join(dir, name), `#!/bin/sh\necho "$*" >>${dir}/asked\n${script}\n`);
  chmodSync(join(dir, name), 0o755);
}

function asked(): readonly string[] {
  return readFileSync(join(dir, 'asked'), 'utf8').split('\n').filter(Boolean);
}

async function begin() {
  const records = new Records(dir, dir, dir);
  const starter = new Starter({ manager, records, stateId: 'x', defaultUser: null, path: '/usr/bin:/bin' });
  return starter.begin(specIn(dir, { id: 'r1.1', argv: ['true'] }, {}));
}

describe('a manager', () => {
  it('that answers says how a unit stands', async () => {
    program('systemctl', 'echo ActiveState=active; echo MainPID=42');
    expect(await manager.state(UNIT)).toEqual({ active: 'active', pid: 42 });
  });

  it('that does not answer leaves the state of a unit unknown, which is no error', async () => {
    expect(await manager.state(UNIT)).toEqual({ active: 'unknown', pid: 0 });
  });

  it('that does not answer at all is an error of those who need its word', async () => {
    await expect(manager.units('adf-*')).rejects.toMatchObject({ code: 'systemd.unreachable' });
    await expect(manager.controllers()).rejects.toMatchObject({ code: 'systemd.unreachable' });
  });
});

describe('a start that nobody answers for', () => {
  it('is not said to have failed: it may live', async () => {
    await expect(begin()).rejects.toMatchObject({ code: 'systemd.unreachable' });
    // Ten looks, and the last one that decides.
    expect(asked().filter((line) => line.includes('show'))).toHaveLength(11);
  });

  it('did not start where the manager, asked again, knows of none', async () => {
    program(
      'systemctl',
      `[ "$(wc -l <${dir}/asked)" -gt 4 ] || { ${SILENT}; }; echo ActiveState=inactive; echo MainPID=0`,
    );
    expect(await begin()).toMatchObject({ kind: 'no', no: { kind: 'did_not_start', cause: 'host' } });
  });
});
