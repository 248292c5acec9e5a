// What upkeep keeps and what it takes away, on both sides of each limit.

import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
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
