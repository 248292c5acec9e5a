// Where ${NAME} takes a value from the environment, where it does not, and that no message ever shows the value.

import { describe, expect, it } from 'vitest';

import { expandText } from '../../src/config/expand.ts';
import { KEYS } from '../../src/config/schema.ts';
import { errorsOf, fleetOf, loadText, problemLines } from '../support/load-config.ts';

const ENV = { HOME: '/home/tester', EMPTY: '', SECRET: 's3cret-value' };
const AGENT = '[[agents]]\nname = "a"\nlayer = "Growth"\ncli_tool = "echo"\n';

describe('expandText', () => {
  it.each([
    ['${HOME}/x', '/home/tester/x'],
    ['${HOME}${HOME}', '/home/tester/home/tester'],
    ['${EMPTY}', ''],
    ['${NOPE:-default}', 'default'],
    ['${NOPE:-}', ''],
    ['${EMPTY:-default}', 'default'],
    ['${HOME:-default}', '/home/tester'],
    ['${NOPE:-a:-b}', 'a:-b'],
    ['$${HOME}', '${HOME}'],
    ['$${', '${'],
    ['$$${HOME}', '$${HOME}'],
    ['$HOME', '$HOME'],
    ['$', '$'],
    ['{HOME}', '{HOME}'],
    ['100 $', '100 $'],
  ])('makes %j into %j', (text, expected) => {
    const problems: string[] = [];

    expect(expandText(text, ENV, (problem) => problems.push(problem))).toBe(expected);
    expect(problems).toEqual([]);
  });

  it.each([
    ['${NOPE}', '${NOPE} is not set in the environment; set it, or write ${NOPE:-default}'],
    ['${', 'a "${" that is no ${NAME} or ${NAME:-default}; write "$${" for a literal "${"'],
    ['${HOME', 'a "${" that is no ${NAME} or ${NAME:-default}; write "$${" for a literal "${"'],
    ['${}', 'a "${" that is no ${NAME} or ${NAME:-default}; write "$${" for a literal "${"'],
    ['${A-B}', 'a "${" that is no ${NAME} or ${NAME:-default}; write "$${" for a literal "${"'],
    ['${HOME-x}', 'a "${" that is no ${NAME} or ${NAME:-default}; write "$${" for a literal "${"'],
    ['${NOPE:-${HOME}}', 'a "${" that is no ${NAME} or ${NAME:-default}; write "$${" for a literal "${"'],
  ])('refuses %j', (text, expected) => {
    const problems: string[] = [];
    expandText(text, ENV, (problem) => problems.push(problem));

    expect(problems).toEqual([expected]);
  });

  it('does not expand what came out of the environment', () => {
    expect(expandText('${A}', { A: '${B}', B: 'b' }, () => undefined)).toBe('${B}');
  });
});

describe('${NAME} in agents.toml', () => {
  it('is replaced in paths, values of variables, model, provider, endpoint, owner and repository, and nowhere else', () => {
    expect(KEYS.filter((key) => key.expands).map((key) => key.path)).toEqual([
      'include',
      'factory.state_dir',
      'factory.pause_dir',
      'factory.socket',
      'factory.persona_dir',
      'factory.skill_dir',
      'factory.workspace_dir',
      'gitea.url',
      'gitea.token_file',
      'gitea.owner',
      'gitea.repository',
      'secrets.env_file',
      'secrets.files',
      'channels[].url',
      'channels[].url_file',
      'channels[].secret_file',
      'ai.endpoint',
      'ai.model',
      'ai.api_key_file',
      'projects[].working_dir',
      'projects[].home',
      'projects[].credentials',
      'projects[].env',
      'projects[].owner',
      'projects[].repository',
      'agents[].cli_tool',
      'agents[].working_dir',
      'agents[].env',
      'agents[].pre_check.watch_paths',
      'agents[].model',
      'agents[].provider',
      'agents[].fallback_provider',
      'agents[].fallback_model',
    ]);
  });

  it('reaches the Fleet', () => {
    const text = `${AGENT}working_dir = "\${HOME}"\nmodel = "\${NOPE:-sonnet}"\nenv = { A = "$\${x}", B = "\${SECRET}" }\npre_check = { kind = "git-diff", watch_paths = ["\${HOME}"] }\n`;

    expect(fleetOf(text, { env: ENV }).agents[0]).toMatchObject({
      workingDir: '/home/tester',
      model: 'sonnet',
      env: { A: '${x}', B: 's3cret-value' },
      preCheck: { watchPaths: ['/home/tester'] },
    });
  });

  it('is left alone in task, args and scripts, where it belongs to the program', () => {
    const text = `${AGENT}task = "echo \${NOPE}"\nargs = ["\${NOPE}"]\npre_check = { kind = "shell", script = "\${NOPE}" }\n`;

    expect(fleetOf(text, { env: ENV }).agents[0]).toMatchObject({
      task: 'echo ${NOPE}',
      args: ['${NOPE}'],
      preCheck: { script: '${NOPE}' },
    });
    expect(errorsOf(`${AGENT}task_file = "\${HOME}"\n`, { env: ENV })).toEqual([
      'agents.toml:5:13 agents[0].task_file: "${HOME}": there is no such file',
    ]);
  });

  it('is an error at its place where the variable is not set', () => {
    expect(errorsOf(`${AGENT}env = { A = "x", B = "\${NOPE}" }\n`)).toEqual([
      'agents.toml:5:22 agents[0].env.B: ${NOPE} is not set in the environment; set it, or write ${NOPE:-default}',
    ]);
  });

  it('is shown by name in every message, never by value', () => {
    const everything = `
      include = ["\${SECRET}"]
      [factory]
      state_dir = "\${SECRET}"
      pause_dir = "\${SECRET}"
      [gitea]
      url = "\${SECRET}"
      token_file = "\${SECRET}"
      owner = "\${SECRET}\${EMPTY}"
      repository = "\${EMPTY}"
      [[projects]]
      id = "p"
      working_dir = "\${SECRET}"
      env = { A = "\${SECRET}", GITHUB_TOKEN = "\${SECRET}" }
      [[agents]]
      name = "a"
      project = "p"
      layer = "Core"
      schedule = "* * * * *"
      cli_tool = "\${MISSING}"
      working_dir = "\${SECRET}/\${NOPE}"
      model = "\${LINES}"
      env = { A = "\${NUL}" }`;
    const env = { ...ENV, MISSING: 'missing-s3cret', LINES: 's3cret\nvalue', NUL: 's3cret\0' };

    const result = loadText(everything, { env });
    const lines = problemLines([...(result.kind === 'errors' ? result.errors : []), ...result.warnings]);

    expect(lines.length).toBeGreaterThan(6);
    expect(lines.join('\n')).not.toContain('s3cret');
    expect(lines).toContain('agents.toml:22:15 agents[0].model: "${LINES}": must be text on one line, not empty');
  });

  it('is shown by name in warnings too', () => {
    const env = { PROGRAM: 'missing-s3cret' };
    const lines = problemLines(loadText(AGENT.replace('echo', '${PROGRAM}'), { env }).warnings);

    expect(lines).toContain(
      'agents.toml:4:12 agents[0].cli_tool: "${PROGRAM}" is not on PATH here: its runs will not start',
    );
  });
});
