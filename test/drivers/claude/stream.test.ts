// What Claude Code's stream says in mid-run, and in builds and situations that were not recorded.

import { describe, expect, it } from 'vitest';

import { claudeDriver } from '../../../src/drivers/claude/driver.ts';
import type { DriverVerdict, EndInput } from '../../../src/ports/agent-driver.ts';
import { linesOf, RECORDINGS } from '../recordings.ts';

const END: EndInput = { code: 0, signal: null, stop: null, previousTotal: null, endedAt: 1_795_255_000_000 };

function recorded(name: string): readonly string[] {
  const entry = RECORDINGS.get(name);
  return entry === undefined ? [] : linesOf(entry).out;
}

/** The verdict on the events, after `end`. */
function verdict(events: readonly object[], end: Partial<EndInput> = {}): DriverVerdict {
  const reader = claudeDriver.reader();
  for (const event of events) {
    reader.push(JSON.stringify(event));
  }
  return reader.verdict({ ...END, ...end });
}

const usage = (input: number, output: number): object => ({
  input_tokens: input,
  output_tokens: output,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
});
const models = (input: number, output: number): object => ({
  m: { inputTokens: input, outputTokens: output, cacheReadInputTokens: 0, cacheCreationInputTokens: 0 },
});
const success = (changes: object): object => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  result: 'done',
  session_id: 's',
  usage: usage(10, 1),
  modelUsage: models(10, 1),
  total_cost_usd: 0.5,
  ...changes,
});

describe('a running claude', () => {
  it('has a tool open from its call to its result, and is finished with the result event', () => {
    const reader = claudeDriver.reader();
    const seen = recorded('claude-tool').map((line) => {
      reader.push(line);
      const { toolOpen, finished } = reader.state();
      return `${toolOpen ? 'tool' : '-'} ${finished ? 'finished' : '-'}`;
    });
    expect(seen).toEqual(['- -', 'tool -', '- -', '- -', '- finished']);
  });

  it('tells its session with the first line', () => {
    const reader = claudeDriver.reader();
    reader.push(recorded('claude-text')[0] ?? '');
    expect(reader.state().sessionId).toBe('80d65b7e-aae1-4b3a-9002-5fbe036bebdd');
  });

  it('tells with partial messages what it has used so far', () => {
    const reader = claudeDriver.reader();
    const counts = recorded('claude-text-partial-messages').map((line) => {
      reader.push(line);
      return reader.state().usageSoFar?.output ?? null;
    });
    expect(reader.state().usageSoFar).toMatchObject({ input: 1234, cacheRead: 1000, cacheWrite: 200 });
    expect(counts.slice(0, -3).every((count) => count === null)).toBe(true);
    expect(counts.at(-1)).toBe(56);
  });

  it('counts a message once, however many lines repeat it', () => {
    const reader = claudeDriver.reader();
    for (const line of recorded('claude-multi-block').slice(0, -1)) {
      reader.push(line);
    }
    expect(reader.state().usageSoFar).toMatchObject({ input: 2469, cacheRead: 2100, cacheWrite: 410 });
  });

  it('is not finished any more when it goes on after a result', () => {
    const reader = claudeDriver.reader();
    for (const line of [...recorded('claude-text'), ...recorded('claude-text').slice(0, 2)]) {
      reader.push(line);
    }
    expect(reader.state().finished).toBe(false);
    expect(reader.verdict(END)).toMatchObject({ outcome: 'failed', class: 'no_result' });
  });
});

describe('the verdict on claude', () => {
  it('takes the totals of an older build as this run’s when they say the same as usage', () => {
    const previousTotal = {
      usage: { input: 5, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: null },
      costMicroUsd: 9,
    };
    expect(verdict([success({})], { previousTotal })).toMatchObject({
      usage: { input: 10, output: 1, reasoning: null },
      costMicroUsd: 500_000,
    });
  });

  it('subtracts the total of the session before, in the json format', () => {
    const previousTotal = {
      usage: { input: 30, cacheRead: 0, cacheWrite: 0, output: 4, reasoning: null },
      costMicroUsd: 400_000,
    };
    const said = verdict([success({ modelUsage: models(40, 5) })], { previousTotal });
    expect(said).toMatchObject({ usage: { input: 10, output: 1 }, costMicroUsd: 100_000 });
    expect(said.sessionTotal).toMatchObject({ usage: { input: 40, output: 5 }, costMicroUsd: 500_000 });
  });

  it('does not guess a cost when the total of the session before is unknown', () => {
    const said = verdict([success({ modelUsage: models(40, 5) })], { previousTotal: 'unknown' });
    expect(said).toMatchObject({ usage: { input: 10, output: 1 }, costMicroUsd: null });
  });

  it('takes sub-agents of a first run from the totals', () => {
    expect(verdict([success({ modelUsage: models(40, 5) })])).toMatchObject({ usage: { input: 40, output: 5 } });
  });

  it('adds up the results of queued turns', () => {
    const first = success({ model_usage_since_last_result: models(10, 1), result_index: 0 });
    const second = success({
      modelUsage: models(30, 3),
      model_usage_since_last_result: models(20, 2),
      result_index: 1,
    });
    expect(verdict([first, second]).usage).toMatchObject({ input: 30, output: 3 });
  });

  it('reads the reset of an older build from its text', () => {
    const said = verdict([
      success({
        is_error: true,
        result: 'Claude AI usage limit reached|1795258800',
        modelUsage: {},
        usage: usage(0, 0),
      }),
    ]);
    expect(said).toMatchObject({ class: 'quota', resetAt: 1_795_258_800_000 });
  });

  it('believes the result, not the exit code', () => {
    expect(verdict([success({})], { code: 1 }).outcome).toBe('succeeded');
    expect(verdict([success({})], { code: null, signal: 'SIGILL' }).outcome).toBe('succeeded');
  });

  it('does not take what an agent says for an error', () => {
    const talk = { type: 'text', text: 'API Error: status 401 Unauthorized, invalid api key' };
    const said = verdict([{ type: 'assistant', message: { id: 'm', content: [talk] }, parent_tool_use_id: null }], {
      code: 1,
    });
    expect(said).toMatchObject({ outcome: 'failed', class: 'no_result' });
  });

  it('says killed when a signal of somebody else ended it', () => {
    expect(verdict([], { code: null, signal: 'SIGKILL' }).class).toBe('killed');
    const aborted = success({ subtype: 'error_during_execution', is_error: true, terminal_reason: 'aborted_tools' });
    expect(verdict([aborted]).class).toBe('killed');
  });

  it('keeps no session that was not to be kept', () => {
    expect(verdict([success({})], { args: ['--no-session-persistence'] }).resumable).toBe(false);
  });

  it('keeps at most 64 KiB of the last words', () => {
    const said = verdict([success({ result: 'é'.repeat(100_000) })]);
    expect(new TextEncoder().encode(said.finalText ?? '').length).toBeLessThanOrEqual(65_536);
  });
});
