// Commands that work without a daemon: what they hand to main's functions, and what they make of the results.

import { describe, expect, it } from 'vitest';
import type { CheckView, DoctorCheck, FlagPlace, Local, PauseView } from '../../../src/cli/local.ts';
import { OperationalError } from '../../../src/lib/operational-error.ts';
import { adf, adfAlone } from '../../support/cli.ts';
import { serveForTest } from '../../support/control-socket.ts';
import { FakeControl } from '../../support/fake-control.ts';
import { fakeLocal } from '../../support/fake-local.ts';
import { AT, PAUSED, runView } from '../../support/views.ts';

const PROBLEMS = [
  { file: 'agents.toml', line: 14, column: 12, key: 'agents[2].cli_tool', message: 'unknown driver "cluade"' },
  { file: 'conf.d/web.toml', line: 3, column: 8, key: 'projects[1].id', message: 'twice' },
];
const CHECKED: CheckView = { path: 'agents.toml', ok: true, errors: [], warnings: [] };
const TRIED = runView({ id: 'r9', agent: 'try', project: null, trigger: { kind: 'operator' } });

interface Case {
  readonly title: string;
  readonly argv: readonly string[];
  readonly local: Partial<Local>;
  readonly code?: number;
  readonly out: string;
}

const slot = (rest: object): { at: number; agent: string; note: string | null; held: [] } => ({
  at: AT + 15_000,
  agent: 'demo/steward',
  note: null,
  held: [],
  ...rest,
});

const CASES: readonly Case[] = [
  {
    title: 'check of a right file says how to run it',
    argv: ['check'],
    local: { check: async () => CHECKED },
    out: 'agents.toml is right; to run it: adf start\n',
  },
  {
    title: 'check of a wrong file tells everything at its place',
    argv: ['check'],
    local: { check: async () => ({ ...CHECKED, ok: false, errors: PROBLEMS, warnings: PROBLEMS.slice(1) }) },
    code: 2,
    out: `agents.toml:14:12    agents[2].cli_tool  unknown driver "cluade"
conf.d/web.toml:3:8  projects[1].id      twice
conf.d/web.toml:3:8  projects[1].id      warning: twice
2 errors, 1 warning. Nothing was changed.
`,
  },
  {
    title: 'init says what it wrote and what to type next',
    argv: ['init', 'repo'],
    local: {
      init: async (directory) => ({
        path: `${directory}/agents.toml`,
        written: true,
        agents: ['steward', 'test-guardian'],
        notes: ['package.json has a test script'],
      }),
    },
    out: 'wrote repo/agents.toml: steward, test-guardian\n  package.json has a test script\nnext: adf check · adf start\n',
  },
  {
    title: 'init leaves a file alone that is there',
    argv: ['init'],
    local: { init: async () => ({ path: 'agents.toml', written: false, agents: [], notes: [] }) },
    out: 'agents.toml is there already; nothing was changed. To see whether it is right: adf check\n',
  },
  {
    title: 'next lists slots with what is in the way',
    argv: ['next', '--for', '1h30m'],
    local: {
      next: async (_place, forMs) => [
        slot({}),
        slot({ at: AT + 3000 + forMs, agent: 'sandbox/meta', note: 'second pass of 02:30', held: [PAUSED] }),
      ],
    },
    out: `AT        IN         AGENT         NOTE
10:31:00  in 12 s    demo/steward  –
12:00:48  in 90 min  sandbox/meta  second pass of 02:30 · will not run: project.paused: .adf/pause/sandbox exists, put there by the breaker, since 10:30:45 → adf why sandbox/meta
`,
  },
  {
    title: 'next says so when nothing comes',
    argv: ['next'],
    local: { next: async () => [] },
    out: 'no slot within 24 h; farther: adf next --for 30d; agents without a schedule: adf agents\n',
  },
  {
    title: 'pause says until when and how to undo it',
    argv: ['pause', 'demo', '--for', '2h', '--reason', 'release day'],
    local: {
      pause: async (_place, { project, forMs }) => ({
        project,
        flag: `.adf/pause/${project}`,
        made: true,
        owner: 'human',
        since: AT,
        until: AT + 3000 + (forMs ?? 0),
      }),
    },
    out: 'demo is paused until 12:30:48 (in 2 h): nothing of it starts, what runs goes on\nto resume: adf resume demo   or   rm .adf/pause/demo\n',
  },
  {
    title: 'pause of a paused project changes nothing and is no failure',
    argv: ['pause', 'demo'],
    local: {
      pause: async () => ({ project: 'demo', flag: 'f', made: false, owner: 'breaker', since: AT, until: null }),
    },
    out: 'demo is paused already, since 10:30:45 by the breaker; nothing was changed\nto resume: adf resume demo   or   rm f\n',
  },
  {
    title: 'resume of a project that is not paused changes nothing and is no failure',
    argv: ['resume', 'demo'],
    local: { resume: async () => ({ project: 'demo', flag: '.adf/pause/demo', removed: false }) },
    out: 'demo is not paused: there is no .adf/pause/demo; nothing was changed. What holds it: adf status\nno daemon was told: if its breaker is open, the next one writes the flag, and adf resume then removes it\n',
  },
  {
    title: 'resume works while no daemon runs',
    argv: ['resume', 'demo'],
    local: { resume: async () => ({ project: 'demo', flag: '.adf/pause/demo', removed: true }) },
    out: 'demo is resumed (removed .adf/pause/demo); what comes next: adf next\n',
  },
  {
    title: 'try ends with one line and the entry that keeps it',
    argv: ['try', '--memory', '256MiB', '--', 'node', '-e', '1'],
    local: {
      try: async () => ({
        run: {
          ...TRIED,
          outcome: { kind: 'failed', class: 'oom', reason: 'memory 256 MiB' },
          exit: { code: null, signal: 'SIGKILL' },
        },
        limits: { memoryBytes: 256 * 1024 ** 2, wallMs: 7_200_000, cpuMs: null },
        toml: '[[agents]]\nname = "try"\n',
      }),
    },
    code: 1,
    out: `failed (oom): memory 256 MiB · signal SIGKILL · peak 41 MiB of 256 MiB (sampled, kernel limits: adf doctor) · 0.4 s cpu · 1.8 s of 2 h
keep it:
  [[agents]]
  name = "try"
`,
  },
];

describe('each command', () => {
  it.each(CASES)('$title', async ({ argv, local, code, out }) => {
    const wired = fakeLocal({ socketPath: async () => '/nowhere/adf.sock', ...local });
    expect(await adfAlone(argv, { local: wired })).toMatchObject({ code: code ?? 0, out, err: '' });
  });

  it.each(CASES)('$title, as JSON', async ({ argv, local, code }) => {
    const [verb] = argv;
    let view: unknown;
    const real = local[verb as keyof Local] as (...input: readonly unknown[]) => Promise<object>;
    const spied = { [verb ?? '']: async (...input: readonly unknown[]) => (view = await real(...input)) };
    const wired = fakeLocal({ socketPath: async () => '/nowhere/adf.sock', ...spied });
    const [head, ...rest] = argv;
    const ended = await adfAlone([head ?? '', '--json', ...rest], { local: wired });
    expect(ended.code).toBe(code ?? 0);
    const { path: _path, ...checked } = view as CheckView;
    expect(JSON.parse(ended.out)).toEqual(verb === 'check' ? checked : view);
  });
});

it('check --json has exactly ok, errors and warnings, each with its place', async () => {
  const local = fakeLocal({ check: async () => ({ ...CHECKED, ok: false, errors: PROBLEMS }) });
  const view = JSON.parse((await adfAlone(['check', '--json'], { local })).out) as CheckView;
  expect(Object.keys(view)).toEqual(['ok', 'errors', 'warnings']);
  expect(Object.keys(view.errors[0] ?? {})).toEqual(['file', 'line', 'column', 'key', 'message']);
});

it('check says which configuration stays in force, or how to put this one into force', async () => {
  const fake = new FakeControl();
  const { socketPath } = await serveForTest(fake.control);
  const wire = (view: CheckView): Local => fakeLocal({ socketPath: async () => socketPath, check: async () => view });
  const wrong = await adfAlone(['check'], { local: wire({ ...CHECKED, ok: false, errors: PROBLEMS.slice(1) }) });
  const right = await adfAlone(['check'], { local: wire(CHECKED) });
  expect(wrong.out).toContain(
    '1 error. Nothing was changed; the running configuration (loaded 10:27) stays in force.\n',
  );
  expect(right.out).toBe('agents.toml is right; to put it into force: adf reload\n');
});

it('check works where the file is too wrong to name a socket', async () => {
  const local = fakeLocal({
    check: async () => ({ ...CHECKED, ok: false, errors: PROBLEMS }),
    socketPath: () => Promise.reject(new OperationalError('config', 'agents.toml is wrong')),
  });
  expect((await adfAlone(['check'], { local })).code).toBe(2);
});

it('resume tells a daemon that runs', async () => {
  const fake = new FakeControl();
  const local = fakeLocal({ resume: async () => ({ project: 'demo', flag: 'f', removed: true }) });
  const { socketPath } = await serveForTest(fake.control);
  const ended = await adfAlone(['resume', 'demo', '--socket', socketPath], { local });
  expect(ended).toMatchObject({ code: 0, err: '' });
  expect(fake.inputs('resumed')).toEqual([['demo', 'eva']]);
});

it.each([
  { was: true, says: 'demo is resumed (its breaker held it, without a flag yet); what comes next: adf next\n' },
  { was: false, says: 'demo is not paused: there is no f; nothing was changed. What holds it: adf status\n' },
])('resume tells it also where there is no flag, and hears whether it was held: $was', async ({ was, says }) => {
  const fake = new FakeControl({ resumed: async () => ({ resumed: was }) });
  const local = fakeLocal({ resume: async () => ({ project: 'demo', flag: 'f', removed: false }) });
  const { socketPath } = await serveForTest(fake.control);
  const ended = await adfAlone(['resume', 'demo', '--socket', socketPath], { local });
  expect(ended).toMatchObject({ code: 0, err: '', out: says });
});

describe('while agents.toml is broken', () => {
  const broken = new OperationalError('config', 'agents.toml:1:1  wrong');
  const paused = async (place: FlagPlace): Promise<PauseView> =>
    place.inForce === undefined
      ? Promise.reject(broken)
      : { project: 'demo', flag: `${place.inForce.pauseDir}/demo`, made: true, owner: 'human', since: AT, until: null };

  it('pause and resume mean what the daemon has in force', async () => {
    const { socketPath } = await serveForTest(new FakeControl().control);
    const { pauseDir } = await new FakeControl().control.status();
    const local = fakeLocal({
      socketPath: async () => socketPath,
      pause: paused,
      resume: async (place) => ({ project: 'demo', flag: (await paused(place)).flag, removed: true }),
    });
    for (const verb of ['pause', 'resume']) {
      const { code, out, err } = await adfAlone([verb, 'demo'], { local });
      expect([code, err]).toEqual([0, 'agents.toml is broken (adf check); meant is what the daemon has in force\n']);
      expect(out).toContain(`${pauseDir}/demo`);
    }
  });

  it('and no daemon runs, they say what is wrong', async () => {
    const local = fakeLocal({ socketPath: async () => '/nowhere/adf.sock', pause: paused });
    expect(await adfAlone(['pause', 'demo'], { local })).toMatchObject({
      code: 2,
      err: expect.stringContaining('agents.toml:1:1  wrong') as unknown,
    });
  });
});

describe('what is handed over', () => {
  it.each<[string, readonly string[], keyof Local, readonly unknown[]]>([
    [
      'try, a program',
      ['try', '--cpu', '30s', '--', 'ls', '-l'],
      'try',
      [tryWish({ command: ['ls', '-l'], cpuMs: 30_000 })],
    ],
    [
      'try, a CLI',
      ['try', '--cli', 'claude', '--timeout', '2m', 'mend', 'it', '--project', 'demo', '--config', 'a.toml'],
      'try',
      [tryWish({ driver: 'claude', task: 'mend it', wallMs: 120_000, project: 'demo', config: 'a.toml' })],
    ],
    [
      'pause',
      ['pause', '__all__'],
      'pause',
      [{ config: null }, { project: '__all__', forMs: null, reason: null, by: 'eva' }],
    ],
    ['next', ['next'], 'next', [{ config: null }, 86_400_000]],
    [
      'runs --tries',
      ['runs', '--tries', '--outcome', 'failed', '-n', '3'],
      'tries',
      [{ config: null }, { limit: 3, outcome: 'failed' }],
    ],
    ['init', ['init'], 'init', [null]],
  ])('%s', async (_title, argv, ...[verb, input]) => {
    let asked: readonly unknown[] = [];
    const stop = new OperationalError('stop', 'seen');
    const spy = (...given: readonly unknown[]): Promise<never> => {
      asked = given;
      return Promise.reject(stop);
    };
    await adfAlone(argv, { local: fakeLocal({ [verb]: spy }) });
    expect(asked.slice(0, input.length)).toEqual(input);
  });
});

it('try shows output beside the result while it runs, harmless', async () => {
  const local = fakeLocal({
    try: async (_wish, { onOutput }) => {
      onOutput('one\u001B[2J\n');
      return { run: TRIED, limits: { memoryBytes: 1024, wallMs: 1000, cpuMs: 1000 }, toml: 'x = 1' };
    },
  });
  const ended = await adfAlone(['try', '--', 'true'], { local });
  expect(ended).toMatchObject({ code: 0, err: 'one\n' });
  expect(ended.out).toContain('succeeded · exit 0');
});

describe('doctor', () => {
  const LIMITED: DoctorCheck = { area: 'memory', state: 'limited', text: 'sampled', remedy: 'delegate a cgroup' };

  it('says what is limited and that no daemon runs, and does not fail', async () => {
    const local = fakeLocal({ doctor: async () => [LIMITED], socketPath: async () => '/nowhere/adf.sock' });
    expect(await adfAlone(['doctor'], { local })).toMatchObject({
      code: 0,
      out: `STATE    AREA    WHAT
limited  memory  sampled → delegate a cgroup
limited  daemon  no daemon runs here: there is no socket /nowhere/adf.sock → adf start
0 things missing, 2 things limited; each says what to do
`,
    });
  });

  it('fails for what is missing, and shows reactions that wait for a person', async () => {
    const row = {
      id: 7,
      target: 'tracker',
      effect: 'open',
      state: 'parked',
      attempts: 3,
      nextAt: AT,
      lastError: '403',
    };
    const fake = new FakeControl({ outbox: async () => [row, { ...row, state: 'waiting' }] });
    const { socketPath } = await serveForTest(fake.control);
    const local = fakeLocal({ doctor: async () => [], socketPath: async () => socketPath });
    expect(await adfAlone(['doctor'], { local })).toMatchObject({
      code: 1,
      out: `STATE    AREA     WHAT
ok       daemon   runs with pid 4000, version 0.1.0
missing  tracker  open: 403 → put it right, then: adf reload
1 thing missing, 0 things limited; each says what to do
`,
    });
  });
});

describe('doctor --conformance', () => {
  const ROW = { scenario: 'text', ending: 'succeeded', expected: 'succeeded', requests: 1, seconds: 2, wrong: [] };
  const TOKENS = { told: '5 / – / – / 7 / –', served: '5 / 0 / 0 / 7 / 0' };
  const VIEW = { cli: 'claude', version: '9.9.9', program: '/opt/claude', measuredWith: '2.1.329' };

  it('shows each run, and that the version is another one than the driver was measured with', async () => {
    const local = fakeLocal({
      conformance: async (_place, _wish, { tell }) => {
        tell('claude 9.9.9');
        return Promise.resolve([{ ...VIEW, rows: [{ ...ROW, ...TOKENS }] }]);
      },
    });
    expect(await adfAlone(['doctor', '--conformance'], { local })).toMatchObject({
      code: 0,
      out: `STATE  CLI           SCENARIO  CLASS      TOKENS TOLD        TOKENS SERVED      SECONDS  WHAT DIFFERS
ok     claude 9.9.9  text      succeeded  5 / – / – / 7 / –  5 / 0 / 0 / 7 / 0  2        –
claude: the factory knows 2.1.329, here is 9.9.9
1 run as expected
`,
      err: 'claude 9.9.9\n',
    });
  });

  it('hands on what was chosen, and fails where a class differs', async () => {
    const wishes: unknown[] = [];
    const local = fakeLocal({
      conformance: async (_place, wish) => {
        wishes.push(wish);
        const wrong = ['it ended as auth, not as succeeded'];
        return Promise.resolve([
          { ...VIEW, measuredWith: '9.9.9', rows: [{ ...ROW, ...TOKENS, ending: 'auth', wrong }] },
        ]);
      },
    });
    const argv = ['doctor', '--conformance', '--cli', 'claude', 'codex', '--scenario', 'text'];
    const { code, out } = await adfAlone(argv, { local });
    expect(code).toBe(1);
    expect(out).toContain('differs  claude 9.9.9  text');
    expect(out).toContain('1 of 1 run not as expected');
    expect(wishes).toEqual([{ clis: ['claude', 'codex'], scenarios: ['text'] }]);
  });

  it('chooses nothing without it', async () => {
    expect(await adfAlone(['doctor', '--cli', 'claude'], { local: fakeLocal() })).toMatchObject({ code: 2 });
  });
});

describe('explain', () => {
  it('prints a key from the schema', async () => {
    const { code, out } = await adfAlone(['explain', 'agents.max_memory_bytes']);
    expect(code).toBe(0);
    expect(out).toContain('[[agents]] max_memory_bytes');
  });

  it('lists all keys', async () => {
    const { out } = await adfAlone(['explain']);
    expect(out).toContain('KEY');
    expect(out.split('\n').length).toBeGreaterThan(50);
  });

  it('names the nearest key of an unknown one', async () => {
    expect(await adfAlone(['explain', 'max_memroy_bytes'])).toMatchObject({
      code: 2,
      out: '',
      err: 'adf: no key is called "max_memroy_bytes" (did you mean "max_memory_bytes"?): adf explain lists them all\n',
    });
  });

  it('prints the same as JSON', async () => {
    const view = JSON.parse((await adfAlone(['explain', 'agents.timeout', '--json'])).out) as readonly object[];
    expect(view).toMatchObject([{ written: '[[agents]] timeout', hasEffect: true }]);
  });
});

it('works without a daemon and says nothing of it', async () => {
  expect(await adf(new FakeControl(), ['explain', 'agents.timeout'], { local: fakeLocal() })).toMatchObject({
    code: 0,
  });
});

function tryWish(rest: object): object {
  return {
    config: null,
    driver: null,
    task: null,
    command: [],
    project: null,
    memoryBytes: null,
    wallMs: null,
    cpuMs: null,
    ...rest,
  };
}
