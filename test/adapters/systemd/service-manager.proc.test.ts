// A service manager that is too busy to answer: it is asked again, and nothing is made up about its units meanwhile.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Records } from '../../../src/adapters/systemd/records.ts';
import { ServiceManager } from '../../../src/adapters/systemd/service-manager.ts';
import { Starter, type Begun } from '../../../src/adapters/systemd/starter.ts';
import type { AttemptId } from '../../../src/core/ids.ts';
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

/** Whether the manager still finds what it was to start. */
function ordered(): boolean {
  return existsSync(new Records(dir, dir, dir).files('r1.1' as AttemptId).order);
}

function newStarter(): Starter {
  const records = new Records(dir, dir, dir);
  return new Starter({
    manager,
    records,
    stateId: 'x',
    defaultUser: null,
    path: '/usr/bin:/bin',
    log: () => undefined,
  });
}

async function begin(user: string | null = null) {
  return newStarter().begin({ ...specIn(dir, { id: 'r1.1', argv: ['true'] }, {}), user });
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

describe('the controllers of a manager', () => {
  const SLICE = 'user/adf.slice/adf-agents.slice';

  beforeEach(() => {
    for (const group of ['user', 'user/adf.slice', SLICE]) {
      mkdirSync(join(dir, group), { recursive: true });
      writeFileSync(join(dir, group, 'cgroup.procs'), '');
      writeFileSync(join(dir, group, 'cgroup.controllers'), 'cpu memory pids\n');
    }
    says('');
  });

  /** The manager's group, and what it says of the slice and its parent. */
  function says(disabled: string): void {
    const slices = `DisableControllers=${disabled}\nControlGroup=/${SLICE}\n\nDisableControllers=\nControlGroup=/user/adf.slice`;
    program('systemctl', `case $* in *adf-agents*) printf '%s\\n' '${slices}' ;; *) echo ControlGroup=/user ;; esac`);
  }

  it('are those of its group that no slice of ours disables', async () => {
    expect([...(await manager.controllers())]).toEqual(['cpu', 'memory', 'pids']);
    says('memory pids');
    expect([...(await manager.controllers())]).toEqual(['cpu']);
  });

  it.each(['user', SLICE])('are none once its user cannot write %s', async (group) => {
    // Root may write everything: what is not there nobody can.
    rmSync(join(dir, group, 'cgroup.procs'));
    expect([...(await manager.controllers())]).toEqual([]);
    const machines = new ServiceManager('system', { PATH: `${dir}:/usr/bin:/bin` }, dir);
    expect([...(await machines.controllers())]).toEqual(['cpu', 'memory', 'pids']);
  });

  it('are not missed for a slice that is at rest and has no group', async () => {
    rmSync(join(dir, SLICE), { recursive: true });
    expect((await manager.controllers()).size).toBe(3);
  });
});

describe('a start that nobody answers for', () => {
  it('is not said to have failed: it may live', async () => {
    expect(await begin()).toMatchObject({ kind: 'unknown', said: 'Connection timed out' });
    expect(asked().filter((line) => line.includes('show'))).toHaveLength(10);
    // The manager may still be about to read it.
    expect(ordered()).toBe(true);
  });

  it('by a manager that answers later is then known', async () => {
    const starter = newStarter();
    const first = await starter.begin(specIn(dir, { id: 'r1.1', argv: ['true'] }, {}));
    program('systemctl', 'echo ActiveState=inactive; echo MainPID=0');

    expect(first.kind).toBe('unknown');
    expect(await starter.outcome('r1.1' as AttemptId, first as Extract<Begun, { kind: 'unknown' }>)).toMatchObject({
      kind: 'not_taken',
      said: 'Connection timed out',
    });
  });

  it('did not start where the manager, asked again, knows of none', async () => {
    program(
      'systemctl',
      `[ "$(wc -l <${dir}/asked)" -gt 4 ] || { ${SILENT}; }; echo ActiveState=inactive; echo MainPID=0`,
    );
    expect(await begin()).toMatchObject({ kind: 'not_taken' });
  });
});

describe('a start whose messenger was killed', () => {
  it('keeps its order for as long as the manager may read it, and no longer', async () => {
    // The manager looks at the order at each question; it has begun with it by the fourth, and gives up.
    program(
      'systemctl',
      `ls ${dir}/orders-*/*.order >>${dir}/seen 2>&1
[ "$(wc -l <${dir}/asked)" -gt 4 ] && echo ActiveState=inactive || echo ActiveState=activating`,
    );
    program('systemd-run', 'kill -TERM $$');
    expect(await begin()).toMatchObject({ kind: 'not_taken' });
    const seen = readFileSync(join(dir, 'seen'), 'utf8').trim().split('\n');
    expect(seen.slice(0, 4).filter((line) => !line.endsWith('/r1.1.order'))).toEqual([]);
    expect(ordered()).toBe(false);
  });
});

describe('a manager that was replaced in the middle of a start', () => {
  const IDLE = 'echo ActiveState=inactive; echo MainPID=0';
  const spec = () => specIn(dir, { id: 'r1.1', argv: ['true'] }, {});
  const whole = 'boot 7c1e\\nuptime 1 1\\ngroup /g\\npid 7\\nend\\n';

  it('and forgot it is asked again, for a while', async () => {
    program('systemctl', IDLE);
    program('systemd-run', 'echo "Transport endpoint is not connected" >&2; exit 1');
    expect(await newStarter().start(spec(), new AbortController().signal)).toMatchObject({
      no: { kind: 'did_not_start', message: expect.stringContaining('Transport endpoint') as unknown },
    });
    expect(asked().filter((line) => line.includes('--unit='))).toHaveLength(3);
  });

  it('and takes it the second time has started it once', async () => {
    program('systemctl', IDLE);
    const start = join(dir, 'systemd', 'r1.1.start');
    program('systemd-run', `[ -e ${dir}/first ] || { : >${dir}/first; exit 1; }; printf '${whole}' >${start}`);
    expect(await newStarter().start(spec(), new AbortController().signal)).toMatchObject({ kind: 'started' });
  });

  it('is not asked again by a daemon that ends', async () => {
    program('systemctl', IDLE);
    program('systemd-run', 'kill -TERM $$');
    expect(await newStarter().start(spec(), AbortSignal.abort())).toMatchObject({ kind: 'not_taken' });
    expect(asked().filter((line) => line.includes('--unit='))).toHaveLength(1);
  });

  it('and forgot to record what it began has it recorded by us', async () => {
    program('systemctl', `echo ActiveState=active; echo MainPID=${process.pid}`);
    const begun = await begin();
    expect(begun).toMatchObject({
      kind: 'started',
      start: { record: { pid: process.pid, startTicks: expect.any(Number) as unknown } },
    });
    expect(asked().join('\n')).not.toContain('kill');
  });

  it('and whose journal tells of a unit that left no record is not asked again: it may have run', async () => {
    program('systemctl', IDLE);
    program('systemd-run', 'exit 1');
    program('journalctl', 'echo "Started x.service."; echo "x.service: Deactivated successfully."');
    expect(await newStarter().start(spec(), new AbortController().signal)).toMatchObject({
      no: { cause: 'host', message: expect.stringContaining('may have begun') as unknown },
    });
    expect(asked().filter((line) => line.includes('--unit=adf'))).toHaveLength(1);
  });

  it('and left something of which nobody can say anything has that ended, and is not asked again: it may have begun', async () => {
    program('systemctl', 'echo ActiveState=active; echo MainPID=0');
    expect(await newStarter().start(spec(), new AbortController().signal)).toMatchObject({
      no: { cause: 'host', message: expect.stringContaining('could not be recorded') as unknown },
    });
    expect(asked().filter((line) => line.includes('kill --signal=KILL'))).toHaveLength(1);
    expect(asked().filter((line) => line.includes('--unit='))).toHaveLength(1);
  });
});

describe('the manager of the machine', () => {
  it('starts nothing as the user of the factory, by whatever name', async () => {
    manager = new ServiceManager('system', { PATH: `${dir}:/usr/bin:/bin` }, dir);
    expect(await begin(userInfo().username)).toMatchObject({
      no: { cause: 'user', message: expect.stringContaining('is the user of the factory') as unknown },
    });
  });
});

describe('a start that the manager could not carry out', () => {
  it('is told by the record of its end, which stays for the report, also where that is still being written', async () => {
    const exit = join(dir, 'systemd', 'r1.1.exit');
    const text = 'boot 7c1e\nuptime 1 1\ngroup /g\nresult exit-code\ncode exited\nstatus 226\nend\n';
    // The end is recorded at the third question: until then the unit is being ended.
    program(
      'systemctl',
      `if [ "$(wc -l <${dir}/asked)" -lt 4 ]; then echo ActiveState=deactivating; exit; fi
printf '${text.replaceAll('\n', '\\n')}' >${exit}; echo ActiveState=inactive`,
    );
    program('systemd-run', 'exit 1');
    expect(await begin()).toEqual({ kind: 'ended' });
    expect(new Records(dir, dir, dir).exit('r1.1' as AttemptId)?.record).toMatchObject({ code: 226 });
  });
});

describe('a start whose failure kept its recorder from running, too', () => {
  it('is told by what the manager wrote into its journal', async () => {
    program('systemctl', 'echo ActiveState=inactive; echo MainPID=0');
    program('systemd-run', 'exit 1');
    program('journalctl', 'echo "x.service: Main process exited, code=exited, status=226/NAMESPACE"');
    const message = expect.stringMatching(
      /^its sandbox cannot be made: .*\(226\/NAMESPACE\); see journalctl/,
    ) as unknown;
    expect(await begin()).toMatchObject({ no: { kind: 'did_not_start', cause: 'host', message } });
    expect(asked().at(-1)).toContain('--user-unit=adf-test-agent-r1.1-x.service');
    program('journalctl', 'exit 1');
    expect(await begin()).toMatchObject({ kind: 'not_taken' });
  });
});

describe('the manager of a user', () => {
  it('starts as that user, also where agents.toml names it, and as nobody else', async () => {
    program('systemctl', 'echo ActiveState=inactive; echo MainPID=0');
    expect(await begin(userInfo().username)).toMatchObject({ kind: 'not_taken' });
    expect(asked().filter((line) => line.includes('--unit='))).toHaveLength(1);
    expect(asked().join('\n')).not.toContain('User=');
    expect(await begin('somebody')).toMatchObject({ no: { cause: 'user' } });
  });
});
