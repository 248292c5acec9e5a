// What the service manager is told of a start.

import { describe, expect, it } from 'vitest';
import {
  limitFiles,
  runArguments,
  unitProperties,
  type UnitOrder,
} from '../../../src/adapters/systemd/unit-properties.ts';
import { attemptOfUnit, unitName } from '../../../src/adapters/systemd/unit-name.ts';
import type { AttemptId } from '../../../src/core/ids.ts';
import type { Limits } from '../../../src/ports/execution-host.ts';
import { specIn, type SpecWish } from '../../support/host-specs.ts';

const STATE_ID = '3f9a0c1d2e4b5a69';

function order(wish: SpecWish = {}, user: string | null = 'adf-agent'): UnitOrder {
  const spec = specIn('/srv/web', { id: 'r12.1', argv: ['claude', '--secret', '$HOME %n'] }, wish);
  return {
    unit: unitName(spec.attemptId, 'web/steward', STATE_ID),
    user,
    home: user === null ? null : '/var/lib/adf-agent',
    spec,
    files: {
      order: '/var/lib/adf/systemd/r12.1.order',
      proof: '/var/lib/adf/systemd/r12.1.proof',
      recorder: '/var/lib/adf/systemd/recorder.sh',
      startRecord: '/var/lib/adf/systemd/r12.1.start',
      exitRecord: '/var/lib/adf/systemd/r12.1.exit',
    },
  };
}

const GROUP_DIES =
  'ExecStartPre=-"/bin/sh" "/var/lib/adf/systemd/recorder.sh" "group" "/var/lib/adf/systemd/r12.1.start"';

describe('the properties of a unit', () => {
  const rows: readonly [string, Partial<Limits>, readonly string[]][] = [
    ['no memory limit', { memoryBytes: null }, ['MemoryMax=infinity', 'MemorySwapMax=0']],
    ['256 MiB', { memoryBytes: 268_435_456 }, ['MemoryMax=268435456', 'MemorySwapMax=0', GROUP_DIES]],
    ['a mark from which on it is slowed down', { memoryHighBytes: 134_217_728 }, ['MemoryHigh=134217728']],
    ['no limit of processes', { pids: null }, ['TasksMax=infinity']],
    ['64 processes', { pids: 64 }, ['TasksMax=64']],
    ['a quota', { cpuQuotaPercent: 20 }, ['CPUQuota=20%']],
    ['a wall clock, as a second net behind our own', { wallMs: 60_000 }, ['RuntimeMaxSec=91']],
  ];
  it.each(rows)('say %s', (_, limits, expected) => {
    expect(unitProperties(order({ limits }))).toEqual(expect.arrayContaining([...expected]));
  });

  it('leave a death by memory to the kernel, whose count the manager would answer by killing the recorder', () => {
    expect(unitProperties(order())).toContain('OOMPolicy=continue');
    expect(unitProperties(order({ limits: { memoryBytes: null } })).join()).not.toContain('ExecStartPre');
  });

  it('give every agent the same weights, and let its end take its whole tree and nothing else', () => {
    expect(unitProperties(order())).toEqual(
      expect.arrayContaining([
        'CollectMode=inactive-or-failed',
        'KillMode=control-group',
        'TimeoutStopSec=30',
        'TimeoutStartSec=60',
        'OOMScoreAdjust=300',
        'LimitNOFILE=65536',
        'LimitCORE=0',
        'CPUWeight=100',
        'IOWeight=100',
      ]),
    );
  });

  it('name a user only where there is one', () => {
    expect(unitProperties(order())).toContain('User=adf-agent');
    expect(unitProperties(order({}, null)).filter((each) => each.startsWith('User='))).toEqual([]);
  });

  it('close what the sandbox closes, where the attempt is another user', () => {
    const sandbox = { level: 'standard', writable: [], readable: [], hidden: ['/etc/adf'], addresses: null } as const;
    expect(unitProperties(order({ sandbox }))).toContain('InaccessiblePaths="-/etc/adf"');
    expect(unitProperties(order({ sandbox }, null)).join()).not.toContain('InaccessiblePaths');
    expect(unitProperties(order()).join()).not.toContain('ProtectSystem');
  });

  it('record start and end with the rights of the manager, whatever the paths contain', () => {
    const odd = order();
    const files = { ...odd.files, exitRecord: '/srv/a "b" 100% $HOME\\c/r12.1.exit' };
    const stopPost = unitProperties({ ...odd, files }).find((each) => each.startsWith('ExecStopPost='));
    expect(stopPost).toBe(
      'ExecStopPost=-"/bin/sh" "/var/lib/adf/systemd/recorder.sh" "exit" "/srv/a \\"b\\" 100%% $$HOME\\\\c/r12.1.exit"',
    );
  });

  it('hold no argument, variable or secret of the agent', () => {
    const line = runArguments(order({ env: { TOKEN: 'hunter2' } })).join(' ');
    expect(line).not.toMatch(/hunter2|--secret|claude|HOME %n/);
    expect(line).toMatch(/ \/usr\/bin\/env -i \/bin\/sh \$\{CREDENTIALS_DIRECTORY\}\/start \$\{ADF_PROOF\}$/);
  });

  it('send both outputs into one file, or each into its own', () => {
    expect(unitProperties(order({ outPath: '/o/r.out' }))).toEqual(
      expect.arrayContaining(['StandardOutput=append:/o/r.out', 'StandardError=inherit', 'StandardInput=null']),
    );
    expect(unitProperties(order({ errPath: '/o/r.err', stdinPath: '/o/r.in' }))).toEqual(
      expect.arrayContaining(['StandardError=append:/o/r.err', 'StandardInput=file:/o/r.in']),
    );
  });
});

describe('the files that prove a limit', () => {
  it('are those of the limits that were asked for, as the kernel rounds them', () => {
    const memory = { memoryBytes: 4096 * 3 + 1, memoryHighBytes: 4096 * 2 + 4095 };
    const limits = { ...order().spec.limits, ...memory, pids: 20, cpuQuotaPercent: 150 };
    expect(limitFiles(limits)).toEqual({
      'memory.max': '12288',
      'memory.swap.max': '0',
      'memory.oom.group': '1',
      'memory.high': '8192',
      'pids.max': '20',
      'cpu.max': '150000 100000',
    });
  });

  it('are none where nothing is limited', () => {
    expect(limitFiles(order().spec.limits)).toEqual({});
  });
});

describe('the name of a unit', () => {
  it('says whose it is, and leads back to the attempt', () => {
    const name = unitName('r12.1p2' as AttemptId, 'web/code-steward', STATE_ID);
    expect(name).toBe(`adf-web-code-steward-r12.1p2-${STATE_ID}.service`);
    expect(attemptOfUnit(name, STATE_ID)).toBe('r12.1p2');
  });

  it('is short and harmless whatever the label is', () => {
    const name = unitName('r1.1' as AttemptId, `ä@%n \n${'x'.repeat(300)}`, STATE_ID);
    expect(name).toMatch(/^adf-[A-Za-z0-9_.-]+\.service$/);
    expect(name.length).toBeLessThan(255);
    expect(attemptOfUnit(name, STATE_ID)).toBe('r1.1');
  });

  it.each(['cron.service', `adf-web-r1.1-0000000000000000.service`, `xadf-r1.1-${STATE_ID}.service`])(
    'of somebody else, %s, belongs to no attempt',
    (unit) => {
      expect(attemptOfUnit(unit, STATE_ID)).toBeNull();
    },
  );
});
