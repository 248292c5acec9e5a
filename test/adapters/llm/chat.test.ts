import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANSWER_MS, chatModel } from '../../../src/adapters/llm/chat.ts';
import type { ChatInput } from '../../../src/adapters/llm/chat.ts';
import type { ModelReply } from '../../../src/ports/model.ts';
import { ANSWER, modelServer } from '../../support/model-server.ts';
import type { ModelServer, Scenario } from '../../support/model-server.ts';

const NOW = 1_795_257_045_000;
const KEY = 'hunter2-Zq81xy';
let server: ModelServer;
let dir: string;
beforeAll(async () => {
  server = await modelServer();
  dir = mkdtempSync(join(tmpdir(), 'adf-chat-'));
  writeFileSync(join(dir, 'key'), `${KEY}\n`, { mode: 0o600 });
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

const question = {
  system: 'You are terse.',
  messages: [
    { author: 'user', text: 'Why?' },
    { author: 'model', text: 'Because.' },
    { author: 'user', text: 'And?' },
  ],
  maxTokens: 800,
} as const;

const ask = async (scenario: Scenario, over: Partial<ChatInput> = {}): Promise<ModelReply> => {
  const place = { endpoint: server.endpoint(scenario), model: 'mock-1', provider: 'mock', apiKeyFile: null };
  return chatModel({ ...place, now: () => NOW, ...over }).ask(question, new AbortController().signal);
};

describe('a model behind an OpenAI-compatible API', () => {
  it('is asked with all that was said, and with its key in a header', async () => {
    expect(await ask('text', { apiKeyFile: join(dir, 'key') })).toEqual({
      kind: 'answered',
      text: ANSWER,
      tokens: 1290,
    });
    const asked = server.asked.at(-1);
    expect([asked?.path, asked?.headers.authorization]).toEqual(['/text/chat/completions', `Bearer ${KEY}`]);
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      model: 'mock-1',
      messages: [
        { role: 'system', content: 'You are terse.' },
        { role: 'user', content: 'Why?' },
        { role: 'assistant', content: 'Because.' },
        { role: 'user', content: 'And?' },
      ],
      max_tokens: 800,
      stream: false,
    });
    expect(asked?.body).not.toContain(KEY);
  });

  it('is told no key when it wants none, and has its tokens estimated when it does not count them', async () => {
    const reply = await ask('uncounted');
    expect(server.asked.at(-1)?.headers.authorization).toBeUndefined();
    expect(reply).toMatchObject({ kind: 'answered', text: ANSWER });
    expect(reply.kind === 'answered' ? reply.tokens : 0).toBeGreaterThan(50);
  });

  it('may answer nothing', async () => {
    expect(await ask('empty')).toEqual({ kind: 'answered', text: '', tokens: 9 });
  });

  it.each<[Scenario, { readonly permanent: boolean; readonly retryAt?: number }, RegExp]>([
    ['html', { permanent: false }, /not as documented/],
    ['other', { permanent: false }, /not as documented/],
    ['huge', { permanent: false }, /not as documented/],
    ['cut', { permanent: false }, /cannot be reached/],
    ['reset', { permanent: false }, /cannot be reached/],
    ['redirect', { permanent: true }, /answered 302/],
    ['e401', { permanent: true }, /answered 401: .*no: the key \[redacted\]/],
    ['e429', { permanent: false, retryAt: NOW + 7000 }, /answered 429/],
    ['e503', { permanent: false }, /answered 503/],
  ])('%s is a failure that says what to expect', async (scenario, expected, message) => {
    expect(await ask(scenario)).toMatchObject({
      kind: 'failed',
      retryAt: null,
      ...expected,
      message: expect.stringMatching(message) as string,
    });
  });

  it('is given up when it hangs: after 30 s, unless a test says less', async () => {
    expect(ANSWER_MS).toBe(30_000);
    expect(await ask('hang', { timeoutMs: 50 })).toMatchObject({
      kind: 'failed',
      permanent: false,
      message: 'the model cannot be reached: no answer within 0.05 s',
    });
  });

  it('is given up when the daemon ends', async () => {
    const ending = new AbortController();
    const place = { endpoint: server.endpoint('hang'), model: 'm', provider: 'p', apiKeyFile: null, now: () => NOW };
    const reply = chatModel(place).ask(question, ending.signal);
    ending.abort();
    expect((await reply).kind).toBe('failed');
  });

  it('is not asked without the key that agents.toml promises', async () => {
    const before = server.asked.length;
    expect(await ask('text', { apiKeyFile: join(dir, 'missing') })).toMatchObject({ kind: 'failed', permanent: true });
    writeFileSync(join(dir, 'empty'), '\n');
    expect(await ask('text', { apiKeyFile: join(dir, 'empty') })).toMatchObject({ kind: 'failed', permanent: true });
    expect(server.asked.length).toBe(before);
  });

  it('that nobody serves cannot be reached', async () => {
    const gone = await modelServer();
    const endpoint = gone.endpoint('text');
    await gone.close();
    expect(await ask('text', { endpoint })).toMatchObject({
      kind: 'failed',
      permanent: false,
      message: 'the model cannot be reached: ECONNREFUSED',
    });
  });
});
