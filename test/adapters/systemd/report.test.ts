// What the service manager records of an attempt, and the report that it becomes.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { heldBy, parseExit, parseStart, recorderText } from '../../../src/adapters/systemd/record-script.ts';
import { provedBy } from '../../../src/adapters/systemd/proof.ts';
import { reportOf, type Ended } from '../../../src/adapters/systemd/report.ts';
import type { AttemptId } from '../../../src/core/ids.ts';
import { classify } from '../../../src/core/supervise/classify.ts';
import { identityOf } from '../../../src/os/process-identity.ts';
import type { ExitReport } from '../../../src/ports/execution-host.ts';
import { specIn } from '../../support/host-specs.ts';

const START = `boot 7c1e
uptime 100.50 90.00
group /sys/fs/cgroup/adf.slice/adf-agents.slice/adf-web-steward-r1.1-x.service
pid 4711
holds memory pids
stat 4711 (a ) b) S 1 4711 4711 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 10010 2 3
shared1 oom 2
shared2 oom 0
end
`;

function exitText(
  end: { readonly result: string; readonly code: string; readonly status: string },
  counters = '',
): string {
  return `boot 7c1e\nuptime 103.00 90.00\ngroup /g\nresult ${end.result}\ncode ${end.code}\nstatus ${end.status}\n${counters}cpu.stat usage_usec 1500000\nend\n`;
}

const NO_LIMITS = { memoryBytes: null, pids: null };
const KILLED = { outcome: 'failed', class: 'killed', evidence: 'ended by RTMIN+26' } as const;

/** The report of an attempt that ended by `status` after it wrote `said`, and whose wrapper was given 5e1d. */
function endedSaying(status: string, said: string): { readonly report: ExitReport } {
  const dir = mkdtempSync(join(tmpdir(), 'adf-record-'));
  try {
    const outPath = join(dir, 'out');
    writeFileSync(outPath, said);
    const exit = exitText({ result: 'signal', code: 'killed', status });
    return { report: reportOf(ended(exit, { proved: provedBy(parseExit(exit), '5e1d', { outPath, errPath: null }) })) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const OOM =
  'memory.peak 67108864\nmemory.events max 107\nmemory.events oom 1\nmemory.events oom_kill 3\npids.events max 0\n';

function ended(exit: string, more: Partial<Ended> = {}): Ended {
  const start = parseStart(START);
  const record = parseExit(exit);
  return {
    attemptId: 'r1.1' as AttemptId,
    start: start === null ? null : { record: start, at: 1_000 },
    exit: record === null ? null : { record, at: 3_500 },
    remains: { writtenBytes: 10, cutBytes: 0, cpuMs: 0, peakMemoryBytes: null },
    stopping: null,
    heldNow: heldBy(new Set()),
    proved: null,
    terms: specIn('/srv/web', { id: 'r1.1', argv: ['claude'] }, { limits: { wallMs: 60_000 } }),
    now: 9_000,
    ...more,
  };
}

describe('a report', () => {
  it('tells code, times by the clock of the boot, and what was used', () => {
    expect(reportOf(ended(exitText({ result: 'exit-code', code: 'exited', status: '3' })))).toMatchObject({
      code: 3,
      signal: null,
      durationMs: 2900,
      cpuMs: 1500,
      startedAt: 1_000,
      endedAt: 3_500,
      hostDied: false,
      didNotStart: null,
      kernel: null,
    });
  });

  it('tells how limits were held at the start, whatever the manager holds by now', () => {
    const exit = exitText({ result: 'success', code: 'exited', status: '0' });
    const atStart = { memory: 'kernel', cpu: 'counted', pids: 'kernel', cpuQuota: 'none', tree: 'cgroup' };
    expect(reportOf(ended(exit)).enforcement).toEqual(atStart);
    // Its start could not be recorded: a moment later its group still says it.
    const late = exit.replace('result', 'holds memory pids cpu\nresult');
    expect(reportOf(ended(late, { start: null })).enforcement).toMatchObject({ memory: 'kernel', cpuQuota: 'kernel' });
    // A recorder of an older version said nothing.
    const old = parseStart(START.replace(/holds.*\n/, ''));
    expect(old?.held).toBeNull();
    expect(reportOf(ended(exit, { start: old && { record: old, at: 1 } })).enforcement.memory).toBe('none');
  });

  it('names the signal that ended it', () => {
    const report = reportOf(ended(exitText({ result: 'signal', code: 'killed', status: 'KILL' })));
    expect(report).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  const proofs = [
    ['RTMIN+28', 'exec', 'program', 'claude could not be executed; its output says why'],
    [
      'RTMIN+27',
      'directory',
      'directory',
      'the working directory /srv/web does not exist or cannot be entered; its output says why',
    ],
    ['RTMIN+26', 'limits', 'limits', 'the kernel does not hold the limits of the attempt: it did not begin'],
  ] as const;
  it.each(proofs)(
    'takes %s for the proof that the program never ran, after its word',
    (status, ...[word, cause, message]) => {
      const { report } = endedSaying(status, `sh: 1: exec: claude: not found\nadf: it was not started: ${word} 5e1d\n`);
      expect(report.didNotStart).toEqual({ cause, message });
    },
  );

  it.each([
    ['nothing', ''],
    ['what it may guess', 'adf: it was not started: limits 1111\n'],
    ['no proof', 'adf: it was not started: limits \n'],
    ['another word', 'adf: it was not started: exec 5e1d\n'],
  ])('takes it as an end of the program’s own where that says %s', (_, said) => {
    const { report } = endedSaying('RTMIN+26', said);
    expect(report).toMatchObject({ didNotStart: null, signal: 'RTMIN+26' });
    expect(classify({ ...report, stop: null, limits: NO_LIMITS, driver: KILLED, proved: false })).toMatchObject({
      class: 'killed',
    });
  });

  it.each([
    ['200', 'directory', /working directory .*\(200\/CHDIR\)/],
    ['203', 'host', /\(203\/EXEC\)/],
    ['217', 'user', /user does not exist .*\(217\/USER\)/],
    ['219', 'limits', /cannot join the group .*\(219\/CGROUP\)/],
    ['226', 'host', /sandbox .*\(226\/NAMESPACE\)/],
  ] as const)(
    'says by status %s what of the manager’s own steps failed, where no start was recorded',
    (status, cause, message) => {
      const exit = exitText({ result: 'exit-code', code: 'exited', status });
      expect(reportOf(ended(exit, { start: null })).didNotStart).toEqual({
        cause,
        message: expect.stringMatching(message) as unknown,
      });
      expect(reportOf(ended(exit))).toMatchObject({ didNotStart: null, code: Number(status) });
    },
  );

  it.each(['RTMIN+24', 'RTMIN+29', 'RTMAX'])('takes %s as an end like any other', (status) => {
    const report = reportOf(ended(exitText({ result: 'signal', code: 'killed', status })));
    expect(report).toMatchObject({ didNotStart: null, signal: status });
  });

  it('says that the wall clock was over when the manager had to hold it', () => {
    const report = reportOf(ended(exitText({ result: 'timeout', code: 'killed', status: 'TERM' })));
    expect(report.stop).toEqual({ reason: { kind: 'wall', limitMs: 60_000 }, at: 3_500 });
  });

  it('says what ended a program that used up its memory before its start was recorded', () => {
    const report = reportOf(
      ended(exitText({ result: 'signal', code: 'killed', status: 'KILL' }, OOM), { start: null }),
    );
    expect(report.didNotStart).toBeNull();
    expect(report.kernel).toMatchObject({ oomKills: 3, sharedLimitHits: 0, atLimit: 107, throttledMs: 0 });
  });

  it.each(['0', '1', '7'])('says that a program ran which ended by %s and whose start nobody recorded', (status) => {
    const exit = exitText({ result: 'exit-code', code: 'exited', status });
    expect(reportOf(ended(exit, { start: null }))).toMatchObject({ didNotStart: null, code: Number(status) });
  });

  it('says that nobody knows where no record was ever written', () => {
    expect(reportOf(ended('boot 7c1e\n'))).toMatchObject({ hostDied: true, code: null, signal: null });
  });

  it.each([
    ['its own limit', `${OOM}shared1 oom 2\nshared2 oom 0\n`, 'memory 64 MiB (kernel: own limit, peak 64 MiB)'],
    [
      'the limit of all agents together',
      `${OOM.replace('oom 1', 'oom 0')}shared1 oom 3\nshared2 oom 1\n`,
      'memory of all agents together (kernel: limit of /sys/fs/cgroup/adf.slice/adf-agents.slice reached 1×, peak 64 MiB)',
    ],
    [
      'the limit of a group further above',
      `${OOM.replace('oom 1', 'oom 0')}shared1 oom 2\nshared2 oom 2\n`,
      'memory of all agents together (kernel: limit of /sys/fs/cgroup/adf.slice reached 2×, peak 64 MiB)',
    ],
    [
      'the limit of all agents, as a recorder of an older version wrote it down',
      `${OOM.replace('oom 1', 'oom 0')}shared oom 3\n`,
      'memory of all agents together (kernel: limit of /sys/fs/cgroup/adf.slice/adf-agents.slice reached 1×, peak 64 MiB)',
    ],
    [
      'the memory of the machine',
      `${OOM.replace('oom 1', 'oom 0')}shared1 oom 2\nshared2 oom 0\n`,
      'memory of the machine (kernel: no limit of ours reached, peak 64 MiB)',
    ],
  ])('proves an end by %s', (_, counters, reason) => {
    const report = reportOf(ended(exitText({ result: 'oom-kill', code: 'killed', status: 'KILL' }, counters)));
    const outcome = classify({
      ...report,
      stop: null,
      limits: { memoryBytes: 67_108_864, pids: null },
      driver: null,
      proved: false,
    });
    expect(outcome).toEqual({ kind: 'failed', class: 'oom', reason });
  });
});

describe('a record', () => {
  it('is not written where the group is only told to die together', () => {
    const dir = mkdtempSync(join(tmpdir(), 'adf-record-'));
    try {
      const [script, group] = [join(dir, 'recorder.sh'), ownGroup()];
      mkdirSync(`${dir}${group}`, { recursive: true });
      writeFileSync(script, recorderText(dir));
      execFileSync('/bin/sh', [script, 'group', join(dir, 'none')]);
      expect(readFileSync(`${dir}${group}/memory.oom.group`, 'utf8')).toBe('1\n');
      expect(existsSync(join(dir, 'none'))).toBe(false);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('holds the limits of its group, and how often each group above ran out of memory', () => {
    const dir = mkdtempSync(join(tmpdir(), 'adf-record-'));
    try {
      const [script, record, group] = [join(dir, 'recorder.sh'), join(dir, 'r.start'), `${dir}/tree/user/agents/unit`];
      mkdirSync(group, { recursive: true });
      ['memory.max', 'pids.max'].forEach((file) => writeFileSync(join(group, file), 'max\n'));
      writeFileSync(`${dir}/tree/user/agents/memory.events.local`, 'max 7\noom 2\n');
      writeFileSync(`${dir}/tree/user/memory.events.local`, 'max 0\noom 5\n');
      writeFileSync(script, recorderText(`${dir}/tree`).replace('/proc/${3:-self}/cgroup', join(dir, 'cgroup')));
      writeFileSync(join(dir, 'cgroup'), '0::/user/agents/unit\n');
      execFileSync('/bin/sh', [script, 'start', record], { env: { MAINPID: String(process.pid) } });
      expect(parseStart(readFileSync(record, 'utf8'))).toMatchObject({
        group,
        held: { memory: 'kernel', pids: 'kernel', cpuQuota: 'none' },
        oomsAbove: [2, 5],
      });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('is nothing until its last line is written', () => {
    for (let length = 0; length < START.length; length += 1) {
      expect(parseStart(START.slice(0, length))).toBeNull();
    }
  });

  it('is written by the script as it is read', () => {
    const dir = mkdtempSync(join(tmpdir(), 'adf-record-'));
    try {
      const script = join(dir, 'recorder.sh');
      const record = join(dir, "a 'b'.start");
      writeFileSync(script, recorderText('/sys/fs/cgroup'));
      execFileSync('/bin/sh', [script, 'start', record], { env: { MAINPID: String(process.pid) } });
      const start = parseStart(readFileSync(record, 'utf8'));
      expect(start).toMatchObject({ ...identityOf(process.pid) });
      execFileSync('/bin/sh', [script, 'exit', record], {
        env: { SERVICE_RESULT: 'success', EXIT_CODE: 'exited', EXIT_STATUS: '0' },
      });
      expect(parseExit(readFileSync(record, 'utf8'))).toMatchObject({ result: 'success', code: 0, signal: null });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

/** Of this process, as the kernel names it. */
function ownGroup(): string {
  return /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '';
}
