// The file watch: it reloads what is whole and new, once, and only where it is asked to.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigWatch } from '../../src/daemon/config-watch.ts';
import { FleetInForce } from '../../src/daemon/house.ts';
import { refusal } from '../../src/daemon/lookup.ts';
import { fingerprint, loadedFrom } from '../../src/main/fingerprint.ts';
import type { LoadedFrom } from '../../src/main/fingerprint.ts';
import { fleetOf, loadText } from '../support/load-config.ts';
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
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'adf-watch-'));
    mkdirSync(join(dir, 'conf.d'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const ALWAYS = '[[agents]]\nname = "a"\nlayer = "Safety"\ncli_tool = "sh"\ntask_file = "task"\n';
  /** Of the configuration in `dir`, as it is now. */
  const loaded = (): LoadedFrom => {
    const path = join(dir, 'agents.toml');
    return loadedFrom(loadText(readFileSync(path, 'utf8'), { path }), null);
  };

  it('changes with the content of each file, and a file that goes', () => {
    writeFileSync(join(dir, 'agents.toml'), 'include = ["conf.d/*.toml"]\n');
    writeFileSync(join(dir, 'conf.d/a.toml'), '# a');
    const from = loaded();
    const seen = [fingerprint(from)];
    const changes = [
      () => writeFileSync(join(dir, 'agents.toml'), 'include = ["conf.d/*.toml"]\n#\n'),
      () => utimesSync(join(dir, 'conf.d/a.toml'), 1, 1),
      () => rmSync(join(dir, 'agents.toml')),
      () => symlinkSync('agents.toml', join(dir, 'agents.toml')),
    ];
    for (const change of changes) {
      change();
      seen.push(fingerprint(from));
    }
    expect(new Set(seen).size).toBe(changes.length + 1);
  });

  it.each([
    ['the first file of a folder that was empty', ['conf.d/*.toml'], 'conf.d/a.toml'],
    ['the first file of a folder that was not there', ['*.d/*.toml'], 'more.d/a.toml'],
    ['a file that matches', ['agents-*.toml'], 'agents-web.toml'],
  ])('changes with %s', (_, include, file) => {
    writeFileSync(join(dir, 'agents.toml'), `include = ${JSON.stringify(include)}\n`);
    const from = loaded();
    const before = fingerprint(from);
    mkdirSync(join(dir, 'more.d'));
    writeFileSync(join(dir, 'agents.txt'), '');
    expect(fingerprint(from)).toBe(before);
    writeFileSync(join(dir, file), '# a');
    expect(fingerprint(from)).not.toBe(before);
  });

  it.each([
    ['that is no TOML', '[[agents'],
    ['with a wrong value', '[[agents]]\nname = 7\n'],
  ])('changes when an included file %s is mended, also one that never was in force', (_, broken) => {
    writeFileSync(join(dir, 'agents.toml'), 'include = ["conf.d/*.toml"]\n');
    writeFileSync(join(dir, 'conf.d/a.toml'), broken);
    const from = loaded();
    const before = fingerprint(from);
    writeFileSync(join(dir, 'conf.d/a.toml'), '# mended');
    expect(fingerprint(from)).not.toBe(before);
  });

  it('changes with the task_file of an agent that is always on, and of no other: they read it at each start', () => {
    writeFileSync(join(dir, 'task'), 'sleep 1');
    const changesWith = (toml: string): boolean => {
      writeFileSync(join(dir, 'agents.toml'), toml);
      const from = loaded();
      const before = fingerprint(from);
      writeFileSync(join(dir, 'task'), `${readFileSync(join(dir, 'task'), 'utf8')}0`);
      return fingerprint(from) !== before;
    };
    expect([changesWith(ALWAYS), changesWith(ALWAYS.replace('Safety', 'Growth'))]).toEqual([true, false]);
  });
});
