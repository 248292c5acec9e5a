// Log lines are JSON with plain names, and hold no secret whichever field it stands in.

import { expect, it } from 'vitest';
import { jsonLog } from '../../../src/adapters/log/json-log.ts';

const AT = Date.UTC(2026, 10, 21, 10, 30, 45, 4);

function logged(): { readonly lines: string[]; readonly log: ReturnType<typeof jsonLog> } {
  const lines: string[] = [];
  const log = jsonLog({
    write: (line) => lines.push(line),
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
  });
  return { lines, log };
}

it('writes one object per line: level, time of the event, fields that are known, message', () => {
  const { lines, log } = logged();
  log({ level: 'warn', at: AT, message: 'run.ended', fields: { run: 'r7', attempt: undefined, seq: 12 } });
  expect(lines).toEqual(['{"level":"warn","time":"2026-11-21T10:30:45.004Z","run":"r7","seq":12,"msg":"run.ended"}']);
});

it('leaves out what is of interest only to who looks for it', () => {
  const { lines, log } = logged();
  log({ level: 'debug', at: AT, message: 'run.admitted', fields: {} });
  expect(lines).toEqual([]);
});

it('redacts every text, and stays one line of JSON', () => {
  const { lines, log } = logged();
  log({ level: 'error', at: AT, message: 'hunter2', fields: { reason: 'said "hunter2"\nand hunter2' } });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    msg: '[redacted]',
    reason: 'said "[redacted]"\nand [redacted]',
  });
  expect(lines[0]).not.toContain('\n');
});
