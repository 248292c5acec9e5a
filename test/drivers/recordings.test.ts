// Every recorded run of a real agent CLI, whole, cut and with things in it that no driver knows.

import { describe, expect, it } from 'vitest';

import { listPrice } from '../../src/core/budget/list-price.ts';
import { DRIVER_NAMES } from '../../src/drivers/registry.ts';
import { plus } from '../../src/drivers/usage.ts';
import type { DriverVerdict, TokenUsage } from '../../src/ports/agent-driver.ts';
import { endOf, linesOf, play, RECORDINGS, recordingsOf, verdictOf } from './recordings.ts';
import type { Recording } from './recordings.ts';

const UNKNOWN: TokenUsage = { input: null, cacheRead: null, cacheWrite: null, output: null, reasoning: null };

/** The part of `verdict` that expected.json speaks of, in its words. */
function inTheirWords(verdict: DriverVerdict): Omit<Recording['expected'], 'printedTotal' | 'printedCostMicroUsd'> {
  const stopped = verdict.outcome === 'stopped';
  return {
    outcome: verdict.outcome === 'stopped' ? 'canceled' : verdict.outcome,
    class: stopped ? 'stopped' : verdict.class,
    sessionId: verdict.sessionId,
    usage: verdict.usage ?? UNKNOWN,
    costMicroUsd: verdict.costMicroUsd,
    resumable: verdict.resumable,
    retryAfterMs: verdict.retryAfterMs,
    resetAt: verdict.resetAt,
  };
}

function wanted(entry: Recording): ReturnType<typeof inTheirWords> {
  const { outcome, class: failure, sessionId, usage, costMicroUsd, resumable, retryAfterMs, resetAt } = entry.expected;
  return { outcome, class: failure, sessionId, usage, costMicroUsd, resumable, retryAfterMs, resetAt };
}

describe.each(DRIVER_NAMES.filter((name) => name !== 'exec'))('the %s driver', (cli) => {
  const recordings = recordingsOf(cli);

  it('has recordings', () => {
    expect(recordings.length).toBeGreaterThanOrEqual(40);
  });

  it.each(recordings.map((entry) => [entry.name, entry] as const))('says of %s what it must', (_, entry) => {
    const verdict = verdictOf(entry);
    expect(inTheirWords(verdict)).toEqual(wanted(entry));
    expect(verdict.denials).toBe(entry.expected.denials ?? 0);
    if (verdict.byModel.length > 0) {
      expect(verdict.byModel.map(({ usage }) => usage).reduce(plus)).toEqual(verdict.usage);
    }
    if (entry.expected.printedTotal !== undefined) {
      expect(verdict.sessionTotal?.usage).toEqual(entry.expected.printedTotal);
      expect(verdict.sessionTotal?.costMicroUsd ?? null).toBe(entry.expected.printedCostMicroUsd ?? null);
    }
  });

  it('asks for a stop in the recordings that were stopped at its request, and in no other', () => {
    const asking = recordings.filter((entry) => play(entry).state().advice !== null);
    const asked = recordings.filter((entry) => entry.stopReason === 'advice');
    expect(asking.map(({ name }) => name)).toEqual(expect.arrayContaining(asked.map(({ name }) => name)));
    expect(asking.filter((entry) => entry.exit.code === 0)).toEqual([]);
  });

  it('says the same when the stream holds events, fields and prose that it does not know', () => {
    for (const entry of recordings.filter(({ name, stdoutFile }) => isStream(name, stdoutFile))) {
      const { out, err } = linesOf(entry);
      const noise = ['{"type":"from_the_future","error":{"code":500}}', 'npm warn 429', '{"half":', '[]', '7', ''];
      const noisy = out.flatMap((line) => [...noise, withUnknownFields(line)]);
      const verdict = play(entry, { out: [...noisy, ...noise], err }).verdict(endOf(entry));
      expect(inTheirWords(verdict), entry.name).toEqual(wanted(entry));
    }
  });

  it('claims no success without proof when the stream is cut, at any line or within the last one', () => {
    for (const entry of recordings.filter(({ name }) => !name.endsWith('huge-line'))) {
      const { out, err } = linesOf(entry);
      const whole = verdictOf(entry);
      for (let kept = 0; kept < out.length; kept += 1) {
        const half = (out[kept] ?? '').slice(0, Math.floor((out[kept] ?? '').length / 2));
        for (const rest of [[], [half]]) {
          const end = { ...endOf(entry), stop: null };
          const verdict = play(entry, { out: [...out.slice(0, kept), ...rest], err }).verdict(end);
          const isWhole = whole.outcome === 'succeeded' && isDecidedAt(entry, kept);
          expect(verdict.outcome === 'succeeded' && !isWhole, `${entry.name} cut after ${kept} lines`).toBe(false);
        }
      }
    }
  });

  it('never breaks on a stream without its beginning', () => {
    for (const entry of recordings.filter(({ name }) => !name.endsWith('huge-line'))) {
      const { out, err } = linesOf(entry);
      for (let skipped = 1; skipped <= out.length; skipped += 1) {
        expect(() => play(entry, { out: out.slice(skipped), err }).verdict(endOf(entry))).not.toThrow();
      }
    }
  });
});

describe('the price list', () => {
  it.each(recordingsOf('claude').map((entry) => [entry.name, entry] as const))(
    'agrees with what %s printed',
    (_, entry) => {
      const { byModel, costMicroUsd } = verdictOf(entry);
      const prices = byModel.map(({ model, usage }) => listPrice(model, usage) ?? Number.NaN);
      const sum = prices.reduce((total, price) => total + price, 0);
      expect(byModel.length === 0 || Math.abs(sum - (costMicroUsd ?? 0)) <= 1).toBe(true);
    },
  );
});

/** The proof was complete before line `kept`: what follows adds nothing. */
function isDecidedAt(entry: Recording, kept: number): boolean {
  return linesOf(entry)
    .out.slice(kept)
    .every((line) => line.trim() === '');
}

function isStream(name: string, stdoutFile: string): boolean {
  return stdoutFile.endsWith('.jsonl') && !name.endsWith('huge-line');
}

/** `line` with an unknown field in front and one at its end, where it is a JSON object. */
function withUnknownFields(line: string): string {
  if (!line.startsWith('{') || !line.endsWith('}') || line === '{}') {
    return line;
  }
  return `{"a_new_field":{"is_error":true,"status":500},${line.slice(1, -1)},"z_new_field":["error"]}`;
}

describe('the calls of tools that may have changed something', () => {
  it.each([
    ['claude-text', 0],
    ['claude-write', 1],
    ['claude-text-json', null],
    ['codex-text', 0],
    ['opencode-text', 0],
    ['gemini-text', 0],
    ['qwen-text', 0],
  ] as const)('are counted in %s', (name, actions) => {
    const entry = RECORDINGS.get(name);
    expect(entry === undefined ? 'no such recording' : verdictOf(entry).actions).toBe(actions);
  });

  it.each(['codex', 'opencode', 'gemini', 'qwen'])(
    'are one or more in the recording of %s that writes a file',
    (cli) => {
      const entry = RECORDINGS.get(`${cli}-write`) ?? RECORDINGS.get(`${cli}-tool`);
      expect(entry === undefined ? 0 : verdictOf(entry).actions).toBeGreaterThan(0);
    },
  );
});
