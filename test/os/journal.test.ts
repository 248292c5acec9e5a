// The journal tells what is durable, and only that; what was cut away stays counted.

import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalWriter, readJournal, type JournalEntry } from '../../src/os/journal.ts';

let dir: string;
let path: string;
let told: JournalEntry[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adf-journal-'));
  path = join(dir, 'journal');
  told = [];
});
afterEach(() => rmSync(dir, { recursive: true }));

function writer(): JournalWriter {
  return new JournalWriter(path, { keeper: 'k1', bootId: 'b1' }, (entry) => told.push(entry));
}

async function written(...entries: unknown[]): Promise<JournalWriter> {
  const journal = writer();
  entries.forEach((entry) => journal.append(entry));
  await journal.settled();
  return journal;
}

function read(from = path): { readonly values: unknown[]; readonly end: number; readonly base: number } {
  const content = readJournal(from);
  const values = content?.entries.map(({ json }) => JSON.parse(json) as unknown) ?? [];
  return { values, end: content?.end ?? -1, base: content?.header.base ?? -1 };
}

describe('a journal', () => {
  it('reads back what was appended, with the offsets that were told', async () => {
    const journal = await written({ a: 1 }, { b: 'ü' }, [3]);
    expect(read().values).toEqual([{ a: 1 }, { b: 'ü' }, [3]]);
    expect(readJournal(path)?.entries).toEqual(told);
    expect(read().end).toBe(journal.durable);
    expect(readJournal(path)?.header).toEqual({ keeper: 'k1', bootId: 'b1', base: 0, carried: [] });
    journal.close();
  });

  it('tells an entry only after it can be read back', async () => {
    const seen: number[] = [];
    const journal = new JournalWriter(path, { keeper: 'k1', bootId: 'b1' }, () => seen.push(read().values.length));
    journal.append(1);
    expect(seen).toEqual([]);
    await journal.settled();
    expect(seen).toEqual([1]);
    journal.close();
  });

  it('takes entries that come while others are being made durable', async () => {
    const journal = writer();
    for (let number = 1; number <= 100; number += 1) {
      journal.append(number);
      if (number % 10 === 0) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    }
    await journal.settled();
    expect(told.map(({ json }) => Number(json))).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    journal.close();
  });

  it.each([1, 2, 3, 7, 8, 9, 10])('ends at its last whole entry when %i bytes are missing', async (missing) => {
    (await written('one', 'two')).close();
    truncateSync(path, readFileSync(path).length - missing);
    expect(read().values).toEqual(['one']);
  });

  it('ends before an entry that was changed', async () => {
    (await written('one', 'two')).close();
    appendFileSync(path, Buffer.from([3, 0, 0, 0, 1, 2, 3, 4, 34, 120, 34]));
    expect(read().values).toEqual(['one', 'two']);
  });

  it('is none without a whole header, or without a file', async () => {
    (await written()).close();
    truncateSync(path, 5);
    expect(readJournal(path)).toBeNull();
    expect(readJournal(join(dir, 'nowhere'))).toBeNull();
  });
});

describe('a cut', () => {
  it('keeps what came after the offset, and all offsets', async () => {
    const journal = await written('one', 'two', 'three');
    const [, two, three] = told;
    journal.cut(two?.offset ?? 0, ['one, still alive']);
    expect(read()).toEqual({ values: ['three'], end: three?.offset, base: two?.offset });
    expect(readJournal(path)?.header.carried).toEqual(['one, still alive']);
    journal.append('four');
    await journal.settled();
    expect(read().values).toEqual(['three', 'four']);
    expect(told.at(-1)?.offset).toBe(read().end);
    journal.close();
  });

  it('of everything leaves an empty journal that goes on counting', async () => {
    const journal = await written('one');
    journal.cut(journal.end, []);
    expect(read()).toEqual({ values: [], end: journal.end, base: journal.end });
    expect(journal.base).toBe(journal.end);
    journal.close();
  });

  it('waits for a better moment while entries are under way', async () => {
    const journal = writer();
    journal.append('one');
    journal.cut(journal.end, []);
    await journal.settled();
    expect(read().values).toEqual(['one']);
    journal.close();
  });

  // Devices stand in for a disk: one has no room for a byte, one takes bytes and cannot make them durable.
  it.each(['/dev/full', '/dev/null'])('that %s fails leaves the journal as it was, and it goes on', async (device) => {
    const journal = await written('one', 'two');
    symlinkSync(device, `${path}.new`);
    expect(() => journal.cut(told[0]?.offset ?? 0, ['one, still alive'])).toThrow(/ENOSPC|EINVAL/);
    journal.append('three');
    await journal.settled();
    expect(read()).toEqual({ values: ['one', 'two', 'three'], end: journal.durable, base: 0 });
    journal.cut(told[0]?.offset ?? 0, []);
    expect(read().values).toEqual(['two', 'three']);
    journal.close();
  });

  it('whose new file cannot take the name leaves what comes after in the old one, and nothing behind', async () => {
    const journal = await written('one', 'two');
    linkSync(path, join(dir, 'same-file'));
    rmSync(path);
    mkdirSync(path);
    expect(() => journal.cut(told[0]?.offset ?? 0, [])).toThrow(/EISDIR/);
    journal.append('three');
    await journal.settled();
    expect(read(join(dir, 'same-file'))).toEqual({ values: ['one', 'two', 'three'], end: journal.durable, base: 0 });
    expect(readdirSync(dir).toSorted()).toEqual(['journal', 'same-file']);
    expect(openFiles(dir)).toHaveLength(1);
    journal.close();
  });
});

/** What this process has open below `folder`. */
function openFiles(folder: string): string[] {
  const target = (fd: string): string => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The one that the listing itself used.
      return '';
    }
  };
  return readdirSync('/proc/self/fd').filter((fd) => target(fd).startsWith(folder));
}
