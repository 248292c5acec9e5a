// A meter between a client and a model: nothing is altered, everything is counted, a break is a break.

import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import type { MeterLine } from '../../src/core/metering/meter-line.ts';
import { writeMeterLine } from '../../src/core/metering/meter-line.ts';
import { MeterReading } from '../../src/core/metering/meter-reading.ts';
import { METER_ADDRESS } from '../../src/core/metering/order.ts';
import { Proxy } from '../../src/meter/proxy.ts';
import { MockModel } from '../../src/conformance/mock-model/server.ts';
import type { Scenario } from '../../src/conformance/mock-model/server.ts';
import { NO_TOKENS, sumOf } from '../../src/conformance/mock-model/tokens.ts';

interface Metered {
  readonly url: string;
  readonly lines: MeterLine[];
  readonly reading: () => ReturnType<MeterReading['metered']>;
}

async function metered(...upstreams: readonly string[]): Promise<Metered> {
  const lines: MeterLine[] = [];
  const proxy = new Proxy({ upstreams }, { write: (line) => lines.push(line) });
  await proxy.listen();
  onTestFinished(() => proxy.close());
  return {
    url: proxy.addressed(`${METER_ADDRESS}/0`),
    lines,
    reading: () => {
      const reading = new MeterReading();
      lines.forEach((line) => reading.push(writeMeterLine(line)));
      return reading.metered();
    },
  };
}

/** A model that answers as `answer` says; its base URL. */
async function upstream(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function model(scenario: Scenario): Promise<{ readonly mock: MockModel; readonly meter: Metered }> {
  const mock = new MockModel(() => '/nowhere');
  await mock.listen();
  onTestFinished(async () => mock.close());
  return { mock, meter: await metered(mock.url(scenario, 'key')) };
}

const post = async (url: string, body: object = {}): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { authorization: 'Bearer secret-key' } });

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

const readerOf = (reply: Response): Reader => reply.body?.getReader() as Reader;
/** The next piece that arrives; empty: there is none. */
const next = async (reader: Reader): Promise<string> => new TextDecoder().decode((await reader.read()).value);

const ended = async ({ lines }: Metered, count = 1): Promise<void> => {
  await vi.waitFor(() => expect(lines.filter(({ k }) => k === 'ended')).toHaveLength(count));
};

const VENDORS = [
  ['Anthropic messages', '/v1/messages'],
  ['OpenAI responses', '/v1/responses'],
  ['OpenAI chat', '/v1/chat/completions'],
  ['Gemini', '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
] as const;

describe.each(VENDORS)('%s', (_, path) => {
  it.each([true, false])('is counted as the server counts it (stream: %s)', async (stream) => {
    const { mock, meter } = await model('text');
    const to = stream ? path : path.replace('streamGenerateContent?alt=sse', 'generateContent');
    for (const text of ['one', 'two']) {
      const said = await (await post(`${meter.url}${to}`, { model: 'mock-1', stream, input: text })).text();
      expect(said).toContain('Hello');
    }
    const served = sumOf(mock.requests.map(({ tokens }) => tokens ?? NO_TOKENS));
    const isSilent = path === '/v1/messages';
    expect(meter.reading()).toMatchObject({
      usage: isSilent ? { ...served, reasoning: null } : served,
      requests: 2,
      uncounted: 0,
    });
  });

  it.each([401, 429, 500] as const)('is refused with %i as the server refuses it, at no cost', async (status) => {
    const { meter } = await model(`e${status}`);
    const reply = await post(`${meter.url}${path}`);
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([status, status === 429 ? '1' : null]);
    expect(await reply.text()).toContain('error');
    expect(meter.reading()).toMatchObject({ usage: NO_TOKENS, requests: 1, uncounted: 0 });
  });
});

describe('what passes', () => {
  it('is the same to the byte, in both directions, with its headers', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256));
    const seen = Promise.withResolvers<{ readonly request: IncomingMessage; readonly body: Buffer }>();
    const url = await upstream((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        seen.resolve({ request, body: Buffer.concat(parts) });
        response.writeHead(201, 'Made', { 'X-Own': ['1', '2'], 'content-type': 'application/octet-stream' });
        response.end(bytes);
      });
    });
    const meter = await metered(`${url}/base?fixed=1`);
    const reply = await fetch(`${meter.url}/v1/messages`, { method: 'PUT', body: bytes, headers: { 'x-mine': 'ü' } });
    const { request, body } = await seen.promise;
    expect([request.method, request.url, request.headers['x-mine']]).toEqual(['PUT', '/base/v1/messages?fixed=1', 'ü']);
    expect(request.headers.host).toBe(new URL(url).host);
    expect(body.equals(bytes)).toBe(true);
    expect([reply.status, reply.statusText, reply.headers.get('x-own')]).toEqual([201, 'Made', '1, 2']);
    expect(Buffer.from(await reply.arrayBuffer()).equals(bytes)).toBe(true);
    expect(meter.lines).toEqual([]);
  });

  it('passes at once: an event is there before the next one is written', async () => {
    const open = Promise.withResolvers<ServerResponse>();
    const url = await upstream((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"type":"ping"}\n\n');
      open.resolve(response);
    });
    const meter = await metered(url);
    const reply = await post(`${meter.url}/v1/messages`);
    const reader = readerOf(reply);
    expect(await next(reader)).toBe('data: {"type":"ping"}\n\n');
    (await open.promise).end('data: {"type":"message_delta","usage":{"output_tokens":5}}\n\n');
    expect(await next(reader)).toContain('message_delta');
    expect(meter.lines.map(({ k }) => k)).toContain('counted');
    expect(await next(reader)).toBe('');
  });

  it('is counted before its last words are passed on, and from pieces of any size', async () => {
    const text =
      'data: {"object":"chat.completion.chunk","model":"m","usage":{"prompt_tokens":9,"completion_tokens":2}}\r\n\r\n';
    const url = await upstream((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const piece of text) {
        response.write(piece);
      }
      response.end();
    });
    const meter = await metered(url);
    expect(await (await post(`${meter.url}/chat/completions`)).text()).toBe(text);
    expect(meter.reading()).toMatchObject({ usage: { input: 9, output: 2 }, uncounted: 0 });
  });

  it('is not read in memory beyond a bound: an event that is too long passes whole, and uncounted', async () => {
    const piece = 'x'.repeat(1024 * 1024);
    const url = await upstream((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"usage":{"prompt_tokens":9,"completion_tokens":2},"text":"');
      for (let written = 0; written < 17; written += 1) {
        response.write(piece);
      }
      response.end('"}\n\n');
    });
    const meter = await metered(url);
    const text = await (await post(`${meter.url}/chat/completions`)).text();
    expect(text.length).toBeGreaterThan(17 * piece.length);
    await ended(meter);
    expect(meter.reading()).toMatchObject({ usage: null, uncounted: 1 });
  });

  it('waits for a client that reads slowly, instead of holding the answer', async () => {
    let written = 0;
    const url = await upstream((_, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      const more = (): void => {
        while (written < 512 && response.write(Buffer.alloc(1024 * 1024))) {
          written += 1;
        }
        response.once('drain', more);
      };
      more();
    });
    const meter = await metered(url);
    const { hostname, port, pathname } = new URL(`${meter.url}/slow`);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'readable');
    let before = -1;
    await vi.waitFor(() => {
      const still = before === written;
      before = written;
      expect(still).toBe(true);
    });
    expect(written).toBeLessThan(64);
  });
});

describe('a break', () => {
  it('upstream is one downstream: what came before it is there, and the request is known as cut', async () => {
    const begun = 'data: {"type":"message_start","message":{"usage":{"input_tokens":1234,"output_tokens":1}}}\n\n';
    const url = await upstream((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(begun, () => response.destroy());
    });
    const meter = await metered(url);
    const reader = readerOf(await post(`${meter.url}/v1/messages`));
    expect(await next(reader)).toBe(begun);
    await expect(next(reader)).rejects.toThrow();
    await ended(meter);
    expect(meter.reading()).toMatchObject({ usage: { input: 1234, output: null }, requests: 1, uncounted: 1 });
  });

  it('downstream is one upstream: the model is asked no longer', async () => {
    const gone = Promise.withResolvers<null>();
    const url = await upstream((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"type":"message_start","message":{"usage":{"input_tokens":3}}}\n\n');
      response.once('close', () => gone.resolve(null));
    });
    const meter = await metered(url);
    const stop = new AbortController();
    const reply = await fetch(`${meter.url}/v1/messages`, { method: 'POST', body: '{}', signal: stop.signal });
    await next(readerOf(reply));
    stop.abort();
    await gone.promise;
    await ended(meter);
    expect(meter.reading()).toMatchObject({ usage: { input: 3, output: null }, uncounted: 1 });
  });

  it('is one too where nobody answers: no reply of ours stands in its place', async () => {
    const url = await upstream((request) => request.socket.destroy());
    const meter = await metered(url);
    await expect(post(`${meter.url}/v1/messages`)).rejects.toThrow();
    expect(meter.reading()).toMatchObject({ usage: null, uncounted: 1 });
  });

  it('costs nothing where nobody listens', async () => {
    const meter = await metered('http://127.0.0.1:9');
    await expect(post(`${meter.url}/v1/messages`)).rejects.toThrow();
    expect(meter.reading()).toMatchObject({ usage: NO_TOKENS, uncounted: 0 });
  });

  it('is said of requests under way when the meter ends', async () => {
    const lines: MeterLine[] = [];
    const { mock } = await model('hang');
    const proxy = new Proxy({ upstreams: [mock.url('hang', 'key')] }, { write: (line) => lines.push(line) });
    await proxy.listen();
    const asked = post(proxy.addressed(`${METER_ADDRESS}/0/v1/messages`)).catch(() => null);
    await vi.waitFor(() => expect(lines).toHaveLength(1));
    proxy.close();
    expect(await asked).toBeNull();
    expect(lines[1]).toEqual({ k: 'ended', n: 1, status: null, whole: false });
    expect(lines).toHaveLength(2);
  });
});

describe('what is written', () => {
  it('holds counts, model and id: no key, no question, no answer', async () => {
    const { meter } = await model('text');
    const question = 'a question that nobody should read';
    await (await post(`${meter.url}/v1/chat/completions?key=secret-key`, { stream: true, question })).text();
    const text = meter.lines.map(writeMeterLine).join('');
    expect(text).toMatch(/chatcmpl/);
    expect(text).not.toMatch(/secret-key|question|Hello|Bearer|127\.0\.0\.1/);
  });

  it('is nothing of requests that no model answers with tokens', async () => {
    const { meter } = await model('text');
    await (await post(`${meter.url}/v1/messages/count_tokens`)).text();
    await (await fetch(`${meter.url}/v1/models`)).text();
    expect([meter.lines, meter.reading()]).toEqual([[], null]);
  });
});

describe('its address', () => {
  it('leads to one of several upstreams, and for nobody else to any', async () => {
    const names = await Promise.all(['a', 'b'].map(async (name) => upstream((_, response) => response.end(name))));
    const { url } = await metered(...names);
    const second = url.replace(/0$/, '1');
    expect(await (await fetch(`${url}/x`)).text()).toBe('a');
    expect(await (await fetch(`${second}/x`)).text()).toBe('b');
    const others = [url.replace(/0$/, '2'), url.replace(/[^/]+\/0$/, 'guess/0'), new URL(url).origin];
    expect(await Promise.all(others.map(async (other) => (await fetch(other)).status))).toEqual([404, 404, 404]);
  });
});
