// A model behind an OpenAI-compatible API on loopback, with scripted answers and the faults that real ones have.

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What it does with a question. The first segment of its path says which: `/text/chat/completions`. */
export type Scenario =
  /** Answers `answer`, and counts tokens. */
  | 'text'
  /** The same without counting. */
  | 'uncounted'
  /** A good answer without text. */
  | 'empty'
  /** A page of a proxy. */
  | 'html'
  /** JSON of another kind. */
  | 'other'
  /** Two million characters. */
  | 'huge'
  | 'hang'
  /** Ends in the middle of its answer. */
  | 'cut'
  /** Ends before it. */
  | 'reset'
  | 'redirect'
  | 'e401'
  | 'e429'
  | 'e503';

/** One request as it arrived. */
export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that listens. */
export interface ModelServer {
  /** The endpoint of a scenario. */
  endpoint(scenario: Scenario): string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** What `text` answers. */
export const ANSWER = 'Hello from the model.';
const STATUS = { e401: 401, e429: 429, e503: 503 };

/** Starts one. */
export async function modelServer(): Promise<ModelServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      asked.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() });
      reply((path.split('/')[1] ?? '') as Scenario, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: (scenario) => `http://127.0.0.1:${port}/${scenario}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

function reply(scenario: Scenario, response: ServerResponse): void {
  const json = (status: number, body: unknown, headers = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
  const completion = (content: string, usage?: object): object => ({
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    ...(usage === undefined ? {} : { usage }),
  });
  switch (scenario) {
    case 'text':
      json(200, completion(ANSWER, { prompt_tokens: 1234, completion_tokens: 56, total_tokens: 1290 }));
      return;
    case 'uncounted':
      json(200, completion(ANSWER));
      return;
    case 'empty':
      json(200, completion('', { total_tokens: 9 }));
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>502 Bad Gateway</html>');
      return;
    case 'other':
      json(200, { object: 'list', data: [] });
      return;
    case 'huge':
      json(200, completion('x'.repeat(2_000_000)));
      return;
    case 'hang':
      return;
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
      response.write('{"choices": [');
      setImmediate(() => response.destroy());
      return;
    case 'reset':
      response.destroy();
      return;
    case 'redirect':
      json(302, {}, { location: 'http://127.0.0.1:1/stolen' });
      return;
    case 'e401':
    case 'e429':
    case 'e503':
      json(
        STATUS[scenario],
        { error: { message: `no: the key sk-live-0123456789abcdef was refused`, type: scenario } },
        scenario === 'e429' ? { 'retry-after': '7' } : {},
      );
  }
}
