// What upkeep keeps and what it takes away, on both sides of each limit.

import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { AttemptId } from '../../src/core/ids.ts';
import { OperationalError } from '../../src/lib/operational-error.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TOML = `
[factory]
retention_runs = "2d"
retention_logs = "1d"

[[agents]]
name = "worker"
layer = "Growth"
cli_tool = "sh"
task = "true"
`;

let rig: DaemonRig;
afterEach(() => rig.dispose());

function output(name: string, ageMs: number): string {
  const path = join(rig.dir, 'out', name);
  mkdirSync(join(rig.dir, 'out'), { recursive: true });
  writeFileSync(path, 'said');
  const at = (rig.clock.now() - ageMs) / 1000;
  utimesSync(path, at, at);
  return path;
}

describe('retention', () => {
  it('takes runs with all that belongs to them when they are older than retention_runs, not a moment before', async () => {
    rig = await DaemonRig.start({ toml: TOML });
    const run = await rig.run('worker');
    await rig.leap(2 * DAY_MS - HOUR_MS);
    await rig.pass(1000);
    expect(rig.ledger.runs.list({ limit: 10 })).toHaveLength(1);
    await rig.leap(2 * HOUR_MS);
    await rig.pass(1000);
    expect(rig.ledger.runs.list({ limit: 10 })).toEqual([]);
    expect(run === null ? null : [rig.ledger.attempts.ofRun(run.id), rig.ledger.facts.ofRun(run.id)]).toEqual([[], []]);
  });

  it('takes output older than retention_logs, also of runs that nobody knows, and never that of an open attempt', async () => {
    rig = await DaemonRig.start({ toml: TOML });
    rig.script('worker', {});
    await rig.ask('worker');
    await rig.until(() => rig.host.live().length === 1);
    const old = output('r1zz.1.out', 2 * DAY_MS);
    const open = output(`${String(rig.host.live()[0])}.out`, 2 * DAY_MS);
    const young = output('r1zy.1.err', DAY_MS - HOUR_MS);
    await rig.pass(6 * 60_000);
    expect([old, open, young].map((path) => existsSync(path))).toEqual([false, true, true]);
  });
});

it('ends the daemon whose place another one took, and only tells that the disk is full', async () => {
  rig = await DaemonRig.start({ toml: TOML });
  const fails = (code: string): void => {
    rig.ledger.upkeep.prune = () => {
      throw new OperationalError(code, 'not now');
    };
  };
  fails('storage');
  await rig.pass(6 * 60_000);
  expect(rig.warnings.filter((text) => text.includes('upkeep failed'))).toHaveLength(1);
  expect(rig.fatal).toEqual([]);
  fails('fenced');
  await rig.pass(HOUR_MS + 60_000);
  expect(rig.fatal.splice(0)).toMatchObject([{ code: 'fenced' }]);
});

describe('backups', () => {
  it('are made once a day, verified, and the three newest are kept', async () => {
    rig = await DaemonRig.start({ toml: TOML, ledger: 'file' });
    const dir = join(rig.dir, 'backup');
    mkdirSync(dir);
    for (const day of ['01', '02', '03', '04']) {
      writeFileSync(join(dir, `ledger-2026-11-${day}.db`), '');
    }
    await rig.ledger.upkeep.backup(join(dir, 'ledger-2026-11-21.db'));
    expect(readdirSync(dir).toSorted()).toEqual([
      'ledger-2026-11-03.db',
      'ledger-2026-11-04.db',
      'ledger-2026-11-21.db',
    ]);
  });
});

describe('the record of a host', () => {
  /** The ledger is lost, and its newest copy takes its place. */
  async function loseLedger(): Promise<void> {
    rig.kill();
    const ledger = join(rig.dir, 'ledger.db');
    ['', '-wal', '-shm'].forEach((suffix) => rmSync(`${ledger}${suffix}`, { force: true }));
    copyFileSync(join(rig.dir, 'backup', readdirSync(join(rig.dir, 'backup'))[0] ?? ''), ledger);
    await rig.restart();
  }

  it('keeps what the newest copy of the ledger lacks: an end that was recorded and lost is recorded again, and true', async () => {
    rig = await DaemonRig.start({ toml: TOML, ledger: 'file' });
    rig.script('worker', {});
    await rig.ask('worker');
    const [attempt] = (await rig.until(() => (rig.host.live().length > 0 ? rig.host.live() : null))) ?? [];
    await rig.pass(6 * 60_000);
    const [cursor] = [...rig.ledger.states.all('cursor')];
    const [hostId, copied] = [cursor?.[0] ?? '', Number(cursor?.[1])];
    expect([readdirSync(join(rig.dir, 'backup')), rig.host.forgottenOf(hostId)]).toEqual([
      ['ledger-2026-11-21.db'],
      copied,
    ]);
    rig.host.exit(attempt as AttemptId, { code: 7 });
    await rig.until(() => rig.ledger.runs.live().length === 0);
    expect(rig.host.forgottenOf(hostId)).toBe(copied);
    await loseLedger();
    await rig.until(() => rig.ledger.runs.live().length === 0);
    expect(rig.ledger.runs.list({ limit: 9 })).toMatchObject([{ outcome: { kind: 'failed' }, exit: { code: 7 } }]);
  });

  it('makes a copy come early when it has become long, and once', async () => {
    rig = await DaemonRig.start({ toml: TOML, ledger: 'file' });
    await rig.pass(6 * 60_000);
    const dir = join(rig.dir, 'backup');
    rmSync(join(dir, 'ledger-2026-11-21.db'));
    rig.host.entryBytes = 12 * 1024 * 1024;
    await rig.run('worker');
    await rig.pass(1000);
    expect(readdirSync(dir)).toEqual([]);
    await rig.run('worker');
    await rig.until(() => existsSync(join(dir, 'ledger-2026-11-21.db')));
    const [[hostId, offset] = ['', 0]] = [...rig.ledger.states.all('cursor')];
    await rig.until(() => rig.host.forgottenOf(hostId) === offset);
    rmSync(join(dir, 'ledger-2026-11-21.db'));
    await rig.run('worker');
    await rig.pass(1000);
    expect(readdirSync(dir)).toEqual([]);
  });
});
