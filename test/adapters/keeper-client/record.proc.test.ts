// The keeper's record: read where it cannot be told, believed as far as it is whole, kept until a copy of the ledger has it.

import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Keeper } from '../../../src/keeper/keeper.ts';
import { startFromProcess } from '../../../src/adapters/keeper-client/orphan.ts';
import { identityIn } from '../../../src/adapters/keeper-client/translate.ts';
import { JournalWriter } from '../../../src/os/journal.ts';
import { monotonicMs } from '../../../src/os/monotonic.ts';
import { bootId } from '../../../src/os/process-identity.ts';
import type { StartEntry } from '../../../src/os/wire.ts';
import { intended, KILL, politely } from '../../support/host-specs.ts';
import { KeeperRig, killQuietly, waitFor } from '../../support/keeper-rig.ts';

const OPERATOR = { kind: 'operator', note: 'test' } as const;
/** Ends with the code in the file `go`, when that appears. */
const WAIT = 'while [ ! -s go ]; do sleep 0.02; done; exit $(cat go)';

let rig: KeeperRig;
beforeEach(() => {
  rig = new KeeperRig();
});
afterEach(() => rig.dispose());

function keeperFolders(): string[] {
  return readdirSync(rig.path('keeper')).filter((name) => name !== 'state-id');
}

function onlyJournal(): string {
  const [id = ''] = keeperFolders();
  return rig.path(join('keeper', id, 'journal'));
}

async function killKeepers(): Promise<void> {
  rig.keepers().forEach(killQuietly);
  await waitFor(() => rig.keepers().length === 0);
}

describe('the journal of a dead keeper', () => {
  it('tells an exit that nobody was told of', async () => {
    const first = await rig.daemon();
    const spec = rig.shell('r1.1', WAIT);
    await first.start(spec);
    await first.host.close('leave');
    const before = readFileSync(onlyJournal()).length;
    writeFileSync(rig.path('go'), '7');
    await waitFor(() => readFileSync(onlyJournal()).length > before);
    await killKeepers();
    const second = await rig.daemon({ cursors: first.told.cursors(), held: [first.remembers(spec)] });
    expect(second.answer.adoptions.get(spec.attemptId)).toBe('ended');
    expect(second.told.events).toMatchObject([{ kind: 'exited', report: { code: 7, hostDied: false } }]);
  });

  it.each([
    ['cut short', (path: string, whole: number) => truncateSync(path, whole - 3)],
    ['followed by garbage', (path: string) => appendFileSync(path, Buffer.alloc(100, 0x7f))],
  ])('is believed up to its last whole entry when it is %s', async (what, damage) => {
    const first = await rig.daemon();
    await first.start(rig.shell('r1.1', 'exit 3'));
    await first.told.exit('r1.1');
    const spec = rig.shell('r2.1', WAIT);
    await first.start(spec);
    await first.host.close('leave');
    await killKeepers();
    damage(onlyJournal(), readFileSync(onlyJournal()).length);
    const second = await rig.daemon({ held: [first.remembers(spec)] });
    expect(second.told.exits('r1.1')).toMatchObject([{ code: 3 }]);
    // Also without its start entry: the identity in the ledger is enough to go on watching it.
    expect(second.answer.adoptions.get(spec.attemptId)).toBe('watched');
    expect(second.told.events.length).toBe(what === 'cut short' ? 2 : 3);
    writeFileSync(rig.path('go'), '1');
    expect(await second.told.exit('r2.1')).toMatchObject({ hostDied: true });
  });

  it('is forgotten with its folder when a copy of the ledger has all of it', async () => {
    const first = await rig.daemon();
    await first.start(rig.shell('r1.1', 'exit 3'));
    await first.told.exit('r1.1');
    const [dead = ''] = keeperFolders();
    await killKeepers();
    await first.told.until((events) => events.find((event) => event.kind === 'host_died'));
    const cursors = first.told.cursors();
    cursors.forEach((cursor) => first.host.acknowledge(cursor));
    first.host.forget(cursors.map((cursor) => ({ ...cursor, offset: cursor.offset - 1 })));
    expect(keeperFolders()).toContain(dead);
    first.host.forget(cursors);
    await waitFor(() => !keeperFolders().includes(dead));
  });
});

describe('a journal that was cut', () => {
  it('still knows what is alive', async () => {
    const folder = rig.path('keeper/0-cut');
    mkdirSync(folder);
    const agent = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const start = startFromProcess('r1.1', agent.pid ?? 0) as StartEntry;
    const stopping = {
      k: 'stopping',
      id: 'r1.1',
      reason: OPERATOR,
      steps: [{ afterMs: 600_000, action: 'kill' }],
      at: 1,
      mono: monotonicMs(),
    };
    const journal = new JournalWriter(join(folder, 'journal'), { keeper: '0-cut', bootId: bootId() }, () => {});
    journal.append(start);
    journal.append(stopping);
    await journal.settled();
    journal.cut(journal.end, [start, stopping]);
    journal.close();
    const spec = rig.shell('r1.1', '');
    const cursors = [{ hostId: '0-cut', offset: journal.end }];
    const { host, told, answer } = await rig.daemon({ cursors, held: [intended(spec, identityIn(start))] });
    expect(answer.adoptions.get(spec.attemptId)).toBe('watched');
    expect(await host.stop(spec.attemptId, KILL, { kind: 'drain' })).toBe('already');
    expect(await told.exit('r1.1')).toMatchObject({ hostDied: true, stop: { reason: OPERATOR, at: 1 } });
  });
});

describe('what nobody asked about', () => {
  it('is reported when it carries our marker, and left alone', async () => {
    const first = await rig.daemon();
    const spec = rig.shell('r1.1', WAIT);
    await first.start(spec);
    await first.host.close('leave');
    await killKeepers();
    const second = await rig.daemon({ cursors: first.told.cursors() });
    expect(second.answer.strays).toMatchObject([{ attemptId: 'r1.1' }]);
    expect(rig.tree('r1.1').length).toBeGreaterThan(0);
  });

  it('is gone when its process is', async () => {
    const first = await rig.daemon();
    const spec = rig.shell('r1.1', 'sleep 1000');
    await first.start(spec);
    await first.host.close('leave');
    await killKeepers();
    await waitFor(() => {
      rig.tree('r1.1').forEach(killQuietly);
      return rig.tree('r1.1').length === 0;
    });
    const held = first.remembers(spec);
    const second = await rig.daemon({ held: [held] });
    expect(second.answer.adoptions.get(spec.attemptId)).toBe('gone');
  });

  it('is gone when it belongs to an earlier boot', async () => {
    const first = await rig.daemon();
    const spec = rig.shell('r1.1', 'sleep 1000');
    const never = rig.shell('r2.1', 'sleep 1000');
    await first.start(spec);
    const { identity } = first.remembers(spec);
    const old = identity === null ? null : { ...identity, bootId: 'earlier' };
    await first.host.close('leave');
    const second = await rig.daemon({ held: [{ ...first.remembers(never), identity: old }] });
    expect(second.answer.adoptions.get(never.attemptId)).toBe('gone');
  });
});

describe('a keeper of another protocol number', () => {
  it('is left to finish: its attempts are held, told, and can be stopped; new ones go to a new keeper', async () => {
    await (await rig.daemon()).host.close('end');
    const stateId = readFileSync(rig.path('keeper/state-id'), 'utf8');
    const folder = rig.path('keeper/0-old');
    mkdirSync(folder);
    const old = new Keeper({ folder, id: '0-old', stateId, version: '0.0', protocol: 41, idleMs: 1500 });
    old.listen();
    await waitFor(() => existsSync(join(folder, 'lock')));
    const before = await rig.daemon({ speaks: [41, 40] });
    const specs = [
      rig.shell('r1.1', WAIT),
      rig.shell('r2.1', 'trap "" TERM; : >deaf; while :; do sleep 0.05; done'),
    ] as const;
    for (const spec of specs) {
      await before.start(spec);
    }
    await waitFor(() => existsSync(rig.path('deaf')));
    await before.host.close('leave');

    const held = specs.map((spec) => before.remembers(spec));
    const { host, told, answer } = await rig.daemon({ cursors: before.told.cursors(), held });
    expect([...answer.adoptions.values()]).toEqual(['held', 'held']);
    expect(await host.start(specs[0])).toMatchObject({ kind: 'already_started' });
    expect(await host.stop(specs[1].attemptId, politely(200), OPERATOR)).toBe('stopping');
    expect(await told.exit('r2.1')).toMatchObject({ signal: 'SIGKILL', stop: { reason: OPERATOR }, hostDied: false });
    expect((await host.start(rig.shell('r3.1', 'exit 2'))).kind).toBe('started');
    expect(await told.exit('r3.1')).toMatchObject({ code: 2 });
    expect(rig.keepers().length).toBe(1);
    writeFileSync(rig.path('go'), '6');
    expect(await told.exit('r1.1')).toMatchObject({ code: 6, hostDied: false, stop: null });
    await waitFor(() => !existsSync(join(folder, 'lock')));
  });
});

describe('a keeper', () => {
  it('tells nothing that it cannot make durable, starts nothing meanwhile, and tells it when it can', async () => {
    const { host, told } = await rig.daemon();
    const limitFiles = (bytes: string) =>
      execFileSync('prlimit', ['--pid', String(rig.keepers()[0]), `--fsize=${bytes}:unlimited`]);
    limitFiles('10');
    const reply = host.start(rig.shell('r1.1', ': >ran; exit 4'));
    await waitFor(() => existsSync(rig.path('ran')));
    const refused = { kind: 'did_not_start', cause: 'host' };
    await expect.poll(() => host.start(rig.shell('r2.1', 'exit 0'))).toMatchObject(refused);
    expect(told.events).toEqual([]);
    limitFiles('unlimited');
    expect(await reply).toMatchObject({ kind: 'started' });
    expect(await told.exit('r1.1')).toMatchObject({ code: 4 });
  });

  it('that hangs is ended, and its attempts go on', async () => {
    const first = await rig.daemon();
    const spec = rig.shell('r1.1', WAIT);
    await first.start(spec);
    await first.host.close('leave');
    rig.keepers().forEach((pid) => process.kill(pid, 'SIGSTOP'));
    const second = await rig.daemon({ held: [first.remembers(spec)], patienceMs: 300 });
    expect(second.answer.adoptions.get(spec.attemptId)).toBe('watched');
    writeFileSync(rig.path('go'), '1');
    expect(await second.told.exit('r1.1')).toMatchObject({ hostDied: true });
  });

  it('goes when it is told to and holds nothing, and leaves nothing that a copy of the ledger has', async () => {
    const { host, told } = await rig.daemon();
    await host.start(rig.shell('r1.1', 'exit 0'));
    await told.exit('r1.1');
    host.forget(told.cursors());
    await host.close('end');
    await waitFor(() => rig.keepers().length === 0);
    expect(keeperFolders()).toEqual([]);
  });

  it('goes with its last attempt when it is told to earlier, and keeps its record', async () => {
    const first = await rig.daemon();
    const spec = rig.shell('r1.1', WAIT);
    await first.start(spec);
    await first.host.close('end');
    writeFileSync(rig.path('go'), '8');
    await waitFor(() => rig.keepers().length === 0);
    const second = await rig.daemon({ cursors: first.told.cursors(), held: [first.remembers(spec)] });
    expect(second.answer.adoptions.get(spec.attemptId)).toBe('ended');
    expect(second.told.exits('r1.1')).toMatchObject([{ code: 8, hostDied: false }]);
    expect(await second.host.stop(spec.attemptId, KILL, OPERATOR)).toBe('gone');
  });

  it('goes by itself when nobody has been connected for its idle time', async () => {
    const folder = rig.path('keeper/0-idle');
    const keeper = new Keeper({ folder, id: '0-idle', stateId: 'none', version: '0.0', idleMs: 50 });
    keeper.listen();
    await waitFor(() => !existsSync(folder));
  });

  it('listens also where the path of its socket would be too long', async () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = rig.dir;
    const deep = join(rig.dir, 'a'.repeat(60), 'b'.repeat(60));
    mkdirSync(deep, { recursive: true });
    const nested = new KeeperRig(deep);
    const { host, told } = await nested.daemon();
    await host.start(nested.shell('r1.1', 'exit 3'));
    expect(await told.exit('r1.1')).toMatchObject({ code: 3 });
    await nested.dispose();
    if (before === undefined) {
      delete process.env['TMPDIR'];
    } else {
      process.env['TMPDIR'] = before;
    }
  });
});
