// An attempt at its high mark, on a folder that looks like its group.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HighMark } from '../../src/os/high-mark.ts';

const MARK = 1000;

let leaf: string;
let mark: HighMark;
beforeEach(() => {
  leaf = mkdtempSync(join(tmpdir(), 'adf-mark-'));
  mark = new HighMark(leaf, MARK);
  cached(0);
});
afterEach(() => rmSync(leaf, { recursive: true, force: true }));

function cached(bytes: number): void {
  writeFileSync(join(leaf, 'memory.stat'), `anon 5\ninactive_anon 7\ninactive_file ${bytes}\n`);
}

describe('an attempt', () => {
  it('that stands at its mark for a minute is stopped, with what it needs', () => {
    cached(20);
    expect([mark.stuck(0, 1010), mark.stuck(59_999, 1000)]).toEqual([null, null]);
    expect(mark.stuck(60_000, 980)).toEqual({ kind: 'memory', limitBytes: MARK, usedBytes: 960, throttled: true });
  });

  it('that falls below it in between begins anew', () => {
    mark.stuck(0, 1000);
    expect([mark.stuck(30_000, 949), mark.stuck(60_000, 950), mark.stuck(119_999, 1000)]).toEqual([null, null, null]);
    expect(mark.stuck(120_000, 1000)?.usedBytes).toBe(1000);
  });

  it('whose memory is what it read from files is slowed down by nobody', () => {
    cached(51);
    expect([mark.stuck(0, 1000), mark.stuck(3_600_000, 1000)]).toEqual([null, null]);
  });

  it('without a mark, without a group, or without a controller is left alone', () => {
    rmSync(join(leaf, 'memory.stat'));
    const others = [mark, new HighMark(leaf, null), new HighMark(null, MARK)];
    expect(others.flatMap((each) => [each.stuck(0, 2000), each.stuck(60_000, 2000)])).toEqual(Array(6).fill(null));
  });
});
