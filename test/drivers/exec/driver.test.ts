// What the end of any program means.

import { describe, expect, it } from 'vitest';

import { execDriver } from '../../../src/drivers/exec/driver.ts';
import type { EndInput } from '../../../src/ports/agent-driver.ts';

const END: EndInput = { code: 0, signal: null, stop: null, previousTotal: null, endedAt: 0 };
const WALL = { kind: 'wall', limitMs: 1 } as const;

describe('the verdict on a program', () => {
  it.each([
    ['succeeded', null, 'exit 0', { code: 0 }],
    ['failed', 'agent_failure', 'exit 1', { code: 1 }],
    ['failed', 'agent_failure', 'exit 137', { code: 137 }],
    ['failed', 'killed', 'SIGKILL', { code: null, signal: 'SIGKILL' }],
    ['failed', 'killed', 'SIGTERM', { code: null, signal: 'SIGTERM' }],
    ['failed', 'agent_failure', 'SIGSEGV', { code: null, signal: 'SIGSEGV' }],
    ['failed', 'agent_failure', 'SIGABRT', { code: null, signal: 'SIGABRT' }],
    ['failed', 'no_result', 'exit status unknown', { code: null }],
    ['stopped', null, 'stopped (wall), SIGTERM', { code: null, signal: 'SIGTERM', stop: WALL }],
    ['stopped', null, 'stopped (wall), exit 143', { code: 143, stop: WALL }],
    ['stopped', null, 'stopped (wall), exit 0', { code: 0, stop: WALL }],
  ] as const)('is %s (%s) after %s', (...row) => {
    const [outcome, failure, evidence, end] = row;
    const verdict = execDriver.reader().verdict({ ...END, ...end });
    expect(verdict).toMatchObject({ outcome, class: failure, evidence });
  });

  it('knows no session, usage or cost', () => {
    expect(execDriver.reader().verdict(END)).toMatchObject({ sessionId: null, usage: null, costMicroUsd: null });
  });

  it('keeps the end of the output, stdout and stderr alike', () => {
    const reader = execDriver.reader();
    for (let line = 1; line <= 20_000; line += 1) {
      reader.push(`line ${line}`);
    }
    reader.pushError('last words');
    const text = reader.verdict(END).finalText ?? '';
    expect(text.length).toBeLessThanOrEqual(16_384);
    expect(text).toMatch(/line 19999\nline 20000\nlast words$/);
  });

  it('keeps the end of one endless line', () => {
    const reader = execDriver.reader();
    reader.push(`${'x'.repeat(1_000_000)}!`);
    expect(reader.verdict(END).finalText).toMatch(/^x{16383}!$/);
  });

  it('has no last words when nothing was printed', () => {
    const reader = execDriver.reader();
    reader.push('');
    expect(reader.verdict(END).finalText).toBeNull();
  });
});
