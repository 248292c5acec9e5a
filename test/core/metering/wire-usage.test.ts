// Token figures in the answers of models, vendor by vendor, in streams and whole.

import { describe, expect, it } from 'vitest';

import { wireUsage } from '../../../src/core/metering/wire-usage.ts';
import type { WireUsage } from '../../../src/core/metering/wire-usage.ts';

/** What a whole answer comes to, event by event. */
function read(...events: readonly unknown[]): WireUsage | null {
  return events.reduce<WireUsage | null>((last, event) => wireUsage(event, last) ?? last, null);
}

const ANTHROPIC = { input_tokens: 1234, cache_read_input_tokens: 1000, cache_creation_input_tokens: 200 };
const begun = (usage: object): object => ({ type: 'message_start', message: { model: 'claude', id: 'msg_1', usage } });

describe('an answer of Anthropic', () => {
  it('has its input from the first event and its output from the last', () => {
    const delta = { type: 'message_delta', usage: { output_tokens: 56 } };
    expect(read(begun({ ...ANTHROPIC, output_tokens: 1 }), { type: 'ping' }, delta)).toEqual({
      model: 'claude',
      id: 'msg_1',
      tokens: { input: 1234, cacheRead: 1000, cacheWrite: 200, output: 56, reasoning: null },
    });
  });

  it('has no output until its end is told: where it begins is no figure', () => {
    expect(read(begun({ ...ANTHROPIC, output_tokens: 1 }))?.tokens).toEqual({
      input: 1234,
      cacheRead: 1000,
      cacheWrite: 200,
      output: null,
      reasoning: null,
    });
  });

  it('takes what the last event says of the input too, and thinking apart', () => {
    const usage = { input_tokens: 2, output_tokens: 56, output_tokens_details: { thinking_tokens: 16 } };
    const tokens = read(begun(ANTHROPIC), { type: 'message_delta', usage })?.tokens;
    expect(tokens).toEqual({ input: 2, cacheRead: 1000, cacheWrite: 200, output: 40, reasoning: 16 });
  });

  it('is read whole where it is not streamed', () => {
    const usage = { ...ANTHROPIC, output_tokens: 56 };
    expect(read({ type: 'message', model: 'claude', id: 'msg_1', usage })?.tokens.output).toBe(56);
  });
});

describe('an answer of OpenAI', () => {
  const usage = {
    input_tokens: 1234,
    input_tokens_details: { cached_tokens: 1000, cache_write_tokens: 34 },
    output_tokens: 56,
    output_tokens_details: { reasoning_tokens: 8 },
  };
  const tokens = { input: 200, cacheRead: 1000, cacheWrite: 34, output: 48, reasoning: 8 };

  it('tells parts of input and output, which are taken out of them', () => {
    const response = { object: 'response', model: 'gpt', id: 'resp_1', usage };
    const created = { type: 'response.created', response: { ...response, usage: null } };
    expect(read(created, { type: 'response.completed', response })).toEqual({ model: 'gpt', id: 'resp_1', tokens });
    expect(read(response)?.tokens).toEqual(tokens);
  });

  it('has figures as well when it was cut short by the model', () => {
    expect(read({ type: 'response.incomplete', response: { usage } })?.tokens).toEqual(tokens);
  });

  it('tells them in other words as a chat, in the last chunk or in each', () => {
    const chat = {
      prompt_tokens: 1234,
      prompt_tokens_details: { cached_tokens: 1000 },
      completion_tokens: 56,
      completion_tokens_details: { reasoning_tokens: 8 },
    };
    const chunk = { object: 'chat.completion.chunk', model: 'gpt', id: 'c_1' };
    const first = { ...chunk, choices: [{}], usage: { prompt_tokens: 1234, completion_tokens: 3 } };
    expect(read({ ...chunk, choices: [{}], usage: null }, first, { ...chunk, choices: [], usage: chat })).toEqual({
      model: 'gpt',
      id: 'c_1',
      tokens: { input: 234, cacheRead: 1000, cacheWrite: 0, output: 48, reasoning: 8 },
    });
  });

  it('never has less than nothing of a kind', () => {
    const odd = { prompt_tokens: 5, prompt_tokens_details: { cached_tokens: 9 }, completion_tokens: 1 };
    expect(read({ usage: odd })?.tokens).toMatchObject({ input: 0, cacheRead: 9 });
  });
});

describe('an answer of Gemini', () => {
  const usage = {
    promptTokenCount: 1234,
    cachedContentTokenCount: 1000,
    candidatesTokenCount: 56,
    totalTokenCount: 1298,
  };
  const event = (more: object): object => ({
    usageMetadata: { ...usage, ...more },
    modelVersion: 'gemini',
    responseId: 'r',
  });
  const tokens = { input: 234, cacheRead: 1000, cacheWrite: 0, output: 56, reasoning: 8 };

  it('repeats in each event what grew, and leaves out what is nothing', () => {
    const first = { usageMetadata: { promptTokenCount: 1234, cachedContentTokenCount: 1000 } };
    expect(read(first)?.tokens).toEqual({ ...tokens, output: 0, reasoning: 0 });
    expect(read(first, event({ thoughtsTokenCount: 8 }))).toEqual({ model: 'gemini', id: 'r', tokens });
  });

  it('is found in the envelope of Code Assist, and in one list', () => {
    const whole = event({ thoughtsTokenCount: 8 });
    expect(read({ response: whole, traceId: 't' })?.tokens).toEqual(tokens);
    expect(read([event({ candidatesTokenCount: 1 }), whole])?.tokens).toEqual(tokens);
  });

  it('counts what tools put into the prompt', () => {
    expect(read(event({ toolUsePromptTokenCount: 7 }))?.tokens.input).toBe(241);
  });
});

describe('anything else', () => {
  it.each([
    [null],
    [7],
    ['usage'],
    [[]],
    [{}],
    [{ usage: null }],
    [{ usage: { input_tokens: 1 } }],
    [{ type: 'message_start' }],
    [{ type: 'response.created', response: {} }],
    [{ usage: { prompt_tokens: -1 } }],
    [{ usage: { prompt_tokens: 1.5 } }],
    [{ usageMetadata: { promptTokenCount: '5' } }],
  ])('says nothing: %j', (message) => {
    expect(wireUsage(message, null)).toBeNull();
  });
});
