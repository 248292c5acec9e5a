// A model on loopback that speaks four wire formats, does what a scenario says, and counts every token that it reports.
//
// The first segment of the path names scenario and key: http://127.0.0.1:PORT/tool@claude-tool/v1/messages. Counters
// belong to the key, so that the requests of one agent can be told from all others.

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { writeAnswer, writeJson } from './answers.ts';
import type { Answer, Asked } from './answers.ts';
import { fault, planLimit } from './faults.ts';
import type { Fault } from './faults.ts';
import { tokensOf } from './tokens.ts';
import type { Tokens, Vendor } from './tokens.ts';

/** What the model does with each request of a key. */
export type Scenario =
  | 'text'
  | 'tool'
  | 'edit'
  | 'loop'
  | 'sleep'
  | 'hang'
  | 'cut'
  | 'huge'
  | 'garbage'
  | 'plan'
  | `e${number}`
  | `e${number}once`;

/** One request to the model. */
export interface Request {
  readonly key: string;
  readonly at: number;
  /** Null: never answered. */
  readonly status: number | null;
  /** What the answer reported; null: nothing. */
  readonly tokens: Tokens | null;
  /** A side request, such as for a title: it offers no tools. */
  readonly isSide: boolean;
}

const HUGE_CHARS = 2_000_000;
const SHELLS = ['Bash', 'bash', 'exec_command', 'shell_command', 'shell', 'run_shell_command', 'local_shell'];
const WRITERS = ['Write', 'write', 'write_file', 'create_file'];
const TOOL_RESULT =
  /"type":"tool_result"|"role":"tool"|"type":"(custom_tool|function)_call_output"|"functionResponse":/g;
/** What one scenario's tool call runs. */
const COMMANDS: Partial<Record<string, string>> = { sleep: 'tail -f /dev/null' };
const MOST_REQUESTS = 100_000;

/** One server. */
export class MockModel {
  readonly requests: Request[] = [];
  /** Epoch seconds at which the plan that `plan` refuses has its reset; before it, 429; after it, text. */
  planResetAt = 0;
  readonly #server: Server;
  readonly #folder: (key: string) => string;
  #nextId = 0;

  /** `folder`: where the agent of a key works; some tools want absolute paths. */
  constructor(folder: (key: string) => string) {
    this.#folder = folder;
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        this.#answer(request, Buffer.concat(parts).toString(), response);
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  /** Base URL for `scenario`, counted under `key`. */
  url(scenario: Scenario, key: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${scenario}@${key}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #answer(request: IncomingMessage, raw: string, response: ServerResponse): void {
    const [, scenario = 'text', key = '', rest = '/'] = /^\/([a-z0-9]+)@([^/]*)(\/.*)?$/.exec(request.url ?? '') ?? [];
    const path = rest.split('?')[0] ?? rest;
    const vendor = vendorOf(path);
    if (vendor === null) {
      const body = { object: 'list', data: [{ id: 'mock-1', object: 'model', owned_by: 'mock' }], models: [] };
      writeJson(
        response,
        /models/.test(path) ? { status: 200, body } : { status: 404, body: { error: 'no such route' } },
      );
      return;
    }
    if (/count_?tokens/i.test(path)) {
      writeJson(response, { status: 200, body: { input_tokens: 1, totalTokens: 1 } });
      return;
    }
    const body = bodyOf(raw);
    const asked: Asked = {
      vendor,
      model: typeof body['model'] === 'string' ? body['model'] : (/models\/([^:]+)/.exec(path)?.[1] ?? 'mock-1'),
      stream: body['stream'] === true || /stream/i.test(path),
      wantsJson: /"responseMimeType":"application\/json"|"responseJsonSchema"/.test(raw),
      id: `mock${(this.#nextId += 1)}`,
    };
    this.#play({ scenario, key, asked, body, response });
  }

  #play(turn: Turn): void {
    const { scenario, key, asked, response } = turn;
    const isSide = toolNames(turn.body).length === 0;
    const note = (status: number | null, tokens: Tokens | null = null): void => {
      if (this.requests.length >= MOST_REQUESTS) {
        throw new Error('more requests than any scenario makes');
      }
      this.requests.push({ key, at: Date.now(), status, tokens, isSide });
    };
    const earlier = this.requests.filter((request) => request.key === key && (request.isSide === isSide || !isSide));
    if (scenario === 'hang') {
      note(null);
      return;
    }
    const failure = this.#faultOf(turn, earlier.filter((request) => !request.isSide).length);
    if (failure !== null) {
      note(failure.status);
      writeJson(response, failure);
      return;
    }
    if (scenario === 'garbage') {
      note(200);
      writeJson(response, { status: 200, body: '{"broken": [' });
      return;
    }
    const cut = scenario === 'cut' && !isSide;
    const answered = this.requests.filter((request) => request.key === key && request.tokens !== null).length;
    const tokens = tokensOf(asked.vendor, answered + 1);
    note(200, cut ? null : tokens);
    writeAnswer(response, asked, { ...this.#plan(turn), tokens, cut });
  }

  #faultOf({ scenario, asked }: Turn, earlier: number): Fault | null {
    if (scenario === 'plan') {
      return Date.now() < this.planResetAt * 1000 ? planLimit(asked.vendor, this.planResetAt) : null;
    }
    const [, status, when] = /^e(\d{3})(once)?$/.exec(scenario) ?? [];
    const isNow = when === undefined || earlier === 0;
    return status !== undefined && isNow ? fault(Number(status), asked.vendor) : null;
  }

  #plan({ scenario, key, body }: Turn): Pick<Answer, 'call' | 'text'> {
    const history = JSON.stringify(body['messages'] ?? body['input'] ?? body['contents'] ?? '');
    const results = (history.match(TOOL_RESULT) ?? []).length;
    const wanted = { tool: 1, edit: 1, sleep: 1, loop: Number.POSITIVE_INFINITY }[scenario] ?? 0;
    const call = results < wanted ? toolCall(scenario, toolNames(body), { folder: this.#folder(key), results }) : null;
    const text = scenario === 'huge' ? hugeText() : results > 0 ? 'Done: made.txt written.' : 'Hello from the mock.';
    return { call, text };
  }
}

interface Turn {
  readonly scenario: string;
  readonly key: string;
  readonly asked: Asked;
  readonly body: Readonly<Record<string, unknown>>;
  readonly response: ServerResponse;
}

function vendorOf(path: string): Vendor | null {
  if (/messages/.test(path)) {
    return 'anthropic';
  }
  if (path.endsWith('responses')) {
    return 'responses';
  }
  if (path.endsWith('chat/completions')) {
    return 'chat';
  }
  return /generateContent|countTokens/i.test(path) ? 'gemini' : null;
}

function bodyOf(raw: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(raw) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

interface Tool {
  readonly name?: string;
  readonly type?: string;
  readonly function?: { readonly name?: string };
  readonly functionDeclarations?: readonly Tool[];
}

function toolNames(body: Turn['body']): readonly string[] {
  const tools = Array.isArray(body['tools']) ? (body['tools'] as readonly Tool[]) : [];
  return tools
    .flatMap((tool) => tool.functionDeclarations ?? [tool])
    .map((tool) => tool.name ?? tool.function?.name ?? tool.type)
    .filter((name) => name !== undefined);
}

function toolCall(
  scenario: string,
  names: readonly string[],
  { folder, results }: { readonly folder: string; readonly results: number },
): Answer['call'] {
  const writer = WRITERS.find((name) => names.includes(name));
  if (scenario === 'edit' && writer !== undefined) {
    const path = writer === 'write' ? 'filePath' : 'file_path';
    return { name: writer, args: { [path]: `${folder}/made.txt`, content: 'made-by-agent\n' } };
  }
  const name = SHELLS.find((shell) => names.includes(shell));
  if (name === undefined) {
    return null;
  }
  // The same again and again would be a loop that some clients end by themselves.
  const command =
    scenario === 'loop' ? `echo ${results} > made.txt` : (COMMANDS[scenario] ?? 'echo made-by-agent > made.txt');
  if (name === 'exec_command') {
    return { name, args: { cmd: command } };
  }
  if (name === 'shell') {
    return { name, args: { command: ['bash', '-c', command] } };
  }
  const more = name === 'run_shell_command' ? { is_background: false } : {};
  return { name, args: { command, description: 'make a file', ...more } };
}

/** Numbered, because some clients drop a chunk that equals the one before it. */
function hugeText(): string {
  return Array.from({ length: HUGE_CHARS / 10 }, (_, at) => String(at).padStart(10, '0')).join('');
}
