// Where an output file is cut, and what happens where nothing can be cut.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutputFile, readCut, type Cut, type Punch } from '../../src/os/output-file.ts';

const MIB = 1024 * 1024;
const KEEP = 8 * MIB;

let dir: string;
let path: string;
let cuts: Cut[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-output-'));
  path = join(dir, 'out');
  cuts = [];
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Makes zeros of the range, as a hole reads. */
const punch: Punch = (file, cut) => {
  cuts.push(cut);
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.alloc(cut.to - cut.from), 0, cut.to - cut.from, cut.from);
  closeSync(fd);
  return Promise.resolve(true);
};

function lines(bytes: number, length = 100): string {
  return `${'x'.repeat(length - 1)}\n`.repeat(Math.ceil(bytes / length));
}

describe('a cut', () => {
  it.each([
    [KEEP, 0],
    [KEEP + 1, 1],
  ])('of a file of %i bytes is made %i times', async (size, times) => {
    writeFileSync(path, lines(KEEP).slice(0, KEEP).padEnd(size, 'y'));
    expect(await new OutputFile(path).cutTo(KEEP, punch)).toBe(true);
    expect(cuts.length).toBe(times);
  });

  it('leaves about a mebibyte at each end, at whole lines', async () => {
    writeFileSync(path, lines(12 * MIB));
    const file = new OutputFile(path);
    await file.cutTo(KEEP, punch);
    const cut = readCut(path) as Cut;
    expect(cut.from % 100).toBe(0);
    expect(cut.to % 100).toBe(0);
    expect(MIB - cut.from).toBeLessThan(100);
    expect(file.writtenBytes() - cut.to).toBeLessThanOrEqual(MIB);
    expect(file.cutBytes).toBe(cut.to - cut.from);
  });

  it('keeps a last line that is longer than that, as far back as half of what may stay', async () => {
    const last = `${'z'.repeat(3 * MIB)}\n`;
    writeFileSync(path, lines(12 * MIB) + last);
    await new OutputFile(path).cutTo(KEEP, punch);
    const cut = readCut(path) as Cut;
    expect(readFileSync(path).subarray(cut.to).toString()).toBe(last);
  });

  it('is made somewhere when there is no line end at all', async () => {
    writeFileSync(path, Buffer.alloc(12 * MIB, 'w'));
    await new OutputFile(path).cutTo(KEEP, punch);
    expect(readCut(path)).toEqual({ from: MIB, to: 11 * MIB });
  });

  it('grows with the file and frees only what is new', async () => {
    writeFileSync(path, lines(12 * MIB));
    const file = new OutputFile(path);
    await file.cutTo(KEEP, punch);
    writeFileSync(path, lines(12 * MIB), { flag: 'a' });
    await file.cutTo(KEEP, punch);
    expect(cuts.length).toBe(2);
    expect(cuts[1]?.from).toBe(cuts[0]?.to);
    expect(readCut(path)).toEqual({ from: cuts[0]?.from, to: cuts[1]?.to });
  });

  it('that cannot be made is said, and hides nothing', async () => {
    writeFileSync(path, lines(12 * MIB));
    expect(await new OutputFile(path).cutTo(KEEP, () => Promise.resolve(false))).toBe(false);
    expect(readCut(path)).toBeNull();
    expect(await new OutputFile(path).cutTo(KEEP, () => Promise.reject(new Error('no fallocate')))).toBe(false);
  });

  it('is remembered by whoever takes the file over', async () => {
    writeFileSync(path, lines(12 * MIB));
    await new OutputFile(path).cutTo(KEEP, punch);
    expect(await new OutputFile(path).cutTo(KEEP, punch)).toBe(true);
    expect(cuts.length).toBe(1);
  });

  it('is not needed of a file that is gone', async () => {
    const file = new OutputFile(path);
    expect(await file.cutTo(KEEP, punch)).toBe(true);
    expect(file.writtenBytes()).toBe(0);
  });
});
