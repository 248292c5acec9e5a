import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileFlags } from '../../../src/adapters/pause-flags/files.ts';
import type { PauseFlags } from '../../../src/ports/pause-flags.ts';
import { pauseFlagsSuite } from '../../ports/pause-flags.suite.ts';
import { FakeFlags } from '../../support/fake-flags.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

let root: string;

function open(dir: string, fileWatching = true): { readonly flags: PauseFlags; readonly clock: ManualTimers } {
  const clock = new ManualTimers();
  return { flags: fileFlags({ dir, clock, fileWatching }), clock };
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'adf-flags-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

pauseFlagsSuite('files', () => {
  const dir = path.join(root, 'state', 'pause');
  const { flags } = open(dir);
  flags.prepare();
  return {
    flags,
    touchByHand: (name) => execFileSync('touch', [path.join(dir, name)]),
    removeByHand: (name) => rmSync(path.join(dir, name)),
    vanish: () => rmSync(path.join(root, 'state'), { recursive: true }),
    dispose: () => undefined,
  };
});

pauseFlagsSuite('fake', () => {
  const flags = new FakeFlags();
  return {
    flags,
    touchByHand: (name) => flags.touchByHand(name),
    removeByHand: (name) => flags.removeByHand(name),
    vanish: () => flags.vanish(),
    dispose: () => undefined,
  };
});

describe('flags as files', () => {
  it.each([
    ['a folder', (flag: string) => mkdirSync(flag)],
    ['a link to a file', (flag: string) => symlinkSync('/dev/null', flag)],
    ['a broken link', (flag: string) => symlinkSync('/nowhere/at/all', flag)],
    ['a link to itself', (flag: string) => symlinkSync(flag, flag)],
    ['a FIFO', (flag: string) => execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', flag])],
  ])('takes %s for a flag, without reading it', (_what, make) => {
    make(path.join(root, 'sandbox'));
    expect(open(root).flags.stat('sandbox')).toMatchObject({ kind: 'present', text: null });
  });

  it('reads no more than the head of a large flag', () => {
    writeFileSync(path.join(root, 'sandbox'), 'x'.repeat(1_000_000));
    const stat = open(root).flags.stat('sandbox');
    expect(stat.kind === 'present' && stat.text?.length).toBe(4096);
  });

  it.each([
    ['a file', (dir: string) => writeFileSync(dir, '')],
    ['a link to itself', (dir: string) => symlinkSync(dir, dir)],
    ['a broken link', (dir: string) => symlinkSync('/nowhere/at/all', dir)],
  ])('counts a pause_dir that is %s as paused', (_what, make) => {
    const dir = path.join(root, 'pause');
    make(dir);
    expect(open(dir).flags.stat('sandbox').kind).toBe('unknown');
    expect(open(dir).flags.names().kind).toBe('unknown');
  });

  it('tells the caller that pause_dir cannot be made, and which', async () => {
    writeFileSync(path.join(root, 'pause'), '');
    const { flags } = open(path.join(root, 'pause', 'inner'));
    expect(() => flags.prepare()).toThrow(/pause\/inner cannot be made/);
    await expect(flags.touchPauseFlag({ name: 'sandbox', text: '', own: null })).rejects.toThrow(
      /pause\/inner\/sandbox/,
    );
  });

  it('tells the caller that a folder in the place of a flag cannot be removed', async () => {
    mkdirSync(path.join(root, 'sandbox'));
    await expect(open(root).flags.removePauseFlag('sandbox', 'any')).rejects.toMatchObject({ code: 'flag.remove' });
  });

  it('keeps the inode and the words of an existing flag', async () => {
    const flag = path.join(root, 'sandbox');
    writeFileSync(flag, 'do not touch: Bob');
    const before = statSync(flag, { bigint: true });
    await open(root).flags.touchPauseFlag({ name: 'sandbox', text: 'ours', own: { incident: 'i1', stampAt: 5000 } });
    expect(statSync(flag, { bigint: true })).toMatchObject({ ino: before.ino, mtimeNs: before.mtimeNs });
    expect(readFileSync(flag, 'utf8')).toBe('do not touch: Bob');
  });

  it('leaves no temporary file, and sweeps the one that a crash left', async () => {
    const stale = path.join(root, '.adf-flag-stale');
    const fresh = path.join(root, '.adf-flag-fresh');
    writeFileSync(stale, '');
    const { flags } = fileFlagsAged(root, 61_000);
    await flags.touchPauseFlag({ name: 'sandbox', text: '', own: null });
    expect(readdirSync(root)).toEqual(['sandbox']);
    writeFileSync(fresh, '');
    await open(root).flags.touchPauseFlag({ name: 'demo', text: '', own: null });
    expect(readdirSync(root).sort()).toEqual(['.adf-flag-fresh', 'demo', 'sandbox']);
  });

  it('gives one flag to twenty that write at the same time', async () => {
    const { flags } = open(root);
    const touches = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        flags.touchPauseFlag({
          name: 'sandbox',
          text: `incident   i${index}\n`,
          own: { incident: `i${index}`, stampAt: index },
        }),
      ),
    );
    expect(touches.filter((touch) => touch.kind === 'written')).toHaveLength(1);
    expect(readdirSync(root)).toEqual(['sandbox']);
  });
});

describe('watching pause_dir', () => {
  it('wakes at once by inotify for a touch, a second touch and a removal', async () => {
    const flag = path.join(root, 'sandbox');
    const wakes = watchIn(root, true);
    await wakes.after(() => writeFileSync(flag, ''));
    await wakes.after(() => utimesSync(flag, 1, 1));
    await wakes.after(() => rmSync(flag));
    wakes.stop();
  });

  it('goes on with a folder that was removed and made anew', async () => {
    const dir = path.join(root, 'pause');
    mkdirSync(dir);
    const wakes = watchIn(dir, true);
    rmSync(dir, { recursive: true });
    wakes.follow();
    mkdirSync(dir);
    wakes.follow();
    await wakes.after(() => writeFileSync(path.join(dir, 'sandbox'), ''));
    wakes.stop();
  });

  it.each([true, false])('looks at nothing by itself, inotify or not (%s)', (fileWatching) => {
    const wakes = watchIn(root, fileWatching);
    expect(wakes.clock.pending()).toBe(0);
    wakes.stop();
  });

  it('is silent without inotify', () => {
    const wakes = watchIn(root, false);
    writeFileSync(path.join(root, 'sandbox'), '');
    wakes.follow();
    expect(wakes.count()).toBe(0);
    wakes.stop();
  });
});

// The sweep goes by the file system's ctime, which nobody can set: the process's own clock is moved instead.
function fileFlagsAged(dir: string, byMs: number): { readonly flags: PauseFlags } {
  const clock = new ManualTimers();
  clock.offsetMs = byMs;
  return { flags: fileFlags({ dir, clock, fileWatching: false }) };
}

function watchIn(dir: string, fileWatching: boolean) {
  const { flags, clock } = open(dir, fileWatching);
  let count = 0;
  let woken = (): void => undefined;
  const notifier = flags.watch(() => {
    count += 1;
    woken();
  });
  return {
    clock,
    follow: () => notifier.follow(),
    stop: () => notifier.stop(),
    count: () => count,
    /** Does `act` and waits until the watcher says so. */
    after: (act: () => void) =>
      new Promise<void>((resolve) => {
        woken = resolve;
        act();
      }),
  };
}
