// A socket has a place that the kernel can take, wherever the state directory lies.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSocketFolder, socketPath, SOCKET_PATH_BYTES } from '../../src/os/socket-path.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-socket-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('a socket path', () => {
  it.each([
    ['x'.repeat(SOCKET_PATH_BYTES - 1), true],
    ['x'.repeat(SOCKET_PATH_BYTES), false],
    [`${'x'.repeat(SOCKET_PATH_BYTES - 2)}ü`, false],
  ])('of "/%s" stays itself: %s', (name, stays) => {
    expect(socketPath(`/${name}`, dir) === `/${name}`).toBe(stays);
  });

  it('that is too long has the same short one for everybody, and others another', () => {
    const long = (letter: string) => `/${letter.repeat(200)}`;
    const short = socketPath(long('a'), dir);
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(SOCKET_PATH_BYTES);
    expect(socketPath(long('a'), dir)).toBe(short);
    expect(socketPath(long('b'), dir)).not.toBe(short);
  });

  it('cannot be had where even the short one is too long', () => {
    expect(() => socketPath(`/${'a'.repeat(200)}`, `/${'t'.repeat(100)}`)).toThrow(/shorter TMPDIR/);
  });
});

describe('the folder of a socket', () => {
  it('is made for us alone, also where it was open to others', () => {
    makeSocketFolder(join(dir, 'ours/socket'));
    expect(statSync(join(dir, 'ours')).mode & 0o777).toBe(0o700);
    mkdirSync(join(dir, 'open'));
    chmodSync(join(dir, 'open'), 0o777);
    makeSocketFolder(join(dir, 'open/socket'));
    expect(statSync(join(dir, 'open')).mode & 0o777).toBe(0o700);
  });

  it('is refused when it is a link that somebody else may have laid', () => {
    mkdirSync(join(dir, 'elsewhere'));
    symlinkSync(join(dir, 'elsewhere'), join(dir, 'link'));
    expect(() => makeSocketFolder(join(dir, 'link/socket'))).toThrow(/not a folder of ours/);
  });
});
