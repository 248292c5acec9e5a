// The frame of every command: which code is loaded, how errors end, what goes where.

import { existsSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { VERBS } from '../../src/cli/catalogue.ts';
import { OperationalError } from '../../src/lib/operational-error.ts';
import { Sink, adf, adfAlone, adfAt } from '../support/cli.ts';
import { FakeControl, refused } from '../support/fake-control.ts';
import { fakeLocal } from '../support/fake-local.ts';
import { runView } from '../support/views.ts';

it('has one file for each command, of the same name', () => {
  for (const verb of VERBS) {
    expect(existsSync(new URL(`../../src/cli/commands/${verb.name}.ts`, import.meta.url)), verb.name).toBe(true);
  }
});

it('defines every command with help of its own', async () => {
  for (const verb of VERBS) {
    const ended = await adfAlone([verb.name, '--help']);
    expect(ended.code, verb.name).toBe(0);
    expect(ended.out, verb.name).toContain(`Usage: adf ${verb.name}`);
  }
});

it('lists every command in its help', async () => {
  const ended = await adfAlone(['--help']);
  expect(ended.code).toBe(0);
  for (const verb of VERBS) {
    expect(ended.out).toContain(`  ${verb.name}`);
  }
});

it('prints its version', async () => {
  expect(await adfAlone(['--version'])).toMatchObject({ code: 0, out: 'dark-factory 0.1.0\n', err: '' });
});

describe('a wrong command line', () => {
  it.each<[string, readonly string[], string]>([
    ['an unknown command', ['statsu'], '(Did you mean status?)'],
    ['an unknown option', ['status', '--jsno'], '(Did you mean --json?)'],
    ['a missing argument', ['show'], "missing required argument 'run'"],
    ['an argument too many', ['status', 'x'], 'too many arguments'],
    ['a number that is none', ['runs', '-n', 'x'], 'Write a whole number from 1 to 10000.'],
    ['a number that is too small', ['runs', '-n', '0'], 'Write a whole number from 1 to 10000.'],
    ['a number that is too large', ['runs', '-n', '10001'], 'Write a whole number from 1 to 10000.'],
    ['an empty run id', ['show', ''], '"" is no name'],
    ['two tasks', ['run', 'steward', '--task', 'x', '--task-file', 'y'], 'not both'],
    ['a task that cannot be read', ['run', 'steward', '--task-file', '/nowhere/task'], 'cannot read the task'],
  ])('%s ends with 2 and changes nothing', async (_title, argv, message) => {
    const fake = new FakeControl();
    const ended = await adf(fake, argv);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain(message);
    expect(fake.calls).toEqual([]);
  });
});

it.each<[readonly string[], string | null]>([
  [['start', '--help'], 'start'],
  [['--config', 'agents.toml', 'start', '--help'], 'start'],
  [['--json', '--socket', 'start', 'status', '--help'], 'status'],
  [['--help'], null],
])('says which command was typed: %j', async (argv, verb) => {
  const typed: (string | null)[] = [];
  await adfAlone(argv, { typed: (each) => typed.push(each) });
  expect(typed).toEqual([verb]);
});

describe('without a daemon', () => {
  it('every command that needs one ends with 3, says which socket and how to start', async () => {
    const argvs = [['status'], ['runs'], ['show', 'r1'], ['why', 'x'], ['run', 'x'], ['logs', 'r1'], ['logs', '-f']];
    for (const argv of argvs) {
      const { socket, ...ended } = await adfAlone(argv);
      expect(ended, argv.join(' ')).toEqual({
        code: 3,
        out: '',
        err: `adf: no daemon runs here: there is no socket ${socket}\n  start one with: adf start (and see: adf doctor)\n`,
      });
    }
  });

  it('says what of agents.toml may be to blame, unless the socket was named', async () => {
    const local = fakeLocal({ socketPath: async () => '/nowhere/adf.sock', whyThere: async () => 'a.toml is empty' });
    expect((await adfAt('', ['status'], { local })).err).toContain('adf doctor)\n  a.toml is empty\n');
    expect((await adfAt('', ['status', '--socket', '/nowhere/s'], { local })).err).not.toContain('a.toml');
  });

  it('says it in JSON where JSON was asked for', async () => {
    const { code, err, socket } = await adfAlone(['status', '--json']);
    const message = `no daemon runs here: there is no socket ${socket}`;
    expect([code, JSON.parse(err)]).toEqual([3, { error: { code: 'daemon_unreachable', message } }]);
  });
});

describe('an error of the daemon', () => {
  it.each([
    { code: 'agent.unknown', message: 'no agent "x"', exit: 1, next: '\n  all agents: adf agents\n' },
    { code: 'run.ambiguous', message: '"r7" begins several runs', exit: 1, next: '\n  all runs: adf runs\n' },
    { code: 'run.unknown', message: 'no run "x": adf runs lists them', exit: 1, next: '\n' },
    { code: 'run.not_ended', message: 'r7m1 has ended', exit: 1, next: '\n' },
    { code: 'invalid_request', message: 'name: too long', exit: 2, next: '\n' },
  ])('$code is told with what to type next', async ({ code, message, exit, next }) => {
    const fake = new FakeControl({ why: async () => refused(code, message) });
    const ended = await adf(fake, ['why', 'x']);
    expect(ended).toEqual({ code: exit, out: '', err: `adf: ${message}${next}` });
  });

  it('cannot steer the terminal', async () => {
    const fake = new FakeControl({ why: async () => refused('agent.unknown', 'no \u001B[2Jagent\n\u0007"x"') });
    expect((await adf(fake, ['why', 'x'])).err).toContain('adf: no agent\n"x"\n');
  });
});

describe('options before the command', () => {
  it('count as its own', async () => {
    const fake = new FakeControl();
    const ended = await adf(fake, ['--config', 'status', '--json', 'runs'], {});
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.out)).toHaveLength(2);
  });

  it('reach the function that finds the socket', async () => {
    const places: unknown[] = [];
    const local = fakeLocal({
      socketPath: (place) => {
        places.push(place);
        return Promise.reject(new OperationalError('config_missing', 'no agents.toml here or above'));
      },
    });
    const first = await adfAlone(['--config', 'a.toml', 'status'], { local });
    await adfAlone(['status', '--config', 'b.toml'], { local });
    await adfAlone(['status'], { local });
    expect(places).toEqual([{ config: 'a.toml' }, { config: 'b.toml' }, { config: null }]);
    expect(first).toMatchObject({
      code: 2,
      err: 'adf: no agents.toml here or above\n  write one for this repository: adf init\n',
    });
  });

  it('do not need a configuration where the socket is named', async () => {
    const { socket } = await adfAlone(['status']);
    const ended = await adfAt('unused', ['status', '--socket', socket], { local: fakeLocal() });
    expect(ended).toMatchObject({ code: 3, err: expect.stringContaining(socket) as unknown });
  });
});

describe('output', () => {
  it('has no colour in a pipe, and none in a terminal with NO_COLOR', async () => {
    const piped = await adf(new FakeControl(), ['status']);
    const plain = await adf(new FakeControl(), ['status'], { isTerminal: true, columns: 200, noColor: true });
    expect(piped.out).not.toContain('\u001B');
    expect(plain.out).toBe(piped.out);
  });

  it('says the same words with colour', async () => {
    const plain = await adf(new FakeControl(), ['status']);
    const coloured = await adf(new FakeControl(), ['status'], { isTerminal: true, columns: 200 });
    expect(coloured.out).toContain('\u001B[31mPAUSED\u001B[39m');
    expect(stripVTControlCharacters(coloured.out)).toBe(plain.out);
  });

  it('may lose its reader without a word', async () => {
    const stdout = new Sink(() => stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })));
    const ended = await adf(new FakeControl(), ['runs'], { stdout });
    expect(ended).toMatchObject({ code: 0, err: '' });
  });

  it('ends a stream whose reader went away', async () => {
    const fake = new FakeControl({
      logs: async (_run, from) => ({ text: 'more\n', next: from + 5, ended: false, attempt: 'r1.1' }),
    });
    fake.runs = [runView({ id: 'r1' })];
    const stdout = new Sink(() => stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })));
    const ended = await adf(fake, ['logs', '-f', 'r1'], { stdout });
    expect(ended).toMatchObject({ code: 0, err: '' });
  });

  it('that cannot be written for another reason is an error', async () => {
    const stdout = new Sink(() => stdout.destroy(Object.assign(new Error('ENOSPC: disk full'), { code: 'ENOSPC' })));
    const ended = await adf(new FakeControl(), ['runs'], { stdout });
    expect(ended).toMatchObject({ code: 1, err: 'adf: cannot write the result: ENOSPC: disk full\n' });
  });
});

it('ends with 130 when a person interrupts a daemon that does not answer', async () => {
  const interrupt = new AbortController();
  const fake = new FakeControl({
    status: () => {
      interrupt.abort();
      return new Promise(() => undefined);
    },
  });
  expect(await adf(fake, ['status'], { interrupt: interrupt.signal })).toEqual({ code: 130, out: '', err: '' });
});
