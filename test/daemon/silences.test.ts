// What the dead-man noted becomes one issue per silence, whatever happens to the daemon that takes it over.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DaemonRig } from '../support/daemon-rig.ts';

/** 21 November 2026, 10:20:00 UTC, ten minutes before the rig's first daemon. */
const LAST_PASS = Date.UTC(2026, 10, 21, 10, 20) / 1000;
const TOML = `
[[agents]]
name = "worker"
layer = "Growth"
cli_tool = "sh"
task = "true"
`;

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function factory(): Promise<void> {
  rig = await DaemonRig.start({ toml: TOML });
}

function note(lastPass: number, text = '400\n'): string {
  mkdirSync(join(rig.dir, 'silences'), { recursive: true });
  const path = join(rig.dir, 'silences', String(lastPass));
  writeFileSync(path, text);
  return path;
}

function issues() {
  return rig.issues.store.list({ project: null, state: null, limit: 10 });
}

describe('a silence', () => {
  it('becomes one issue that says since when, and how to find out why', async () => {
    await factory();
    const path = note(LAST_PASS);
    await rig.restart();
    await rig.until(() => issues().length === 1);
    const [issue] = issues();
    expect(issue?.title).toMatch(/^\[ADF\] the daemon on build1 was silent for 6 min 40 s$/);
    expect(issue?.body).toContain('since 2026-11-21 10:20');
    expect(issue?.body).toContain("`journalctl --unit adf --since '2026-11-21 10:20");
    expect(rig.facts().filter(({ kind }) => kind === 'daemon.silent')).toHaveLength(1);
    expect(existsSync(path)).toBe(false);
  });

  it('noted while a daemon is there is taken over within a minute', async () => {
    await factory();
    await rig.quiet();
    note(LAST_PASS);
    await rig.pass(61_000);
    await rig.until(() => issues().length === 1);
  });

  it('is one issue also when its note comes again, and another silence is another issue', async () => {
    await factory();
    for (const text of ['400\n', '460\n']) {
      note(LAST_PASS, text);
      await rig.restart();
      await rig.until(() => issues().length === 1);
      await rig.quiet();
    }
    note(LAST_PASS + 60);
    await rig.restart();
    await rig.until(() => issues().length === 2);
    expect(rig.facts().filter(({ kind }) => kind === 'daemon.silent')).toHaveLength(2);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])(
    'is one issue when the daemon dies %i moments after it began to look',
    async (moments) => {
      await factory();
      note(LAST_PASS);
      await rig.restart();
      rig.killIn(moments);
      await rig.until(() => issues().length === 1);
      await rig.restart();
      await rig.until(() => issues().length === 1);
      await rig.quiet();
      expect(issues()).toHaveLength(1);
    },
  );

  it('waits in the outbox while the tracker does not answer', async () => {
    await factory();
    note(LAST_PASS);
    rig.issues.strike({ kind: 'fail' }, { call: 'open', times: 3 });
    await rig.restart();
    await rig.until(() => issues().length === 1);
  });

  it.each(['draft.new', '12x'])('is no file called %s', async (name) => {
    await factory();
    mkdirSync(join(rig.dir, 'silences'));
    writeFileSync(join(rig.dir, 'silences', name), '400\n');
    await rig.restart();
    await rig.quiet();
    expect(issues()).toEqual([]);
  });
});
