// `adf start` in the foreground: the first minute as a newcomer sees it, and as a program reads it.

import { expect, it } from 'vitest';
import type { Foreground, Local, StartedView } from '../../../src/cli/local.ts';
import type { Trigger } from '../../../src/core/run/run.ts';
import type { RecordedFact } from '../../../src/core/run/facts.ts';
import { Sink, adfAlone } from '../../support/cli.ts';
import { fakeLocal } from '../../support/fake-local.ts';
import { AT, PAUSED, SAMPLED, facts } from '../../support/views.ts';

const STARTED: StartedView = {
  name: 'dark-factory',
  version: '0.1.0',
  stateDir: '.adf',
  pauseDir: '.adf/pause',
  projects: ['demo', 'sandbox'],
  agents: [
    { key: 'demo/steward', name: 'steward', memoryBytes: 512 * 1024 ** 2, wallMs: 120_000 },
    { key: 'sandbox/project-meta-sandbox', name: 'project-meta-sandbox', memoryBytes: 256 * 1024 ** 2, wallMs: 20_000 },
  ],
  limits: SAMPLED,
  held: 0,
  warnings: [],
  next: [
    { at: AT + 15_000, agent: 'demo/steward', note: null, held: [] },
    { at: AT + 15_000, agent: 'sandbox/project-meta-sandbox', note: null, held: [] },
  ],
};

const about = (run: string, agent: string): object => ({ run, agent, project: agent.split('/')[0] });
const started = (run: string, agent: string): object => ({
  ...about(run, agent),
  kind: 'attempt.started',
  attempt: `${run}.1`,
  pid: 4711,
  enforcement: SAMPLED,
});
const ended = (run: string, agent: string, rest: object): object => ({
  ...about(run, agent),
  kind: 'run.ended',
  outcome: { kind: 'succeeded' },
  durationMs: 104,
  cpuMs: 20,
  peakMemoryBytes: 3 * 1024 ** 2,
  note: null,
  ...rest,
});
const SLOT: Trigger = { kind: 'slot', slotAt: AT, epoch: 0 };
const requested = (run: string, agent: string): object => ({
  ...about(run, agent),
  kind: 'run.requested',
  trigger: SLOT,
});

const META = 'sandbox/project-meta-sandbox';
const MINUTE = facts(
  requested('r1', META),
  { kind: 'run.admitted', ...about('r1', META) },
  started('r1', META),
  ended('r1', META, {}),
  started('r2', 'demo/steward'),
  ended('r2', 'demo/steward', { durationMs: 1800, peakMemoryBytes: null, note: '2 stale branches, 1 file over 1 MiB' }),
  ended('r3', META, { outcome: { kind: 'failed', class: 'agent_failure', reason: 'exit 1' } }),
  { kind: 'slots.refused', ...about('r4', META), from: AT, reasons: [PAUSED] },
  ended('r5', 'demo/steward', { outcome: { kind: 'canceled', by: 'drain', reason: '' }, peakMemoryBytes: null }),
);

function playing(told: readonly RecordedFact[], view: StartedView = STARTED): Local {
  return fakeLocal({
    start: async (_wish, foreground: Foreground) => {
      foreground.started(view);
      told.forEach((fact) => foreground.fact(fact, fact.run === 'r1' ? SLOT : undefined));
      foreground.draining({ live: 1, graceMs: 15_000 });
      foreground.stopped({ recorded: 6, left: 0 });
      return 0;
    },
  });
}

it('shows the first minute line by line, and once what to type next', async () => {
  expect(await adfAlone(['start'], { local: playing(MINUTE) })).toMatchObject({
    code: 0,
    err: '',
    out: `dark-factory 0.1.0 · 2 agents in 2 projects · state .adf · limits: sampled (adf doctor)
next  10:31:00 steward · 10:31:00 project-meta-sandbox
10:30:45  project-meta-sandbox  started     slot 10:30:45 · 256 MiB · 20 s
10:30:45  project-meta-sandbox  succeeded   0.1 s · peak 3 MiB
10:30:45  steward               started     512 MiB · 2 min
10:30:45  steward               succeeded   1.8 s · 2 stale branches, 1 file over 1 MiB → adf show r2
10:30:45  in another terminal: adf status · adf why steward · touch .adf/pause/sandbox
10:30:45  project-meta-sandbox  failed      0.1 s · peak 3 MiB · agent_failure: exit 1 → adf show r3
10:30:45  project-meta-sandbox  refused     slot 10:30:45: project.paused: .adf/pause/sandbox exists, put there by the breaker, since 10:30:45 → adf why sandbox/project-meta-sandbox
10:30:45  steward               stopped     0.1 s · drain → adf show r5
draining 1 run (15 s; Ctrl-C again to stop at once)
stopped · 6 runs recorded · nothing left running
`,
  });
});

it('is one JSON value per line with --json', async () => {
  const { out } = await adfAlone(['start', '--json'], { local: playing(MINUTE) });
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly kind: string });
  expect(lines[0]).toEqual({ kind: 'factory.started', ...STARTED });
  expect(lines.slice(1, -2)).toEqual(MINUTE);
  expect(lines.slice(-2)).toEqual([
    { kind: 'factory.draining', live: 1, graceMs: 15_000 },
    { kind: 'factory.stopped', recorded: 6, left: 0 },
  ]);
});

it('says what was taken over, what is warned of, and that nothing is scheduled', async () => {
  const warning = { file: 'agents.toml', line: 3, column: 1, key: 'agents[0].persona', message: 'has no effect yet' };
  const view = { ...STARTED, held: 2, next: [], warnings: [warning], limits: { ...SAMPLED, memory: 'kernel' } };
  const { out } = await adfAlone(['start'], { local: playing([], view) });
  expect(out.split('\n').slice(0, 3)).toEqual([
    'dark-factory 0.1.0 · 2 agents in 2 projects · state .adf · limits: by the kernel · 2 runs taken over',
    'warning: agents.toml:3 agents[0].persona: has no effect yet',
    'next  nothing is scheduled; run an agent: adf run NAME',
  ]);
});

it('asks for a drain on SIGTERM and for a log only where that is wished', async () => {
  const wishes: unknown[] = [];
  const local = fakeLocal({
    start: async (wish) => {
      wishes.push(wish);
      return 5;
    },
  });
  expect((await adfAlone(['start', '--config', 'a.toml'], { local })).code).toBe(5);
  await adfAlone(['start', '--drain-on-term'], { local });
  await adfAlone(['start', '--log', 'json'], { local });
  await adfAlone(['start', '--log', 'json', '--json'], { local });
  expect(await adfAlone(['start', '--log', 'xml'], { local })).toMatchObject({ code: 2 });
  expect(wishes).toEqual([
    { config: 'a.toml', drainOnTerm: false, log: null },
    { config: null, drainOnTerm: true, log: null },
    { config: null, drainOnTerm: false, log: 'json' },
    { config: null, drainOnTerm: false, log: 'text' },
  ]);
});

it('drops lines that nobody reads instead of keeping them, and says how many', async () => {
  const stdout = new Sink();
  stdout.cork();
  const many = Array.from({ length: 20_000 }, () => MINUTE[3] as RecordedFact);
  const local = fakeLocal({
    start: async (_wish, foreground) => {
      foreground.started(STARTED);
      many.forEach((fact) => foreground.fact(fact));
      expect(stdout.writableLength).toBeLessThan(2 * 1024 * 1024);
      stdout.uncork();
      foreground.stopped({ recorded: 1, left: 3 });
      return 0;
    },
  });
  await adfAlone(['start'], { local, stdout });
  const lines = stdout.text.trimEnd().split('\n');
  const shown = lines.filter((line) => line.includes('succeeded')).length;
  expect(lines.at(-2)).toBe(`… ${20_000 - shown} lines were not shown: nobody read them`);
  expect(lines.at(-1)).toBe('stopped · 1 run recorded · 3 runs left running, taken over by the next start');
});

it('goes on when its terminal goes away', async () => {
  const stdout = new Sink(() => stdout.destroy(Object.assign(new Error('EIO'), { code: 'EIO' })));
  expect(await adfAlone(['start'], { local: playing(MINUTE), stdout })).toMatchObject({ code: 0, err: '' });
});
