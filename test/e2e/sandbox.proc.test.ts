// What an agent in a sandbox reaches of the machine: its work and its home, and nothing of the factory or of others.

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Bubblewrap } from '../../src/adapters/bubblewrap.ts';
import type { RunId } from '../../src/core/ids.ts';
import type { Outcome } from '../../src/core/run/outcome.ts';
import { removeFolder, startFactory, testFolder } from '../support/factory.ts';
import type { Factory } from '../support/factory.ts';

const HERE = await new Bubblewrap().sandboxing();

/** Tries each thing and says `yes` where it could be done. */
const SPY = [
  'could() { name=$1; shift; if sh -c "$*" >/dev/null 2>&1; then echo "$name yes"; else echo "$name no"; fi; }',
  'could work "echo mine >made"',
  'could home "echo mine >$HOME/made"',
  'could tmp "echo mine >/tmp/adf-made-$DAEMON"',
  'could system "test -w /usr"',
  'could token "cat $ROOT/token"',
  'could ledger "cat $ROOT/state/ledger.db"',
  'could output "ls $ROOT/state/out/*"',
  'could flag "ls $ROOT/pause/idle || echo mine >$ROOT/pause/made"',
  'could other "cat $ROOT/other/work || echo mine >$ROOT/other/made"',
  'could socket "test -S $ROOT/adf.sock"',
  'could daemon "kill -0 $DAEMON"',
  "could network \"node -e \\\"require('node:net').connect($PORT, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))\\\"\"",
].join('\n');

const agent = (name: string, project: string, lines: string): string =>
  `[[agents]]\nname = "${name}"\nproject = "${project}"\nlayer = "Growth"\n${lines}\n`;
const spy = (name: string, lines: string): string =>
  agent(name, 'web', `cli_tool = "sh"\nenv_pass = ["ROOT", "DAEMON", "PORT"]\ntask = '''${SPY}'''\n${lines}`);

const TOML = `
[factory]
state_dir = "state"
pause_dir = "pause"
socket = "adf.sock"
disk_free_floor = "1MiB"

[secrets]
files = { NPM_TOKEN = "./token" }

[[projects]]
id = "web"
working_dir = "web"
sandbox = "standard"

[[projects]]
id = "other"
working_dir = "other"

${spy('free', 'sandbox = "off"')}
${spy('standard', '')}
${spy('strict', 'sandbox = "strict"')}
${agent('listed', 'web', 'cli_tool = "true"\nsandbox = "strict"\nallowed_addresses = ["10.0.0.0/8"]')}
${agent('lost', 'web', 'cli_tool = "./no-such-program"')}
${agent('asked', 'web', 'cli_tool = "sh"\ntask = "trap \\"echo asked; exit 7\\" TERM; echo up; while :; do sleep 0.05; done"')}
`;

let dir = '';
let factory: Factory;
const server = createServer();

beforeEach(async () => {
  dir = testFolder();
  ['web', 'other', 'home'].forEach((name) => mkdirSync(join(dir, name)));
  writeFileSync(join(dir, 'other/work'), '');
  mkdirSync(join(dir, 'pause'));
  writeFileSync(join(dir, 'pause/idle'), '');
  writeFileSync(join(dir, 'token'), 'the-token-of-a-test', { mode: 0o600 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = (server.address() as { readonly port: number }).port;
  const environment = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: join(dir, 'home'),
    ROOT: dir,
    DAEMON: String(process.pid),
    PORT: String(port),
  };
  factory = await startFactory(dir, TOML, { environment });
});

afterEach(async () => {
  await factory.stop();
  await new Promise((resolve) => server.close(resolve));
  removeFolder(dir);
});

async function ask(name: string): Promise<string> {
  const reply = await factory.daemon.control.run(name, { key: randomUUID() });
  if ('refused' in reply) {
    throw new Error(reply.refused.message);
  }
  return reply.run.id;
}

async function ended(id: string): Promise<{ readonly outcome: Outcome | null; readonly printed: string }> {
  await factory.fact((fact) => (fact.kind === 'run.ended' || fact.kind === 'run.refused') && fact.run === id);
  const shown = await factory.daemon.control.show(id);
  if ('refused' in shown) {
    throw new Error(shown.refused.message);
  }
  return { outcome: factory.house.ledger.runs.get(shown.run.id as RunId)?.outcome ?? null, printed: shown.output.tail };
}

/** What it tries to write, as it is seen from outside. */
const TMP = `/tmp/adf-made-${process.pid}`;
const MADE = ['web/made', 'home/made', TMP, 'pause/made', 'other/made'];
const ALL = [
  'work',
  'home',
  'tmp',
  'system',
  'token',
  'ledger',
  'output',
  'flag',
  'other',
  'socket',
  'daemon',
  'network',
];
const words = (reached: readonly string[]): string =>
  ALL.map((name) => `${name} ${reached.includes(name) ? 'yes' : 'no'}\n`).join('');
/** Where no sandbox can be had nothing may start; here it is known which of the two must be seen. */
const refused = (level: string, why: string | null) => ({
  kind: 'refused',
  reasons: [
    expect.objectContaining({ code: 'sandbox.unavailable', text: `sandbox = "${level}" cannot be had here: ${why}` }),
  ],
});

it('lets an agent without one do what its user can', async () => {
  const { printed } = await ended(await ask('free'));

  rmSync(TMP);
  const isRoot = process.getuid?.() === 0;
  expect(printed).toBe(words(ALL.filter((name) => name !== 'socket' && (name !== 'system' || isRoot))));
});

it.each([
  ['standard', HERE.standard, ['work', 'home', 'tmp', 'network']],
  ['strict', HERE.strict, ['work', 'home', 'tmp']],
] as const)('%s closes the factory, the system and other projects, or starts nothing', async (level, why, reached) => {
  const { outcome, printed } = await ended(await ask(level));

  expect(why === null ? printed : outcome).toEqual(why === null ? words(reached) : refused(level, why));
  expect(MADE.filter((path) => existsSync(resolve(dir, path)))).toEqual(why === null ? ['web/made', 'home/made'] : []);
});

it('refuses a list of addresses that bubblewrap cannot hold', async () => {
  const { outcome } = await ended(await ask('listed'));

  expect(outcome).toEqual(refused('strict', HERE.strict ?? HERE.addresses));
});

it('tells a missing program from one that fails, and asks an agent to end before it is killed', async () => {
  const lost = await ended(await ask('lost'));
  const id = await ask('asked');
  if (HERE.standard === null) {
    await expect
      .poll(() => readFileSync(join(dir, 'state/out', `${id}.1.out`), 'utf8'), { timeout: 15_000 })
      .toBe('up\n');
  }
  await factory.daemon.control.cancel(id);
  const asked = await ended(id);

  expect(lost.outcome).toMatchObject(
    HERE.standard === null ? { kind: 'failed', class: 'missing_program' } : { kind: 'refused' },
  );
  expect(asked.printed).toMatch(HERE.standard === null ? /^up\n(?:Terminated\n)?asked\n$/ : /^$/);
});
