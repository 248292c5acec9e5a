import { describe, expect, it } from 'vitest';
import { formatBytes, parseBytes } from '../../src/lib/bytes.ts';
import { formatDuration, parseDuration } from '../../src/lib/duration.ts';
import { nearestName } from '../../src/lib/nearest.ts';

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['7d', 604_800_000],
    ['10', null],
    ['-1s', null],
    ['', null],
    ['1x', null],
  ])('reads %s as %s ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    [0, '0 s'],
    [0.5, '1 ms'],
    [99, '99 ms'],
    [100, '0.1 s'],
    [104, '0.1 s'],
    [1800, '1.8 s'],
    [20_000, '20 s'],
    [180_000, '3 min'],
    [7_500_000, '2 h 5 min'],
  ])('writes %s ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('sizes', () => {
  it.each([
    ['2GiB', 2_147_483_648],
    ['512 MB', 512_000_000],
    ['1.5k', 1536],
    ['2', null],
    ['9999999TiB', null],
  ])('reads %s as %s bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each([
    [3 * 1024 ** 2, '3 MiB'],
    [1.5 * 1024 ** 3, '1.5 GiB'],
    [12, '12 B'],
  ])('writes %s bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('nearest name', () => {
  it.each([
    ['cluade', 'claude'],
    ['zzz', null],
  ])('for %s is %s', (typed, name) => {
    expect(nearestName(typed, ['claude', 'codex', 'max_memory_bytes'])).toBe(name);
  });
});
