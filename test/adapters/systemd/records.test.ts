// What is kept of a stop where the disk does not take it, and by what a wrapper proves itself.

import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Records } from '../../../src/adapters/systemd/records.ts';
import type { AttemptId } from '../../../src/core/ids.ts';

const ID = 'r1.1' as AttemptId;
const STOPPING = { reason: { kind: 'cpu', limitMs: 1000, usedMs: 1001 }, steps: [], at: 1, mono: 2 };

let dir = '';
let records: Records;
let noRoom = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-records-'));
  records = new Records(dir, '/sys/fs/cgroup', dir);
  noRoom = join(dir, 'systemd', `${ID}.stop.new`);
});
afterEach(() => rmSync(dir, { recursive: true }));

/** The stop as the next daemon finds it. */
function onDisk() {
  return new Records(dir, '/sys/fs/cgroup', dir).stop(ID);
}

describe('a stop on a full disk', () => {
  it('is no error of whoever stops: it is kept in memory, and on disk when there is room again', () => {
    symlinkSync('/dev/full', noRoom);
    expect(records.writeStop(ID, STOPPING)?.message).toContain('ENOSPC');
    expect(records.stop(ID)).toEqual(STOPPING);
    records.writeAgain();
    expect(onDisk()).toBeNull();

    rmSync(noRoom);
    records.writeAgain();
    expect(onDisk()).toEqual(STOPPING);
  });

  it('is forgotten with its attempt', () => {
    symlinkSync('/dev/full', noRoom);
    records.writeStop(ID, STOPPING);
    records.remove(ID);
    rmSync(noRoom);
    records.writeAgain();
    expect(onDisk()).toBeNull();
    expect(records.stop(ID)).toBeNull();
  });
});

describe('what a wrapper proves itself by', () => {
  it('is another for each start, for the manager to read, and goes with its attempt', () => {
    records.writeOrder(ID, '');
    const first = records.proof(ID);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(readFileSync(records.files(ID).proof, 'utf8')).toBe(`ADF_PROOF=${first}\n`);
    records.withdraw(ID);
    expect(records.proof(ID)).toBe(first);
    records.writeOrder(ID, '');
    expect(records.proof(ID)).not.toBe(first);
    records.remove(ID);
    expect(records.proof(ID)).toBe('');
  });

  it('is dropped of starts that never were, and kept of those that are under way or recorded', () => {
    const [begun, ended, lost] = ['r2.1', 'r3.1', 'r4.1'] as AttemptId[];
    for (const id of [begun, ended, lost]) {
      records.writeOrder(id as AttemptId, '');
    }
    writeFileSync(records.files(ended as AttemptId).exitRecord, 'end\n');
    records.dropProofs(new Set([begun as AttemptId]));
    expect([begun, ended, lost].map((id) => records.proof(id as AttemptId) !== '')).toEqual([true, true, false]);
  });
});
