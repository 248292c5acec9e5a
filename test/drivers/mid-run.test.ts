// What codex, opencode, gemini and qwen say in mid-run, and at ends that were not recorded.

import { describe, expect, it } from 'vitest';

import { driverFor } from '../../src/drivers/registry.ts';
import type { DriverVerdict, EndInput, StreamReader } from '../../src/ports/agent-driver.ts';

const END: EndInput = { code: 0, signal: null, stop: null, previousTotal: null, endedAt: 0 };
const STALL = { kind: 'stall', silentMs: 1, limitMs: 1 } as const;

function reading(cli: string, events: readonly object[], errors: readonly string[] = []): StreamReader {
  const reader = driverFor(cli).reader();
  for (const line of errors) {
    reader.pushError(line);
  }
  for (const event of events) {
    reader.push(JSON.stringify(event));
  }
  return reader;
}

const verdict = (reader: StreamReader, end: Partial<EndInput> = {}): DriverVerdict =>
  reader.verdict({ ...END, ...end });

const API_RETRY = { type: 'system', subtype: 'api_retry', attempt: 1, retry_delay_ms: 544, error_status: null };
const RECONNECTING = { type: 'error', message: 'Reconnecting... 1/5 (exceeded retry limit, last status: 429)' };
const GEMINI_ATTEMPT = 'Attempt 1 failed with status 429. Retrying with backoff... mock rate limit reached';
const QWEN_RETRY = { type: 'system', subtype: 'retry', data: { attempt: 1 } };

it.each<[string, readonly object[], readonly string[], object]>([
  ['claude', [API_RETRY], [], { type: 'assistant', message: { id: 'm', content: [] } }],
  ['codex', [RECONNECTING], [], { type: 'item.completed', item: { id: 'i', type: 'agent_message', text: 'here' } }],
  ['gemini', [], [GEMINI_ATTEMPT], { type: 'message', role: 'assistant', content: 'here', delta: true }],
  ['qwen', [QWEN_RETRY], [], { type: 'assistant', message: { id: 'm', content: [] } }],
  ['qwen', [], ['Retrying in 60s (attempt 1/10): [API Error: 429]'], { type: 'assistant', message: { id: 'm' } }],
])('%s says that it will ask its provider again, until it has an answer', (...[cli, events, errors, answer]) => {
  const reader = reading(cli, events, errors);
  expect(reader.state().retrying).toBe(true);
  reader.push(JSON.stringify(answer));
  expect(reader.state().retrying).toBe(false);
});

describe('codex', () => {
  const begun = { type: 'thread.started', thread_id: 't' };
  const notice = { type: 'error', message: 'Reconnecting... waiting for network (Connection failed)' };
  const answer = { type: 'item.completed', item: { id: 'i', type: 'agent_message', text: 'here' } };
  const command = { type: 'item.started', item: { id: 'c', type: 'command_execution' } };

  it.each([
    ['second', [notice, notice], null],
    ['third', [notice, notice, notice], 'network'],
    ['third, but with an answer between', [notice, notice, answer, notice], null],
  ])('is advised to be stopped at the third notice in a row: %s', (_, events, advice) => {
    expect(reading('codex', [begun, ...events]).state().advice?.class ?? null).toBe(advice);
  });

  it('keeps the class of what it waited for when a limit of ours ends it', () => {
    const waiting = { type: 'error', message: 'Reconnecting... 1/5 (exceeded retry limit, last status: 429)' };
    expect(verdict(reading('codex', [begun, waiting]), { stop: STALL })).toMatchObject({
      outcome: 'failed',
      class: 'rate',
    });
    expect(verdict(reading('codex', [begun, waiting, answer]), { stop: STALL }).outcome).toBe('stopped');
  });

  it('has a tool open while a command runs, but not while it thinks', () => {
    const thinking = { type: 'item.started', item: { id: 'r', type: 'reasoning' } };
    expect(reading('codex', [begun, thinking]).state().toolOpen).toBe(false);
    expect(reading('codex', [begun, command]).state().toolOpen).toBe(true);
    expect(reading('codex', [begun, command, { ...command, type: 'item.completed' }]).state().toolOpen).toBe(false);
  });

  it('does not guess this run’s usage when the thread’s total before is unknown', () => {
    const done = { type: 'turn.completed', usage: { input_tokens: 9, cached_input_tokens: 4, output_tokens: 2 } };
    const said = verdict(reading('codex', [begun, answer, done]), { previousTotal: 'unknown' });
    expect(said).toMatchObject({
      outcome: 'succeeded',
      usage: null,
      sessionTotal: { usage: { input: 5, cacheRead: 4 } },
    });
  });

  const record = (timestamp: string, input: number): string =>
    JSON.stringify({
      timestamp,
      type: 'token_usage_record',
      payload: {
        turn_token_usage: {
          input_tokens: input,
          cached_input_tokens: 1000,
          cache_write_input_tokens: 0,
          output_tokens: 56,
          reasoning_output_tokens: 8,
        },
      },
    });
  const SINCE = '2026-11-21T18:00:00';

  it('knows from its rollout file what it used so far, and keeps it when it is killed', () => {
    const reader = reading('codex', [begun, command]);
    expect(reader.state().usageSoFar).toBeNull();
    reader.pushSide(record('2026-11-21T18:00:01.000Z', 1234), SINCE);
    reader.pushSide(record('2026-11-21T18:00:09.000Z', 2569), SINCE);
    const used = { input: 1569, cacheRead: 1000, cacheWrite: 0, output: 48, reasoning: 8 };
    expect(reader.state().usageSoFar).toEqual(used);
    expect(verdict(reader, { code: null, signal: 'SIGKILL' })).toMatchObject({ class: 'killed', usage: used });
  });

  it.each([
    ['of an earlier turn in the same file', record('2026-11-21T17:59:59.999Z', 1234)],
    ['without figures', JSON.stringify({ timestamp: '2026-11-21T18:00:01Z', type: 'token_usage_record', payload: {} })],
    ['of another kind', JSON.stringify({ timestamp: '2026-11-21T18:00:01Z', type: 'event_msg', payload: {} })],
    ['that was cut', record('2026-11-21T18:00:01.000Z', 1234).slice(0, 80)],
    ['that is no object', '7'],
  ])('passes over a line of it %s', (_, line) => {
    const reader = reading('codex', [begun, command]);
    reader.pushSide(line, SINCE);
    expect(reader.state().usageSoFar).toBeNull();
  });

  it('believes its last word before its rollout file', () => {
    const done = { type: 'turn.completed', usage: { input_tokens: 9, cached_input_tokens: 4, output_tokens: 2 } };
    const reader = reading('codex', [begun, answer, done]);
    reader.pushSide(record('2026-11-21T18:00:01.000Z', 1234), SINCE);
    expect(verdict(reader).usage).toMatchObject({ input: 5, cacheRead: 4 });
  });

  it.each([
    [{ CODEX_HOME: '/srv/codex', HOME: '/home/a' }, '/srv/codex/sessions'],
    [{ HOME: '/home/a' }, '/home/a/.codex/sessions'],
  ])('keeps that file where %j says', (env, folder) => {
    expect(driverFor('codex').sideFile?.('t', env)).toEqual({ folder, endsWith: '-t.jsonl' });
  });

  it('is not asked for a file whose place nobody knows', () => {
    expect(driverFor('codex').sideFile?.('t', {})).toBeNull();
    expect(driverFor('claude').sideFile).toBeUndefined();
  });

  it('says agent_failure of a turn that failed for no known reason', () => {
    const failed = { type: 'turn.failed', error: { message: 'something odd' } };
    expect(verdict(reading('codex', [begun, failed]), { code: 1 })).toMatchObject({ class: 'agent_failure' });
  });
});

describe('opencode', () => {
  const step = { type: 'step_start', sessionID: 's', part: {} };
  const finish = (reason: string): object => ({
    type: 'step_finish',
    sessionID: 's',
    part: { reason, tokens: { input: 1, output: 2, reasoning: 3, cache: { read: 4, write: 5 } }, cost: 0.000001 },
  });
  const text = { type: 'text', sessionID: 's', part: { text: 'done' } };

  it('may be running a tool as long as a step is open, and sums up its steps', () => {
    const reader = reading('opencode', [step, finish('tool-calls'), step]);
    expect(reader.state()).toMatchObject({ toolOpen: true, finished: false, usageSoFar: { input: 1, cacheWrite: 5 } });
    reader.push(JSON.stringify(finish('stop')));
    expect(reader.state()).toMatchObject({ toolOpen: false, finished: true, usageSoFar: { input: 2, reasoning: 6 } });
    expect(verdict(reader).costMicroUsd).toBe(2);
  });

  it.each([
    ['stop', 'succeeded', null],
    ['unknown', 'succeeded', null],
    ['tool-calls', 'failed', 'no_result'],
    ['length', 'failed', 'agent_failure'],
    ['content-filter', 'failed', 'agent_failure'],
  ])('that ends with the reason %s has %s (%s)', (...row) => {
    const [reason, outcome, failure] = row;
    expect(verdict(reading('opencode', [step, text, finish(reason)]))).toMatchObject({ outcome, class: failure });
  });

  it('fails with an error event although older builds exit 0, and may recover from one', () => {
    const error = {
      type: 'error',
      sessionID: 's',
      error: { name: 'APIError', data: { statusCode: 503, message: '' } },
    };
    expect(verdict(reading('opencode', [step, error])).class).toBe('overload');
    expect(verdict(reading('opencode', [step, error, step, text, finish('stop')])).outcome).toBe('succeeded');
  });

  it.each([
    ['30', 30_000],
    ['0', 0],
    ['Wed, 21 Oct 2026 07:28:00 GMT', null],
    ['-1', null],
  ])('reads retry-after %s', (value, ms) => {
    const data = { statusCode: 429, message: 'slow', responseHeaders: { 'retry-after': value } };
    const error = { type: 'error', sessionID: 's', error: { name: 'APIError', data } };
    expect(verdict(reading('opencode', [error]), { code: 1 })).toMatchObject({ class: 'rate', retryAfterMs: ms });
  });
});

describe('gemini', () => {
  const failed = (message: string): object => ({
    type: 'result',
    status: 'error',
    error: { type: 'unknown', message },
  });

  it.each([
    [41, '', 'auth'],
    [42, 'Error resuming session: Invalid session identifier "x".', 'bad_session'],
    [42, 'No input', 'setup'],
    [44, '', 'setup'],
    [53, '', 'own_limit'],
    [55, '', 'setup'],
    [144, '', 'no_result'],
    [145, '', 'auth'],
    [173, '', 'rate'],
    [244, '', 'overload'],
    [247, '', 'overload'],
    [17, '', 'overload'],
    [1, 'TypeError: fetch failed', 'network'],
    [0, '', 'no_result'],
  ])('without a result, exit %i %j is %s', (...row) => {
    const [code, text, failure] = row;
    expect(verdict(reading('gemini', [], [text]), { code }).class).toBe(failure);
  });

  it.each([
    ['Quota exceeded …, limit: 0, model: m. Please retry in 38.1s.', 'billing', null],
    ['Quota exceeded …, limit: 0.5, model: m. Please retry in 38.1s.', 'rate', 38_100],
    [
      'Quota exceeded …, limit: 10, please check your plan. Please retry in 2.5s. Suggested retry after 2s.',
      'rate',
      2000,
    ],
    ['You have exhausted your daily quota on this model.', 'quota', null],
  ])('a 429 that says %j is %s', (...row) => {
    const [message, failure, retryAfterMs] = row;
    expect(verdict(reading('gemini', [failed(message)]), { code: 173 })).toMatchObject({
      class: failure,
      retryAfterMs,
    });
  });

  it('keeps the class of what it retried when a limit of ours ends it', () => {
    const attempt = 'Attempt 3 failed with status 503. Retrying with backoff... _ApiError: …';
    const reader = reading('gemini', [], [attempt]);
    expect(verdict(reader, { stop: STALL })).toMatchObject({ outcome: 'failed', class: 'overload' });
  });

  it('joins its words as they came, those after the last tool call', () => {
    const piece = (content: string): object => ({ type: 'message', role: 'assistant', content, delta: true });
    const call = { type: 'tool_use', tool_id: 'x' };
    const done = { type: 'result', status: 'success', stats: {} };
    expect(verdict(reading('gemini', [piece('Let me'), call, piece('Hel'), piece('lo'), done])).finalText).toBe(
      'Hello',
    );
  });
});

describe('qwen', () => {
  const init = { type: 'system', subtype: 'init', session_id: 's' };
  const retry = (data: object): object => ({ type: 'system', subtype: 'retry', session_id: 's', data });
  const message = (id: string, input: number): object => ({
    type: 'assistant',
    session_id: 's',
    message: { id, content: [{ type: 'text', text: 'hi' }], usage: { input_tokens: input, output_tokens: 1 } },
  });

  it.each([
    ['59 s', [retry({ delayMs: 59_999 })], null],
    ['60 s', [retry({ delayMs: 60_000 })], 'rate'],
    ['60 s, then one without a delay', [retry({ delayMs: 60_000 }), retry({})], 'rate'],
    ['60 s, then an answer', [retry({ delayMs: 60_000 }), message('m', 1)], null],
  ])('is advised to be stopped when it waits long: %s', (_, events, advice) => {
    expect(reading('qwen', [init, ...events]).state().advice?.class ?? null).toBe(advice);
  });

  it('tells the cause of its wait on stderr', () => {
    const cause = 'Retrying in 60s (attempt 1/10): [API Error: 429 Free allocated quota exceeded.]';
    const reader = reading('qwen', [init, retry({ delayMs: 60_000 })], [cause]);
    const stop = { kind: 'driver', advice: reader.state().advice?.stop ?? '' } as const;
    expect(verdict(reader, { code: null, signal: 'SIGTERM', stop })).toMatchObject({
      outcome: 'failed',
      class: 'quota',
    });
  });

  it('counts a killed run into the session’s total, as its next run will', () => {
    const previousTotal = {
      usage: { input: 10, cacheRead: 0, cacheWrite: null, output: 5, reasoning: null },
      costMicroUsd: null,
    };
    const said = verdict(reading('qwen', [init, message('m', 3), message('n', 4)]), {
      code: null,
      signal: 'SIGKILL',
      previousTotal,
    });
    expect(said.usage).toMatchObject({ input: 7, output: 2 });
    expect(said.sessionTotal?.usage).toMatchObject({ input: 17, output: 7 });
  });
});
