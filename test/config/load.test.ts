// What a right agents.toml becomes: defaults, inheritance, absolute paths.

import { describe, expect, it } from 'vitest';

import { fleetOf, loadText } from '../support/load-config.ts';

const HELLO = `[[agents]]
name = "hello"
layer = "Core"
cli_tool = "echo"
schedule = "* * * * *"
`;

describe('loadFleet', () => {
  it('fills in every default of an agent', () => {
    const [agent] = fleetOf(HELLO).agents;

    expect(agent).toMatchObject({
      key: 'hello',
      project: null,
      workingDir: '/repo',
      enabled: true,
      timezone: 'UTC',
      timeoutMs: 7_200_000,
      stallTimeoutMs: null,
      gracePeriodMs: 10_000,
      maxMemoryBytes: 2 * 1024 ** 3,
      maxOutputBytes: 64 * 1024 ** 2,
      maxOutputBytesPerSecond: 50_000_000,
      misfire: { policy: 'skip', lateOkMs: 300_000 },
      overlap: 'skip',
      retry: null,
      preCheck: { kind: 'always' },
      rlmEnabled: null,
      bypassKgRouting: false,
      settings: { permissionMode: null, allowedTools: [], deniedTools: [], maxTurns: null, maxBudgetMicroUsd: null },
    });
  });

  it.each([
    [8, 2],
    [16, 4],
    [64, 4],
  ])('promises an agent a quarter of %i GiB, at most 4 GiB', (memoryGib, expectedGib) => {
    const machine = { cores: 2, memoryBytes: memoryGib * 1024 ** 3, findProgram: () => null };

    expect(fleetOf(HELLO, { machine }).agents[0]?.maxMemoryBytes).toBe(expectedGib * 1024 ** 3);
  });

  it.each([
    [1, 1, 2],
    [2, 8, 4],
    [8, 8, 8],
    [16, 256, 32],
  ])('allows for %i cores and %i GiB %i runs at once', (cores, memoryGib, expected) => {
    const machine = { cores, memoryBytes: memoryGib * 1024 ** 3, findProgram: () => null };

    expect(fleetOf('', { machine }).factory.maxConcurrentAgents).toBe(expected);
  });

  it('puts the state beside the file, or where the service has its own', () => {
    expect(fleetOf('').factory).toMatchObject({ stateDir: '/repo/.adf', pauseDir: '/repo/.adf/pause' });
    expect(fleetOf('', { stateDirectory: '/var/lib/adf' }).factory).toMatchObject({
      stateDir: '/var/lib/adf',
      pauseDir: '/var/lib/adf/pause',
    });
    expect(fleetOf('[factory]\nstate_dir = "s"\npause_dir = "/p"', { stateDirectory: '/x' }).factory).toMatchObject({
      stateDir: '/repo/s',
      pauseDir: '/p',
    });
  });

  it('drains shortly while a person watches', () => {
    expect(fleetOf('', { foreground: true }).factory.drainTimeoutMs).toBe(15_000);
    expect(fleetOf('').factory.drainTimeoutMs).toBe(120_000);
    expect(fleetOf('[factory]\ndrain_timeout = "1s"', { foreground: true }).factory.drainTimeoutMs).toBe(1000);
  });

  it('gives an agent the folder, environment and enforcement of what it belongs to', () => {
    const fleet = fleetOf(`
      [factory]
      enforcement = "kernel"
      timezone = "Europe/Berlin"
      [[projects]]
      id = "web"
      working_dir = "web"
      env = { A = "project", B = "project" }
      [[agents]]
      name = "a"
      project = "web"
      layer = "Growth"
      cli_tool = "./bin/a"
      env = { B = "agent" }
      [[agents]]
      name = "b"
      project = "web"
      layer = "Growth"
      cli_tool = "b"
      working_dir = "../b"
      enforcement = "any"
      timezone = "UTC"`);

    expect(fleet.agents[0]).toMatchObject({
      key: 'web/a',
      cliTool: '/repo/bin/a',
      workingDir: '/repo/web',
      env: { A: 'project', B: 'agent' },
      enforcement: 'kernel',
      timezone: 'Europe/Berlin',
    });
    expect(fleet.agents[1]).toMatchObject({ workingDir: '/b', enforcement: 'any', timezone: 'UTC' });
  });

  it('closes the machine to an agent as the nearest says: itself, its project, the factory', () => {
    const agent = (name: string, rest: string) =>
      `[[agents]]\nname = "${name}"\nlayer = "Growth"\ncli_tool = "a"\n${rest}\n`;
    const projects = '[[projects]]\nid = "open"\nsandbox = "off"\n[[projects]]\nid = "web"\n';
    const agents = [
      agent('a', ''),
      agent('b', 'project = "web"'),
      agent('c', 'project = "open"'),
      agent('d', 'project = "open"\nsandbox = "strict"'),
    ].join('');
    const of = (factory: string) => fleetOf(`${factory}${projects}${agents}`).agents.map(({ sandbox }) => sandbox);

    expect(of('[factory]\nsandbox = "standard"\n')).toEqual(['standard', 'standard', 'off', 'strict']);
    expect(of('')).toEqual(['off', 'off', 'off', 'strict']);
  });

  it('lays the breaker of a project over the one of the fleet, and reads threshold 0 as 1', () => {
    const fleet = fleetOf(`
      [breaker]
      threshold = 5
      probe_first = true
      [[projects]]
      id = "a"
      [projects.breaker]
      threshold = 0
      same_class = { count = 5 }
      [[projects]]
      id = "b"`);

    expect(fleet.projects.map((project) => project.breaker)).toEqual([
      {
        threshold: 1,
        agents: ['project-meta', 'project-meta-*'],
        sameClass: { count: 5, windowMs: 3_600_000 },
        probeAfterMs: 600_000,
        probeFirst: true,
        autoResumeAfterMs: null,
        pauseStopsRunning: false,
      },
      expect.objectContaining({ threshold: 5, sameClass: null }),
    ]);
  });

  it('leaves a Safety agent without a timeout running', () => {
    const safety = '[[agents]]\nname = "s"\nlayer = "Safety"\ncli_tool = "s"\n';

    expect(fleetOf(safety).agents[0]?.timeoutMs).toBeGreaterThan(1e12);
    expect(fleetOf(`${safety}timeout = "1h"`).agents[0]?.timeoutMs).toBe(3_600_000);
  });

  it('reads sizes and durations as people write them, or as numbers in the unit of the key', () => {
    const limits = (lines: string): object => fleetOf(HELLO + lines).agents[0] ?? {};

    expect(limits('max_memory_bytes = "1.5GiB"')).toMatchObject({ maxMemoryBytes: 1_610_612_736 });
    expect(limits('max_memory_bytes = 268435456')).toMatchObject({ maxMemoryBytes: 268_435_456 });
    expect(limits('max_cpu_seconds = 90')).toMatchObject({ maxCpuMs: 90_000 });
    expect(limits('max_cpu_seconds = "90s"')).toMatchObject({ maxCpuMs: 90_000 });
    expect(limits('grace_period_secs = "1m"')).toMatchObject({ gracePeriodMs: 60_000 });
    expect(limits('timeout = "1h30m"')).toMatchObject({ timeoutMs: 5_400_000 });
    expect(limits('cpu_quota = "150%"')).toMatchObject({ cpuQuotaPercent: 150 });
    expect(limits('max_budget_cents = 3')).toMatchObject({ settings: { maxBudgetMicroUsd: 30_000 } });
  });

  it('reads the short and the long forms of pre_check and misfire', () => {
    const agent = (lines: string): object => fleetOf(HELLO + lines).agents[0] ?? {};

    expect(agent('pre_check = "always"\nmisfire = "run_all"')).toMatchObject({
      preCheck: { kind: 'always' },
      misfire: { policy: 'run_all', lateOkMs: 300_000 },
    });
    expect(
      agent('pre_check = { kind = "git-diff", watch_paths = ["src"] }\nmisfire = { late_ok = "1m" }'),
    ).toMatchObject({
      preCheck: { kind: 'git-diff', watchPaths: ['src'] },
      misfire: { policy: 'skip', lateOkMs: 60_000 },
    });
    expect(agent('pre_check = { kind = "shell", script = "true", timeout_secs = 5 }')).toMatchObject({
      preCheck: { kind: 'shell', script: 'true', timeoutMs: 5000 },
    });
  });

  it.each([
    ['gitea_issue = 7\npre_check = { kind = "gitea-issue" }', 7],
    ['gitea_issue = 7\npre_check = { kind = "gitea-issue", issue_number = 8 }', 8],
    ['pre_check = { kind = "gitea-issue", issue_number = 8 }', 8],
  ])('asks with %j about issue %i', (lines, issue) => {
    const gitea = '[gitea]\nurl = "https://git.example.org"\ntoken_file = "/t"\nowner = "o"\nrepository = "r"\n';
    expect(fleetOf(gitea + HELLO + lines).agents[0]?.preCheck).toEqual({ kind: 'gitea-issue', issue });
  });

  it('keeps the place of the token and never the token', () => {
    const gitea = (file: string): unknown =>
      fleetOf(`[gitea]\nurl = "https://git.example.org/"\ntoken_file = "${file}"\nowner = "o"\nrepository = "r"`).gitea;

    expect(gitea('./token')).toEqual({
      url: 'https://git.example.org',
      tokenFile: '/repo/token',
      owner: 'o',
      repository: 'r',
      labels: ['adf'],
      assignees: [],
    });
    expect(gitea('credential:gitea')).toMatchObject({ tokenFile: 'credential:gitea' });
  });

  it('gives equal configurations equal hashes and different ones different hashes', () => {
    const reordered = HELLO.split('\n').toSorted().reverse().join('\n').replace('[[agents]]\n', '');

    expect(fleetOf(`[[agents]]\n${reordered}`).hash).toBe(fleetOf(HELLO).hash);
    expect(fleetOf(`${HELLO}timeout = "1h"`).hash).not.toBe(fleetOf(HELLO).hash);
    expect(fleetOf(HELLO).hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('reads a large fleet, and gives back the memory that reading took', () => {
    const many = Array.from({ length: 1000 }, (_, index) => HELLO.replace('hello', `hello-${index}`)).join('');
    const fleet = fleetOf(many);

    expect(fleet.agents).toHaveLength(1000);
    expect(process.memoryUsage().heapUsed).toBeLessThan(128 * 1024 ** 2);
  });

  it('tells which files it read', () => {
    expect(loadText(HELLO)).toMatchObject({ kind: 'ok', files: ['/repo/agents.toml'] });
  });
});
