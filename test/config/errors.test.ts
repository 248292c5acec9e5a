// What is wrong with a configuration, where, and what is allowed: one row per mistake.

import { describe, expect, it } from 'vitest';

import { errorsOf, loadText, warningsOf } from '../support/load-config.ts';

/** An agent without a mistake; the rows add their line as line 5. */
const AGENT = '[[agents]]\nname = "a"\nlayer = "Growth"\ncli_tool = "echo"\n';
const PROJECT = '[[projects]]\nid = "web"\n';

describe('an agent', () => {
  it.each([
    ['max_memroy = 1', '5:1 agents[0].max_memroy: unknown key (did you mean "max_memory_bytes"?)'],
    ['tiemout = "1h"', '5:1 agents[0].tiemout: unknown key (did you mean "timeout"?)'],
    ['zzz = 1', '5:1 agents[0].zzz: unknown key; adf explain agents lists the known ones'],
    ['"a b" = 1', '5:1 agents[0]."a b": unknown key; adf explain agents lists the known ones'],
    ['__proto__ = 1', '5:1 agents[0].__proto__: this name cannot be a key; choose another'],
    ['enabled = "yes"', '5:11 agents[0].enabled: "yes": must be true or false'],
    ['enabled = 1', '5:11 agents[0].enabled: 1: must be true or false'],
    ['overlap = "kill"', '5:11 agents[0].overlap: "kill": must be "skip" or "queue" or "replace" or "allow"'],
    ['priority = 101', '5:12 agents[0].priority: 101: must be a whole number from -100 to 100'],
    ['priority = 1.5', '5:12 agents[0].priority: 1.5: must be a whole number from -100 to 100'],
    [
      'grace_period_secs = 4',
      '5:21 agents[0].grace_period_secs: 4: must be a duration with its unit (5 s to 5 min), such as "90s", "10m" or "2h", or a number of seconds',
    ],
    [
      'timeout = 30',
      '5:11 agents[0].timeout: 30: must be a duration with its unit (0.1 s to 365 d), such as "90s", "10m" or "2h"',
    ],
    [
      'timeout = "soon"',
      '5:11 agents[0].timeout: "soon": must be a duration with its unit (0.1 s to 365 d), such as "90s", "10m" or "2h"',
    ],
    [
      'max_memory_bytes = "1023KiB"',
      '5:20 agents[0].max_memory_bytes: "1023KiB": must be a size with its unit (1 MiB to 1024 TiB), such as "512MiB" or "2GiB", or a number of bytes',
    ],
    [
      'cpu_quota = "0%"',
      '5:13 agents[0].cpu_quota: "0%": must be a percentage from "1%" (100% is one processor), or a number of percent',
    ],
    [
      'max_pids = 99999999999999999999',
      '5:12 agents[0].max_pids: 99999999999999999999: this number is too large to be exact',
    ],
    ['max_pids = inf', '5:12 agents[0].max_pids: inf: this is no number that can be a limit'],
    ['task = 2026-11-21', '5:8 agents[0].task: 2026-11-21: a date means nothing here; write text in quotes'],
    [
      'allowed_addresses = ["10.0.0.0/33"]',
      '5:22 agents[0].allowed_addresses[0]: "10.0.0.0/33": must be a list of IP addresses or networks such as ["10.0.0.0/8", "::1"]',
    ],
    ['args = "--verbose"', '5:8 agents[0].args: "--verbose": must be a list of texts'],
    ['args = ["a", 1]', '5:14 agents[0].args[1]: 1: must be a list of texts'],
    ['args = ["a\\u0000b"]', '5:9 agents[0].args[0]: "a\\u0000b": must be a list of texts'],
    [
      'events = ["a b"]',
      '5:11 agents[0].events[0]: "a b": must be a list of names, each of 1 to 64 letters, digits, dots, dashes or underscores',
    ],
    [
      'env = { "A-B" = "x" }',
      '5:9 agents[0].env.A-B: "A-B" is no name of a variable; must be a table of variables with text values, such as { LANG = "C.UTF-8" }',
    ],
    [
      'env = { A = 1 }',
      '5:13 agents[0].env.A: this value: must be a table of variables with text values, such as { LANG = "C.UTF-8" }',
    ],
    [
      'env.A = 1',
      '5:9 agents[0].env.A: this value: must be a table of variables with text values, such as { LANG = "C.UTF-8" }',
    ],
    [
      'env_pass = ["1A"]',
      '5:13 agents[0].env_pass[0]: "1A": must be a list of variable names such as ["LANG", "HTTPS_PROXY"]',
    ],
    ['metering = true', '5:1 agents[0].metering: means nothing to "echo": only agent CLIs are metered; remove it'],
    ['workspace = "own"', '5:13 agents[0].workspace: "own": must be "shared" or "worktree" or "copy"'],
    [
      'workspace_base = "main"',
      '5:1 agents[0].workspace_base: means nothing without workspace = "worktree"; remove it, or write that',
    ],
    [
      'workspace = "worktree"\nworkspace_base = "--upload-pack=x"',
      '6:18 agents[0].workspace_base: "--upload-pack=x": must be a branch or commit, such as "main"',
    ],
    ['retry = 3', '5:9 agents[0].retry: 3: must be a table such as { max = 3, backoff = "10s", cap = "5m" }'],
    ['retry = {}', '5:9 agents[0].retry.max: missing; must be a whole number from 0 to 100, such as 3'],
    ['retry = { max = 3, bakcoff = "1s" }', '5:20 agents[0].retry.bakcoff: unknown key (did you mean "backoff"?)'],
    ['retry = { max = 3, zz = "1s" }', '5:20 agents[0].retry.zz: unknown key; known here: max, backoff, cap'],
    [
      'retry = { max = 3, backoff = "6m" }',
      '5:9 agents[0].retry.cap: the longest wait (cap) is shorter than the first (backoff); raise it',
    ],
    [
      'pre_check = "never"',
      '5:13 agents[0].pre_check: "never": must be "always", { kind = "git-diff", watch_paths = ["src"] }, { kind = "gitea-issue", issue_number = 42 } or { kind = "shell", script = "…" }',
    ],
    [
      'pre_check = { kind = "git-dif" }',
      '5:22 agents[0].pre_check.kind: "git-dif": must be "always" or "git-diff" or "gitea-issue" or "shell"',
    ],
    [
      'pre_check = { kind = "git-diff" }',
      '5:13 agents[0].pre_check.watch_paths: missing; kind = "git-diff" needs watch_paths, such as ["src"]',
    ],
    [
      'pre_check = { kind = "git-diff", watch_paths = [] }',
      '5:48 agents[0].pre_check.watch_paths: missing; kind = "git-diff" needs watch_paths, such as ["src"]',
    ],
    [
      'gitea_issue = 42\npre_check = { kind = "gitea-issue" }',
      '6:22 agents[0].pre_check.kind: "gitea-issue" asks a Gitea: say in [gitea] which one',
    ],
    [
      'pre_check = { kind = "gitea-issue", issue_number = 42 }',
      '5:22 agents[0].pre_check.kind: "gitea-issue" asks a Gitea: say in [gitea] which one',
    ],
    [
      'pre_check = { kind = "shell", script = "true", issue_number = 42 }',
      '5:48 agents[0].pre_check.issue_number: means nothing to kind = "shell"; remove it',
    ],
    [
      'pre_check = { kind = "shell", script = "true", watch_paths = ["a"] }',
      '5:48 agents[0].pre_check.watch_paths: means nothing to kind = "shell"; remove it',
    ],
    ['task = "a"\ntask_file = "b"', '6:1 agents[0].task_file: a task stands here already: keep task or task_file'],
    ['task_file = "missing.md"', '5:13 agents[0].task_file: "missing.md": there is no such file'],
    [
      'timezone = "Europe/Belin"',
      '5:12 agents[0].timezone: "Europe/Belin": must be an IANA time zone such as "Europe/Berlin" (did you mean "Europe/Berlin"?)',
    ],
    ['timezone = "+02:00"', '5:12 agents[0].timezone: "+02:00": must be an IANA time zone such as "Europe/Berlin"'],
    [
      'schedule = "* * * * *"',
      '5:1 agents[0].schedule: an agent of layer "Growth" runs on demand: remove the schedule, or write layer = "Core"',
    ],
    [
      'event_only = true',
      '5:14 agents[0].event_only: true needs events = ["…"]: without them nothing would ever start it',
    ],
    ['project = "wbe"', '5:11 agents[0].project: unknown project "wbe"; there are no [[projects]]'],
    ['max_budget_cents = 0', '5:20 agents[0].max_budget_cents: 0: must be a whole number from 1 to 100000000'],
    ['model = ""', '5:9 agents[0].model: "": must be text on one line, not empty'],
    ['model = "a\\nb"', '5:9 agents[0].model: "a\\nb": must be text on one line, not empty'],
    ['model = "a\\u202Eb"\nmodell = 1', '6:1 agents[0].modell: unknown key (did you mean "model"?)'],
    [
      'api_key = "sk-123"',
      '5:1 agents[0].api_key: a secret may not stand in this file: put it in a file of its own (mode 0600)',
    ],
  ])('with %j: %s', (line, expected) => {
    expect(errorsOf(`${AGENT}${line}\n`)).toEqual([`agents.toml:${expected}`]);
  });

  it.each([
    [
      '',
      [
        '1:1 agents[0].schedule: missing; an agent of layer "Core" needs a schedule or events (layer "Growth" runs on demand)',
      ],
    ],
    ['schedule = "61 * * * *"', ['5:12 agents[0].schedule: "61 * * * *": minute is 0 to 59']],
    ['events = ["push"]', []],
    [
      'events = []',
      [
        '1:1 agents[0].schedule: missing; an agent of layer "Core" needs a schedule or events (layer "Growth" runs on demand)',
      ],
    ],
    [
      'events = 3',
      [
        '5:10 agents[0].events: 3: must be a list of names, each of 1 to 64 letters, digits, dots, dashes or underscores',
      ],
    ],
  ])('of layer Core with %j: %j', (line, expected) => {
    const errors = errorsOf(`${AGENT.replace('Growth', 'Core')}${line}\n`);

    expect(errors).toEqual(expected.map((error) => `agents.toml:${error}`));
  });

  it.each([
    ['schedule = "* * * * *"', 'remove schedule'],
    ['events = ["push"]', 'remove events'],
    ['event_only = true', 'remove event_only'],
  ])('of layer Safety with %j: %s', (line, remedy) => {
    const [error, ...more] = errorsOf(`${AGENT.replace('Growth', 'Safety')}${line}\n`);

    expect(error).toContain(`agents.toml:5:1 agents[0].${line.split(' ')[0]}: an agent of layer "Safety" is always on`);
    expect(error).toContain(remedy);
    expect(more).toEqual([]);
  });

  it.each([
    [
      'cluade',
      '',
      '4:12 agents[0].cli_tool: unknown driver "cluade" (did you mean "claude"? or give a program\'s path)',
    ],
    ['claude', '', '1:1 agents[0].task: missing; claude needs a task or task_file'],
    ['/opt/bin/claude', '', '1:1 agents[0].task: missing; claude needs a task or task_file'],
    ['exec', '', '4:12 agents[0].cli_tool: "exec" is what runs any program: write the program itself'],
    ['sh', '', '1:1 agents[0].task: missing; sh needs a script as task, or args'],
    ['bash', 'args = ["-c", "true"]', null],
    ['bash', 'task = "true"', null],
    ['missing-program', '', null],
  ])('of layer Core that starts %j with %j: %s', (program, line, expected) => {
    const text = `${AGENT.replace('Growth', 'Core').replace('echo', program)}events = ["e"]\n${line}\n`;

    expect(errorsOf(text)).toEqual(expected === null ? [] : [`agents.toml:${expected}`]);
  });

  it('lacks what it must have', () => {
    expect(errorsOf('\n[[agents]]\n')).toEqual([
      'agents.toml:2:1 agents[0].name: missing; must be 1 to 64 letters, digits, dots, dashes or underscores, beginning with a letter or digit, such as "steward"',
      'agents.toml:2:1 agents[0].layer: missing; must be "Safety" or "Core" or "Growth", such as "Core"',
      'agents.toml:2:1 agents[0].cli_tool: missing; must be text on one line, not empty, such as "claude"',
    ]);
  });

  it('has a name of its own within its project', () => {
    const twice = `${PROJECT}${AGENT}project = "web"\n${AGENT}project = "web"\n${AGENT}`;

    expect(errorsOf(twice)).toEqual([
      'agents.toml:9:8 agents[1].name: "a" is taken by another agent of project "web" (/repo/agents.toml:4:8): choose another',
    ]);
    expect(errorsOf(AGENT + AGENT)).toEqual([
      'agents.toml:6:8 agents[1].name: "a" is taken by another agent without a project (/repo/agents.toml:2:8): choose another',
    ]);
  });

  it('belongs to a project that exists', () => {
    expect(errorsOf(`${PROJECT}${AGENT}project = "wbe"\n`)).toEqual([
      'agents.toml:7:11 agents[0].project: unknown project "wbe" (did you mean "web"?)',
    ]);
    expect(errorsOf(`${PROJECT}${AGENT}project = "api"\n`)).toEqual([
      'agents.toml:7:11 agents[0].project: unknown project "api"; known: web',
    ]);
  });
});

describe('a project', () => {
  it.each([
    ['.hidden', false],
    ['-a', false],
    ['a', true],
    ['1', true],
    ['a.b-c_D', true],
    ['a/b', false],
    ['a b', false],
    ['ä', false],
    ['', false],
    ['x'.repeat(64), true],
    ['x'.repeat(65), false],
    ['__all__', false],
  ])('may be called %j: %j', (id, allowed) => {
    expect(loadText(`[[projects]]\nid = "${id}"`).kind).toBe(allowed ? 'ok' : 'errors');
  });

  it('has an id that is one file name, whatever the case', () => {
    expect(errorsOf(`${PROJECT}[[projects]]\nid = "Web"\n[[projects]]\nid = "web"\n`)).toEqual([
      'agents.toml:4:6 projects[1].id: "Web" and "web" are one file name (/repo/agents.toml:2:6): choose another',
      'agents.toml:6:6 projects[2].id: "web" is taken (/repo/agents.toml:2:6): choose another',
    ]);
  });

  it('has a breaker of its own with the same keys', () => {
    expect(errorsOf(`${PROJECT}[projects.breaker]\ntreshold = 3\nsame_class = { count = 1 }\n`)).toEqual([
      'agents.toml:4:1 projects[0].breaker.treshold: unknown key (did you mean "threshold"?)',
      'agents.toml:5:24 projects[0].breaker.same_class.count: 1: must be a whole number from 2 to 1000',
    ]);
  });
});

describe('the whole file', () => {
  it.each([
    ['[facotry]\nname = "x"\n', '1:2 facotry: unknown key (did you mean "factory"?)'],
    ['zzz = 1\n', '1:1 zzz: unknown key; adf explain lists the known ones'],
    ['factory = 3\n', '1:11 factory: 3: must be a table [factory]'],
    ['[agents]\nname = "a"\n', '1:2 agents: a table: must be a list of tables, each written [[agents]]'],
    ['agents = [3]\n', '1:11 agents[0]: 3: must be a list of tables, each written [[agents]]'],
    ['include = "conf.d"\n', '1:11 include: "conf.d": must be a list of texts, none of them empty'],
    ['include = [1]\n', '1:11 include: a list: must be a list of texts, none of them empty'],
    [
      '[factory]\ntimezone = "Mars"\n',
      '2:12 factory.timezone: "Mars": must be an IANA time zone such as "Europe/Berlin"',
    ],
    [
      '[factory]\nstate_dir = "s"\npause_dir = "./s"\n',
      '3:13 factory.pause_dir: is the same folder as state_dir: every file in it would be a flag; choose another',
    ],
  ])('%j: %s', (text, expected) => {
    expect(errorsOf(text)).toEqual([`agents.toml:${expected}`]);
  });

  it.each([
    ['a = ', '1:5 : not TOML: Unspecified values are invalid'],
    ['ok = 1\nname = "x', '2:10 : not TOML: Unterminated string constant'],
    ['a = 1\na = 2\nzzz = 3', '2:1 : not TOML: Defining a key multiple times is invalid'],
    ['a = 1\r\nb = ?', '2:5 : not TOML: Unexpected character'],
    ['\uFEFFa = ?', '1:5 : not TOML: Unexpected character'],
    [`a = ${'['.repeat(100_000)}`, '1:100005 : not TOML: Unspecified values are invalid'],
  ])('is told alone where it is no TOML: %#', (text, expected) => {
    expect(errorsOf(text)).toEqual([`agents.toml:${expected}`]);
  });

  it('tells everything at once, in the order of the file', () => {
    const text = `[factory]\nmax_waiting = 0\n[[projects]]\nid = "/"\n${AGENT}overlap = "x"\npriority = 1000\n`;

    expect(errorsOf(text).map((line) => line.split(' ')[0])).toEqual([
      'agents.toml:2:15',
      'agents.toml:4:6',
      'agents.toml:9:11',
      'agents.toml:10:12',
    ]);
  });

  it('shows what it found on one line, cut and without control characters', () => {
    const [error = ''] = errorsOf(`${AGENT}overlap = "\\u001b[31m\\u202e${'x'.repeat(200)}"\n`);

    expect(error).toContain('"\\u001b[31m\\u{202e}xxx');
    expect(error).toContain('…"');
    expect(error.length).toBeLessThan(240);
  });
});

describe('[gitea]', () => {
  const gitea = (lines: string): string[] => errorsOf(`[gitea]\nowner = "o"\nrepository = "r"\n${lines}\n`);
  const TOKEN_FILE =
    'this value: must be the path of a file that holds the secret (beginning with "/", "./" or "../") or "credential:NAME"; never the secret itself';

  it('holds no secret, and never prints one', () => {
    expect(gitea('url = "https://h"\ntoken = "s3cret"').join('\n')).toContain(
      'agents.toml:5:1 gitea.token: a secret may not stand in this file: put it in a file of its own (mode 0600) and write token_file = "/path/of/that/file"',
    );
    expect(gitea('url = "https://h"\ntoken_file = "s3cret"')).toEqual([
      `agents.toml:5:14 gitea.token_file: ${TOKEN_FILE}`,
    ]);
    expect(gitea('url = "https://me:s3cret@h"\ntoken_file = "./t"')).toEqual([
      'agents.toml:4:7 gitea.url: this value: must be an address such as "https://git.example.org", without user name, password or query',
    ]);
  });

  it('takes a secret from no variable either', () => {
    const errors = errorsOf('[gitea]\nowner = "o"\nrepository = "r"\nurl = "https://h"\ntoken_file = "${WORD}"\n');

    expect(errors).toEqual([`agents.toml:5:14 gitea.token_file: ${TOKEN_FILE}`]);
  });
});

describe('warnings', () => {
  const CORE = AGENT.replace('Growth', 'Core').replace('"a"', '"project-meta"');

  it.each([
    ['terraphim_role = "x"', '5:1 agents[0].terraphim_role: is accepted, but has no effect yet'],
    ['persona = "x"', '5:11 agents[0].persona: has no effect without persona_dir in [factory]'],
    ['skill_chain = ["x"]', '5:16 agents[0].skill_chain[0]: has no effect without skill_dir in [factory]'],
    ['gitea_issue = 42', '5:1 agents[0].gitea_issue: has no effect without [gitea]: nothing is posted'],
    [
      'env = { GITHUB_TOKEN = "abc" }',
      '5:24 agents[0].env.GITHUB_TOKEN: looks like a secret in a file: write "${GITHUB_TOKEN}", or name it in env_pass',
    ],
    ['env = { GITHUB_TOKEN = "${WORD}" }', null],
    ['env = { MAX_TOKENS = "1" }', null],
    [
      'max_memory_bytes = "7GiB"',
      '5:20 agents[0].max_memory_bytes: 7 GiB are more than this machine may promise (6.4 GiB, 80% of its memory): it will wait for ever',
    ],
    ['max_memory_bytes = "6GiB"', null],
    [
      'memory_high = "6GiB"\nmax_memory_bytes = "6GiB"',
      '5:15 agents[0].memory_high: has no effect: it is not below max_memory_bytes (6 GiB)',
    ],
    ['memory_high = "5GiB"\nmax_memory_bytes = "6GiB"', null],
    ['event_only = true\nevents = ["a"]', null],
  ])('%j: %s', (line, expected) => {
    expect(warningsOf(`${AGENT}${line}\nworking_dir = "/"\n`)).toEqual(
      expected === null ? [] : [`agents.toml:${expected}`],
    );
  });

  it.each([
    ['0 0 13 * 5', '"0 0 13 * 5" restricts day of month and day of week: it runs on days that match either of them'],
    ['0 0 13 * *', null],
    ['0 0 * * 5', null],
    ['0 0 */2 * 5', null],
  ])('tell what the schedule %j means: %s', (schedule, expected) => {
    const text = `${AGENT.replace('Growth', 'Core')}working_dir = "/"\nschedule = "${schedule}"\n`;

    expect(warningsOf(text)).toEqual(expected === null ? [] : [`agents.toml:6:12 agents[0].schedule: ${expected}`]);
  });

  it('tell of a schedule that event_only switches off', () => {
    const text = `${AGENT.replace('Growth', 'Core')}working_dir = "/"\nevents = ["a"]\nevent_only = true\nschedule = "* * * * *"\n`;

    expect(warningsOf(text)).toEqual(['agents.toml:8:12 agents[0].schedule: has no effect while event_only is true']);
  });

  it('tells of programs and folders that are not there, but not for agents that are switched off', () => {
    const text = AGENT.replace('echo', 'missing-program');

    expect(warningsOf(`${text}working_dir = "/proc/nowhere"\n`)).toEqual([
      'agents.toml:4:12 agents[0].cli_tool: "missing-program" is not on PATH here: its runs will not start',
      'agents.toml:5:15 agents[0].working_dir: its working folder does not exist: its runs will not start',
    ]);
    expect(warningsOf(`${text}working_dir = "/proc/nowhere"\nenabled = false\n`)).toEqual([]);
  });

  it('tells of projects that nothing guards and guards that guard nothing', () => {
    expect(warningsOf(`${CORE}events = ["a"]\nworking_dir = "/"\n`)).toEqual([
      'agents.toml:2:8 agents[0].name: "project-meta" is named like a meta agent but has no project: its failures pause nothing',
    ]);
    expect(warningsOf(`${PROJECT}${AGENT}project = "web"\nworking_dir = "/"\n`)).toEqual([
      'agents.toml:2:6 projects[0].id: no agent of "web" counts for its breaker (counted: "project-meta", "project-meta-*"): failures will never pause it',
    ]);
    expect(warningsOf(`${PROJECT}${CORE}project = "web"\nevents = ["a"]\nworking_dir = "/"\n`)).toEqual([]);
    expect(warningsOf(`${PROJECT}enabled = false\n${AGENT}working_dir = "/"\n`)).toEqual([]);
    expect(warningsOf(`${PROJECT}breaker = { agents = ["a*"] }\n${AGENT}project = "web"\nworking_dir = "/"\n`)).toEqual(
      [],
    );
  });

  it('tells of a file in which nothing runs', () => {
    expect(warningsOf('')).toEqual(['agents.toml:1:1 : there are no [[agents]]: nothing will run']);
  });

  it('come with the errors too', () => {
    expect(loadText(`${AGENT}terraphim_role = "x"\noverlap = "y"\n`)).toMatchObject({
      kind: 'errors',
      warnings: [{ key: 'agents[0].terraphim_role', line: 5, column: 1 }],
    });
  });
});

describe('prices', () => {
  const price = (model: string, more = ''): string =>
    `[[prices]]\nmodel = "${model}"\ninput = 1\noutput = 2.5\n${more}${AGENT}`;

  it('are of one model once, and never below nothing', () => {
    expect(errorsOf(price('m'))).toEqual([]);
    expect(errorsOf(`[[prices]]\nmodel = "m"\ninput = 1\noutput = 2\n${price('m')}`)).toEqual([
      'agents.toml:6:9 prices[1].model: another price names "m", too; remove one of them',
    ]);
    expect(errorsOf(price('m', 'cache_read = -1\n'))).toEqual([
      'agents.toml:5:14 prices[0].cache_read: -1: must be a number from 0 to 1000000',
    ]);
  });
});
