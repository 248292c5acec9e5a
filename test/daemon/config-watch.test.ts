// The file watch: it reloads what is whole and new, once, and only where it is asked to.

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigWatch } from '../../src/daemon/config-watch.ts';
import { FleetInForce } from '../../src/daemon/house.ts';
import { refusal } from '../../src/daemon/lookup.ts';
import { fingerprint } from '../../src/main/fingerprint.ts';
import { fleetOf } from '../support/load-config.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { reloadView } from '../support/reconcile-views.ts';

const clock = new ManualTimers();
let files = 'a';
let refusals = 0;
const reloads: string[] = [];
let watch: ConfigWatch | null = null;

const begin = (toml: string): void => {
  const house = { clock, fleet: new FleetInForce(fleetOf(toml)) };
  watch = new ConfigWatch(house, {
    fingerprint: () => files,
    reload: async (by) => {
      reloads.push(`${by}: ${files}`);
      refusals -= 1;
      return Promise.resolve(refusals >= 0 ? refusal('reconcile.locked', 'eva applies') : reloadView());
    },
    fail: (error) => {
      throw error;
    },
  });
  watch.start();
};
const look = async (times: number): Promise<void> => {
  for (let index = 0; index < times; index += 1) {
    clock.advance(2000);
    await new Promise(setImmediate);
  }
};
beforeEach(() => {
  files = 'a';
  refusals = 0;
  reloads.length = 0;
});
afterEach(async () => watch?.stop());

const ON = '[factory]\nwatch_config = true\n';

describe('the file watch', () => {
  it('reloads a changed file once, when it has stayed the same for one look', async () => {
    begin(ON);
    await look(2);
    files = 'b';
    await look(1);
    files = 'c';
    await look(1);
    expect(reloads).toEqual([]);
    await look(3);
    expect(reloads).toEqual(['the file watch: c']);
  });

  it('asks again while somebody else reconciles', async () => {
    begin(ON);
    refusals = 2;
    files = 'b';
    await look(6);
    expect(reloads).toHaveLength(3);
  });

  it('does nothing where agents.toml does not ask for it', async () => {
    begin('');
    files = 'b';
    await look(4);
    expect(reloads).toEqual([]);
  });
});

describe('the fingerprint', () => {
  const dir = mkdtempSync(join(tmpdir(), 'adf-watch-'));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('changes with the content of each file, a new file beside an included one, and a file that goes', () => {
    mkdirSync(join(dir, 'conf.d'), { recursive: true });
    const read = [join(dir, 'agents.toml'), join(dir, 'conf.d/a.toml')];
    const seen: string[] = [];
    const changes = [
      () => read.forEach((file) => writeFileSync(file, '1')),
      () => writeFileSync(read[0]!, '12'),
      () => utimesSync(read[1]!, 1, 1),
      () => writeFileSync(join(dir, 'conf.d/b.toml'), '1'),
      () => rmSync(read[0]!),
    ];
    for (const change of changes) {
      change();
      seen.push(fingerprint(read));
    }
    expect(new Set(seen).size).toBe(changes.length);
  });
});
