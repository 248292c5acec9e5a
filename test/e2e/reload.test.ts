// What an operator sees of a reload, whatever decides the difference behind it: shown, in force, or nothing touched.

import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fastClock } from '../support/fast-clock.ts';
import { FACTORY, WholeFactory } from '../support/whole-factory.ts';

const agent = (name: string, rest = ''): string =>
  `[[agents]]\nname = "${name}"\nlayer = "Growth"\ncli_tool = "sh"\ntask = "true"\n${rest}\n`;
const project = (id: string, rest = ''): string => `[[projects]]\nid = "${id}"\n${rest}\n`;
const FLEET = `${project('web', 'breaker = { agents = ["fails"], threshold = 1 }')}${agent('fails', 'project = "web"')}${agent('stays')}`;

async function namesOf(factory: WholeFactory): Promise<readonly string[]> {
  const { out } = await factory.adf('agents', '--json');
  return (JSON.parse(out) as readonly { readonly name: string }[]).map(({ name }) => name);
}

it('shows what is added, changed and removed, and puts it into force', async () => {
  await using factory = await WholeFactory.start(FLEET);
  factory.configure(`${project('web', 'max_concurrent_agents = 1')}${agent('comes')}${agent('stays', 'priority = 7')}`);

  const { code, out } = await factory.adf('reload');

  expect(code).toBe(0);
  for (const line of [/^\+ .*comes/m, /^~ .*web/m, /^~ .*stays/m, /^- .*web\/fails/m, /1 added/, /1 removed/]) {
    expect(out).toMatch(line);
  }
  expect(await namesOf(factory)).toEqual(['comes', 'stays']);
  expect((await factory.adf('run', 'comes')).code).toBe(0);
  expect((await factory.adf('run', 'fails')).err).toContain('no agent');
  expect((await factory.fact('config.loaded')).added.join(' ')).toContain('comes');
});

it('says so when nothing is different', async () => {
  await using factory = await WholeFactory.start(FLEET);

  expect((await factory.adf('reload')).out).toContain('nothing is different');
});

const BREAK: readonly (readonly [string, RegExp, (factory: WholeFactory) => void])[] = [
  ['is no TOML', /agents\.toml:5:\d+ /, (factory) => factory.configure('[[agents')],
  ['has a wrong value', /agents\[0\]\.layer/, (factory) => factory.configure(agent('bad').replace('Growth', 'Huge'))],
  ['has 0 bytes', /agents\.toml:1:1 .*this file is empty/, (factory) => factory.write('')],
  ['is gone', /agents\.toml:1:1 .*there is no such file/, (factory) => rmSync(factory.config)],
  [
    'has become a folder',
    /agents\.toml:1:1 .*this is no file/,
    (factory) => {
      rmSync(factory.config);
      mkdirSync(factory.config);
    },
  ],
  [
    'is a link to itself',
    /agents\.toml:1:1 .*ELOOP/,
    (factory) => {
      rmSync(factory.config);
      symlinkSync(factory.config, factory.config);
    },
  ],
  [
    'includes a fragment of 0 bytes',
    /web\.toml:1:1 .*this file is empty/,
    (factory) => {
      writeFileSync(join(factory.dir, 'web.toml'), '');
      factory.write(`include = ["web.toml"]\n${FLEET}`);
    },
  ],
  [
    'moves the state directory',
    /factory\.state_dir .*cannot move while the factory runs.*stop it, then start it again/,
    (factory) => factory.configure(FLEET, 'state_dir = "elsewhere"'),
  ],
  [
    'moves the socket',
    /factory\.socket .*cannot move while the factory runs/,
    (factory) => factory.configure(FLEET, 'socket = "/tmp/other.sock"'),
  ],
  [
    'changes the execution host',
    /factory\.host .*cannot change while the factory runs \(now "auto"\): stop it, then start it again/,
    (factory) => factory.configure(FLEET, 'host = "keeper"'),
  ],
];

it('keeps the last good configuration whatever is wrong with the file', async () => {
  await using factory = await WholeFactory.start(FLEET);
  const kept = `${factory.config}.good`;
  for (const [what, message, breakIt] of BREAK) {
    factory.configure(FLEET);
    renameSync(factory.config, kept);
    factory.configure(FLEET);
    breakIt(factory);

    const { code, out } = await factory.adf('reload');

    expect([what, code, message.test(out)]).toEqual([what, 2, true]);
    expect(out).toContain('the last good configuration stays in force');
    expect(await namesOf(factory)).toEqual(['fails', 'stays']);
    rmSync(factory.config, { recursive: true, force: true });
    renameSync(kept, factory.config);
  }
  expect(factory.facts.filter((fact) => fact.kind === 'config.rejected')).toHaveLength(BREAK.length);
  expect((await factory.adf('run', 'stays')).code).toBe(0);
  expect((await factory.adf('reload')).code).toBe(0);
});

it('reloads on SIGHUP, and outlives a file that is gone then', async () => {
  await using factory = await WholeFactory.start(FLEET);
  factory.configure(`${FLEET}${agent('comes')}`);

  process.emit('SIGHUP');

  await factory.fact('config.loaded');
  expect(await namesOf(factory)).toContain('comes');
  rmSync(factory.config);
  process.emit('SIGHUP');
  const { errors, first } = await factory.fact('config.rejected');
  expect([errors, first]).toEqual([1, expect.stringMatching(/agents\.toml:1:1 {2}there is no such file/)]);
  expect(await namesOf(factory)).toContain('comes');
});

it('tells the errors of a reload that nobody waited for as adf check does, each with its place, the first ten', async () => {
  await using factory = await WholeFactory.start(FLEET);
  factory.configure(Array.from({ length: 12 }, (_, index) => agent(`a${index}`, 'nonsense = 1')).join(''));

  process.emit('SIGHUP');

  const { errors, first, rest } = await factory.fact('config.rejected');
  expect([errors, rest?.length]).toEqual([12, 9]);
  expect(first).toMatch(/agents\.toml:10:1 {2}agents\[0\]\.nonsense {2}unknown key/);
});

it('tells the warnings of a reload that nobody waited for, and goes on', async () => {
  await using factory = await WholeFactory.start(FLEET);
  factory.configure(`${FLEET}${agent('comes', 'max_memory_bytes = "1MiB"\nmemory_high = "1MiB"')}`);

  process.emit('SIGHUP');

  const { warnings, first } = await factory.fact('config.warned');
  expect([warnings, first]).toEqual([
    1,
    expect.stringMatching(/agents\.toml:\d+:\d+ {2}agents\[2\]\.memory_high {2}has no effect/),
  ]);
  expect(await namesOf(factory)).toContain('comes');
});

it('puts the first file of an included folder into force by itself, and tells what is wrong with the next', async () => {
  await using factory = await WholeFactory.start('', { clock: fastClock(10) });
  mkdirSync(join(factory.dir, 'conf.d'));
  factory.write(`include = ["conf.d/*.toml"]\n[factory]\nwatch_config = true\n${FACTORY}${agent('stays')}`);
  expect((await factory.adf('reload')).code).toBe(0);

  writeFileSync(join(factory.dir, 'conf.d/a.toml'), agent('comes'));

  await factory.fact('config.loaded', ({ added }) => added.includes('agent comes'));
  expect(await namesOf(factory)).toEqual(['stays', 'comes']);
  writeFileSync(join(factory.dir, 'conf.d/b.toml'), agent('comes'));
  expect(await factory.fact('config.rejected')).toMatchObject({
    errors: 1,
    first: expect.stringMatching(/conf\.d\/b\.toml:2:8 {2}agents\[0\]\.name {2}/) as string,
  });
  expect(await namesOf(factory)).toEqual(['stays', 'comes']);
  writeFileSync(join(factory.dir, 'conf.d/b.toml'), agent('mended'));
  await factory.fact('config.loaded', ({ added }) => added.includes('agent mended'));
});

it('starts an agent that is always on anew when another task stands in its task_file', async () => {
  const always = agent('always', 'task_file = "task"').replace('Growth', 'Safety').replace('task = "true"\n', '');
  await using factory = await WholeFactory.start('');
  writeFileSync(join(factory.dir, 'task'), 'sleep 1');
  factory.configure(always);
  await factory.adf('reload');
  await factory.fact('attempt.started');
  expect((await factory.adf('drift')).code).toBe(0);
  writeFileSync(join(factory.dir, 'task'), 'sleep 2');

  const drift = await factory.adf('drift');
  const reload = await factory.adf('reload');

  expect([drift.code, drift.out]).toEqual([4, expect.stringContaining('taskFileHash')]);
  expect([reload.code, reload.out]).toEqual([0, expect.stringContaining('~ agent always: taskFileHash')]);
  expect(await factory.fact('attempt.stop_asked')).toMatchObject({ reason: { kind: 'redefined' } });
});

it('takes no other file in the place of one that is gone', async () => {
  await using factory = await WholeFactory.start(FLEET);
  process.env['ADF_CONFIG'] = join(factory.dir, 'other.toml');
  writeFileSync(join(factory.dir, 'other.toml'), agent('stranger'));
  rmSync(factory.config);

  const { code } = await factory.adf('reload');

  delete process.env['ADF_CONFIG'];
  expect(code).toBe(2);
  expect(await namesOf(factory)).not.toContain('stranger');
});

it('lets runs of a project that is removed end, and records how', async () => {
  await using factory = await WholeFactory.start(`${FLEET}${agent('works', 'project = "web"')}`);
  const asked = await factory.adf('run', 'web/works', '--json');
  const { id } = (JSON.parse(asked.out) as { readonly run: { readonly id: string } }).run;
  await factory.fact('attempt.started', (fact) => fact.run === id);
  factory.configure(`[guardrails]\nmax_deletes = 2\n${agent('stays')}`);

  expect((await factory.adf('reload')).out).toMatch(/^- .*web\/works/m);
  expect(factory.host.live()).toHaveLength(1);
  factory.host.exitAll({ code: 3 });
  await factory.fact('run.ended', (fact) => fact.run === id);

  expect((await factory.adf('show', id)).out).toMatch(/web.*exit 3/);
  expect((await factory.adf('status')).out).not.toContain('web');
  expect((await factory.adf('why', 'works')).err).toContain('no agent');
  expect((await factory.adf('runs', '--json')).out).toContain(id);
});

it('writes the flag of an open breaker into a pause_dir that has moved, and says what lies in the old one', async () => {
  await using factory = await WholeFactory.start(FLEET);
  factory.host.script(() => ({ endsAfterMs: 0, code: 1 }));
  await factory.adf('run', 'fails');
  await factory.file('.adf/pause/web');
  writeFileSync(join(factory.dir, '.adf/pause/__all__'), '');
  factory.configure(FLEET, 'pause_dir = "flags"');

  const { code, out } = await factory.adf('reload');

  expect(code).toBe(0);
  expect(out).toMatch(/agents\.toml:4:13 +factory\.pause_dir +warning: .*stay behind.*"__all__" in ".*\.adf\/pause"/);
  await factory.file('flags/web');
  expect((await factory.adf('why', 'fails')).out).toContain(join(factory.dir, 'flags/web'));
  expect((await factory.adf('run', 'stays')).code).toBe(0);
});

it('counts a pause_dir that cannot be made as paused, and says so', async () => {
  await using factory = await WholeFactory.start(FLEET);
  writeFileSync(join(factory.dir, 'file'), '');
  factory.configure(FLEET, 'pause_dir = "file/flags"');

  await factory.adf('reload');

  const { code, out, err } = await factory.adf('run', 'fails');
  expect(code).toBe(1);
  expect(`${out}${err}`).toContain('factory.paused');
});
