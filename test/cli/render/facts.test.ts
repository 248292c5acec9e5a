// Every kind of fact as one line of the log.

import { expect, it } from 'vitest';
import { factLine } from '../../../src/cli/render/facts.ts';
import { testLook } from '../../support/look.ts';
import { AT, FULL, PAUSED, SAMPLED, facts } from '../../support/views.ts';

const RUN = { run: 'r1', agent: 'demo/steward', project: 'demo' };
const ATTEMPT = { ...RUN, attempt: 'r1.1' };
const PROJECT = { project: 'demo' };
const END = { ...RUN, kind: 'run.ended', durationMs: 1800, cpuMs: 400, peakMemoryBytes: 41 * 1024 ** 2, note: null };

const line = (body: object, everything = false): string | null => {
  const [fact] = facts(body);
  return factLine(fact!, { look: testLook(), nameColumns: 7, everything });
};

it.each<[object, string]>([
  [
    { ...RUN, kind: 'run.deferred', reasons: [FULL] },
    'steward  waiting     slots.project: running 2, limit 2 → adf why demo/steward',
  ],
  [
    { ...RUN, kind: 'run.refused', reasons: [PAUSED] },
    'steward  refused     project.paused: .adf/pause/sandbox exists, put there by the breaker, since 10:30:45 → adf why demo/steward',
  ],
  [
    { ...RUN, kind: 'run.retrying', notBefore: AT + 10_000, reason: 'network' },
    'steward  retrying    at 10:30:55: network',
  ],
  [{ ...END, outcome: { kind: 'succeeded' }, note: 'exit 0' }, 'steward  succeeded   1.8 s · peak 41 MiB'],
  [
    { ...END, outcome: { kind: 'failed', class: 'agent_failure', reason: 'exit 3' }, note: 'exit 3' },
    'steward  failed      1.8 s · peak 41 MiB · agent_failure: exit 3 → adf show r1',
  ],
  [{ ...END, outcome: { kind: 'succeeded' } }, 'steward  succeeded   1.8 s · peak 41 MiB'],
  [
    { ...END, outcome: { kind: 'succeeded' }, note: 'two branches' },
    'steward  succeeded   1.8 s · peak 41 MiB · two branches → adf show r1',
  ],
  [
    { ...END, outcome: { kind: 'failed', class: 'oom', reason: '' } },
    'steward  failed      1.8 s · peak 41 MiB · oom → adf show r1',
  ],
  [
    { ...END, outcome: { kind: 'timed_out', limit: 'wall', reason: 'after 2 h' } },
    'steward  timed out   1.8 s · peak 41 MiB · after 2 h → adf show r1',
  ],
  [
    { ...END, outcome: { kind: 'stalled', reason: 'silent for 5 min' } },
    'steward  stalled     1.8 s · peak 41 MiB · silent for 5 min → adf show r1',
  ],
  [
    { ...END, outcome: { kind: 'canceled', by: 'operator', reason: 'enough' } },
    'steward  stopped     1.8 s · peak 41 MiB · operator: enough → adf show r1',
  ],
  [
    {
      ...END,
      outcome: { kind: 'canceled', by: 'drain', reason: 'the factory drained' },
      note: 'stopped (drain), exit 0',
    },
    'steward  stopped     1.8 s · peak 41 MiB · the factory drained → adf show r1',
  ],
  [
    {
      ...END,
      outcome: { kind: 'canceled', by: 'drain', reason: 'the factory drained' },
      note: 'stopped (drain), SIGKILL',
    },
    'steward  stopped     1.8 s · peak 41 MiB · the factory drained · SIGKILL → adf show r1',
  ],
  [
    { ...END, outcome: { kind: 'lost', cause: 'reboot', reason: '' }, durationMs: null, peakMemoryBytes: null },
    'steward  lost        reboot → adf show r1',
  ],
  [
    { ...END, outcome: { kind: 'refused', reasons: [FULL] }, durationMs: null, peakMemoryBytes: null },
    'steward  refused     slots.project: running 2, limit 2 → adf show r1',
  ],
  [
    { ...RUN, kind: 'slots.refused', from: AT, reasons: [FULL] },
    'steward  refused     slot 10:30:45: slots.project: running 2, limit 2 → adf why demo/steward',
  ],
  [
    {
      ...RUN,
      kind: 'slots.missed',
      from: AT,
      to: AT + 60_000,
      count: 5,
      reason: { code: 'missed.down', text: 'the factory was down', numbers: {} },
    },
    'steward  missed      5 slots (10:30:45 to 10:31:45): missed.down: the factory was down',
  ],
  [{ ...ATTEMPT, kind: 'attempt.started', pid: 4711, enforcement: SAMPLED }, 'steward  started     pid 4711'],
  [{ ...ATTEMPT, kind: 'attempt.stopping', reason: { kind: 'stale' } }, 'steward  stopping    stale'],
  [
    {
      ...ATTEMPT,
      kind: 'attempt.stopping',
      reason: { kind: 'memory', usedBytes: 300 * 1024 ** 2, limitBytes: 256 * 1024 ** 2 },
    },
    'steward  stopping    memory 300 MiB, limit 256 MiB',
  ],
  [
    { ...ATTEMPT, kind: 'attempt.stopping', reason: { kind: 'cpu', usedMs: 31_000, limitMs: 30_000 } },
    'steward  stopping    31 s of processor time, limit 30 s',
  ],
  [
    { ...ATTEMPT, kind: 'attempt.stopping', reason: { kind: 'wall', limitMs: 7_200_000 } },
    'steward  stopping    after 2 h, its wall clock limit',
  ],
  [
    { ...ATTEMPT, kind: 'attempt.stopping', reason: { kind: 'stall', silentMs: 300_000, limitMs: 240_000 } },
    'steward  stopping    silent for 5 min, limit 4 min',
  ],
  [
    { ...ATTEMPT, kind: 'attempt.stopping', reason: { kind: 'first_output', limitMs: 60_000 } },
    'steward  stopping    nothing printed within 60 s',
  ],
  [
    { ...ATTEMPT, kind: 'attempt.stopping', reason: { kind: 'parked', note: 'codex (pid 7) waits' } },
    'steward  stopping    parked: codex (pid 7) waits',
  ],
  [
    { ...ATTEMPT, kind: 'attempt.stopping', reason: { kind: 'operator', note: 'enough' } },
    'steward  stopping    operator: enough',
  ],
  [
    { ...ATTEMPT, kind: 'attempt.stopping', reason: { kind: 'driver', advice: 'it asks for a login' } },
    'steward  stopping    it asks for a login',
  ],
  [{ ...ATTEMPT, kind: 'attempt.stopping', reason: { kind: 'drain' } }, 'steward  stopping    drain'],
  [{ kind: 'clock.stepped', byMs: -3_600_000, epoch: 2 }, 'factory  clock       stepped back by 60 min'],
  [{ kind: 'clock.stepped', byMs: 259_200_000, epoch: 2 }, 'factory  clock       stepped on by 3 d'],
  [
    { kind: 'daemon.silent', since: 0, forMs: 360_000 },
    'factory  silent      no pass of the scheduler for 6 min from 1970-01-01 00:00:00 on',
  ],
  [{ kind: 'scheduler.late', byMs: 20_000 }, 'factory  late        the scheduler was held up for 20 s'],
  [
    { kind: 'daemon.started', version: '0.1.0', pid: 7, held: 20 },
    'factory  up          0.1.0, pid 7, 20 runs taken over',
  ],
  [{ kind: 'daemon.stopped', how: 'SIGTERM' }, 'factory  down        SIGTERM'],
  [
    { kind: 'config.loaded', hash: '9c1e0a17fedcba98', added: ['a'], changed: [], removed: [] },
    'factory  loaded      9c1e0a17: 1 added, 0 changed, 0 removed',
  ],
  [
    { kind: 'config.rejected', errors: 1, first: 'agents.toml:3:1  x' },
    'factory  rejected    1 error; the last good configuration stays in force → adf check\n    agents.toml:3:1 x',
  ],
  [
    { kind: 'config.warned', warnings: 2, first: 'agents.toml:3:1  x', rest: ['b.toml:9:2  y'] },
    'factory  warned      2 warnings\n    agents.toml:3:1 x\n    b.toml:9:2 y',
  ],
  [
    { kind: 'config.rejected', errors: 7, first: 'agents.toml:3:1  x', rest: ['b.toml:9:2  y'] },
    'factory  rejected    7 errors; the last good configuration stays in force → adf check\n    agents.toml:3:1 x\n    b.toml:9:2 y\n    and 5 more',
  ],
  [
    { ...PROJECT, kind: 'pause.set', flag: 'f', owner: 'human' },
    'demo     paused      flag f put there by a person → adf resume f',
  ],
  [{ ...PROJECT, kind: 'pause.lifted', flag: 'f', by: 'eva' }, 'demo     resumed     flag f removed by eva'],
  [
    { ...PROJECT, kind: 'breaker.counted', failures: 2, threshold: 3, class: 'oom' },
    'demo     counted     failure 2 of 3: oom',
  ],
  [
    { ...PROJECT, kind: 'breaker.opened', incident: 'i', failures: 3, class: 'oom', reason: 'oom ×3 (meta)' },
    'demo     opened      breaker: oom ×3 (meta) → adf breaker show demo',
  ],
  [
    { ...PROJECT, kind: 'breaker.half_opened', incident: 'i', reason: 'x' },
    'demo     half open   x; the next counted run decides',
  ],
  [
    { ...PROJECT, kind: 'breaker.success_noted', incident: 'i' },
    'demo     noted       a run that began before the breaker opened succeeded',
  ],
  [
    { ...PROJECT, kind: 'breaker.closed', incident: 'i', reason: 'a counted run succeeded' },
    'demo     closed      breaker: a counted run succeeded',
  ],
  [
    { ...PROJECT, kind: 'breaker.isolated', reason: 'release day' },
    'demo     isolated    by hand: release day → adf breaker show demo',
  ],
  [
    { ...RUN, kind: 'quarantine.opened', reason: 'failed ×5' },
    'steward  held        quarantine: failed ×5 → adf release demo/steward',
  ],
  [{ ...RUN, kind: 'quarantine.released', reason: 'by eva' }, 'steward  released    by eva'],
  [
    { ...PROJECT, kind: 'escalation.opened', fingerprint: 'x', reason: 'auth ×3' },
    'demo     escalated   auth ×3 → adf issues',
  ],
  [
    { ...PROJECT, kind: 'escalation.closed', fingerprint: 'x', reason: 'it succeeded' },
    'demo     settled     it succeeded',
  ],
  [
    { ...PROJECT, kind: 'reaction.done', target: 'tracker', effect: 'open', note: 'issue #4' },
    'demo     tracker     open: issue #4',
  ],
  [
    { ...PROJECT, kind: 'reaction.failed', target: 'tracker', effect: 'open', message: '502', retryAt: AT + 30_000 },
    'demo     tracker     open failed, again at 10:31:15: 502',
  ],
  [
    { ...PROJECT, kind: 'reaction.parked', target: 'tracker', effect: 'open', message: '403' },
    'demo     tracker     open waits for a person: 403 → adf outbox',
  ],
  [
    { kind: 'host.died', hostId: 'k1', attempts: 1 },
    'factory  lost        the process that held 1 run died; they are watched from here on',
  ],
  [
    { kind: 'provider.credential', account: 'claude' },
    'factory  tried       account claude: its login is another one, the next run tries it',
  ],
  [
    { kind: 'starts.held', count: 3, until: AT + 60_000 },
    'factory  held        3 runs were killed from outside within 30 s: nothing is started before 10:31:45',
  ],
  [
    { kind: 'stray.found', pid: 99 },
    'factory  stray       process 99 carries our mark and belongs to no run; it is left alone',
  ],
  [{ kind: 'drain.started', by: 'eva' }, 'factory  draining    asked by eva → adf drain --end lets it go on'],
  [{ kind: 'drain.ended', by: 'eva' }, 'factory  goes on     asked by eva'],
  [{ kind: 'storage.failed', message: 'disk full' }, 'factory  storage     disk full → adf doctor'],
  [{ kind: 'storage.recovered' }, 'factory  storage     can be written again'],
  [
    { kind: 'flag.unknown', flag: 'odillo', nearest: 'odilo' },
    'factory  flag        "odillo" pauses nothing; did you mean "odilo"?',
  ],
  [{ kind: 'flag.unknown', flag: 'x', nearest: null }, 'factory  flag        "x" pauses nothing'],
])('%j', (body, text) => {
  expect(line(body)).toBe(`10:30:45  ${text}`);
});

it.each<[object, string]>([
  [{ ...RUN, kind: 'run.requested', trigger: { kind: 'slot', slotAt: AT, epoch: 0 } }, 'requested   slot 10:30:45'],
  [{ ...RUN, kind: 'run.requested', trigger: { kind: 'event', event: 'push' } }, 'requested   event push'],
  [{ ...RUN, kind: 'run.requested', trigger: { kind: 'operator' } }, 'requested   operator'],
  [{ ...RUN, kind: 'run.admitted' }, 'admitted'],
  [{ ...RUN, kind: 'run.restored', reason: 'it never started' }, 'restored    it never started'],
  [{ ...ATTEMPT, kind: 'attempt.starting', purpose: 'main' }, 'starting'],
  [{ ...ATTEMPT, kind: 'attempt.starting', purpose: 'precheck' }, 'starting    pre-check'],
  [{ ...ATTEMPT, kind: 'attempt.stop_asked', reason: { kind: 'replaced' } }, 'to stop     replaced'],
  [{ ...ATTEMPT, attempt: 'r1.1p', kind: 'attempt.started', pid: 5, enforcement: SAMPLED }, 'pre-check   pid 5'],
  [
    {
      ...ATTEMPT,
      kind: 'attempt.ended',
      outcome: { kind: 'succeeded' },
      exit: { code: 0, signal: null },
      durationMs: 1800,
      survivors: 2,
    },
    'exited      exit 0 after 1.8 s; 2 of its processes left, killed',
  ],
  [
    {
      ...ATTEMPT,
      kind: 'attempt.ended',
      outcome: { kind: 'succeeded' },
      exit: { code: null, signal: null },
      durationMs: 1800,
      survivors: 0,
    },
    'exited      exit unknown after 1.8 s',
  ],
])('%j is shown only to who looks for it', (body, text) => {
  expect(line(body)).toBe(null);
  expect(line(body, true)).toBe(`10:30:45  steward  ${text}`);
});

it('carries no foreign text that steers a terminal or breaks the line', () => {
  const evil = '\u001B[2J\u0007a\nb';
  for (const body of [
    { ...END, outcome: { kind: 'failed', class: 'oom', reason: evil }, note: evil },
    { kind: 'storage.failed', message: evil },
    { kind: 'reaction.done', target: evil, effect: evil, note: evil },
    { kind: 'flag.unknown', flag: evil, nearest: evil, project: evil },
  ]) {
    expect(line(body)).not.toMatch(/\p{Cc}/u);
  }
});
