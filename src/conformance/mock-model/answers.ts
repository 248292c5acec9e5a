// Writes one good answer of the mock model in a vendor's wire format, streamed or not.

import type { ServerResponse } from 'node:http';

import { onWire } from './tokens.ts';
import type { Tokens, Vendor } from './tokens.ts';

/** What the model does: calls a tool, or says something. */
export interface Answer {
  readonly call: { readonly name: string; readonly args: Readonly<Record<string, unknown>> } | null;
  readonly text: string;
  readonly tokens: Tokens;
  /** The connection breaks after the first words; nothing is reported. */
  readonly cut: boolean;
}

/** What of the request shapes the answer. */
export interface Asked {
  readonly vendor: Vendor;
  readonly model: string;
  readonly stream: boolean;
  /** Gemini's router and next-speaker questions want JSON. */
  readonly wantsJson: boolean;
  readonly id: string;
}

/** Longer chunks are written one by one. */
const CHUNK_CHARS = 20_000;

/** Writes `answer` and ends the response. */
export function writeAnswer(response: ServerResponse, asked: Asked, answer: Answer): void {
  const write = { anthropic, responses, chat, gemini }[asked.vendor];
  write({ response, asked, answer, usage: onWire(asked.vendor, answer.tokens) });
}

/** One JSON answer. */
export function writeJson(
  response: ServerResponse,
  answer: { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> },
): void {
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
}

interface Writing {
  readonly response: ServerResponse;
  readonly asked: Asked;
  readonly answer: Answer;
  readonly usage: object;
}

function events(response: ServerResponse): (text: string) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  return (text) => {
    response.write(text);
  };
}

function chunksOf(text: string): readonly string[] {
  return text.length > CHUNK_CHARS
    ? Array.from({ length: Math.ceil(text.length / CHUNK_CHARS) }, (_, at) =>
        text.slice(at * CHUNK_CHARS, (at + 1) * CHUNK_CHARS),
      )
    : text.split(/(?<= )/);
}

/** Destroys the connection where the answer is to be cut; true: nothing more is to be written. */
function cutNow({ response, answer }: Writing): boolean {
  if (answer.cut) {
    response.destroy();
  }
  return answer.cut;
}

function anthropic(writing: Writing): void {
  const { response, asked, answer, usage } = writing;
  const { call, text } = answer;
  const block =
    call === null
      ? { type: 'text', text }
      : { type: 'tool_use', id: `toolu_${asked.id}`, name: call.name, input: call.args };
  const content = call === null && text === '' ? [] : [block];
  const stop_reason = call === null ? 'end_turn' : 'tool_use';
  const message = {
    id: `msg_${asked.id}`,
    type: 'message',
    role: 'assistant',
    model: asked.model,
    stop_sequence: null,
  };
  if (!asked.stream) {
    if (!cutNow(writing)) {
      writeJson(response, { status: 200, body: { ...message, content, stop_reason, usage } });
    }
    return;
  }
  const send = events(response);
  const event = (type: string, rest: object): void =>
    send(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  const begun = { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  event('message_start', { message: begun });
  if (cutNow(writing)) {
    return;
  }
  if (content.length > 0) {
    const opening = call === null ? { type: 'text', text: '' } : { ...block, input: {} };
    event('content_block_start', { index: 0, content_block: opening });
    for (const part of call === null ? chunksOf(text) : [JSON.stringify(call.args)]) {
      const delta =
        call === null ? { type: 'text_delta', text: part } : { type: 'input_json_delta', partial_json: part };
      event('content_block_delta', { index: 0, delta });
    }
    event('content_block_stop', { index: 0 });
  }
  const { output_tokens } = usage as { readonly output_tokens: number };
  event('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens } });
  event('message_stop', {});
  response.end();
}

function responses(writing: Writing): void {
  const { response, asked, answer, usage } = writing;
  const { call, text } = answer;
  const item =
    call === null
      ? {
          type: 'message',
          id: `msg_${asked.id}`,
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text, annotations: [] }],
        }
      : {
          type: 'function_call',
          id: `fc_${asked.id}`,
          call_id: `call_${asked.id}`,
          name: call.name,
          arguments: JSON.stringify(call.args),
          status: 'completed',
        };
  const whole = {
    id: `resp_${asked.id}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'completed',
    model: asked.model,
    output: [item],
    usage,
    error: null,
    incomplete_details: null,
    parallel_tool_calls: true,
  };
  const send = events(response);
  let sequence_number = 0;
  const event = (type: string, rest: object): void => {
    send(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...rest })}\n\n`);
    sequence_number += 1;
  };
  event('response.created', { response: { ...whole, status: 'in_progress', output: [], usage: null } });
  if (cutNow(writing)) {
    return;
  }
  const opened = { ...item, status: 'in_progress', ...(call === null ? { content: [] } : { arguments: '' }) };
  event('response.output_item.added', { output_index: 0, item: opened });
  const at = { item_id: item.id, output_index: 0, content_index: 0 };
  for (const part of call === null ? chunksOf(text) : []) {
    event('response.output_text.delta', { ...at, delta: part });
  }
  event('response.output_item.done', { output_index: 0, item });
  event('response.completed', { response: whole });
  response.end();
}

function chat(writing: Writing): void {
  const { response, asked, answer, usage } = writing;
  const { call, text } = answer;
  const tool_calls =
    call === null
      ? null
      : [
          {
            index: 0,
            id: `call_${asked.id}`,
            type: 'function',
            function: { name: call.name, arguments: JSON.stringify(call.args) },
          },
        ];
  const finish_reason = call === null ? 'stop' : 'tool_calls';
  const head = { id: `chatcmpl-${asked.id}`, created: Math.floor(Date.now() / 1000), model: asked.model };
  if (!asked.stream) {
    const message = {
      role: 'assistant',
      content: call === null ? text : null,
      ...(tool_calls === null ? {} : { tool_calls }),
    };
    if (!cutNow(writing)) {
      const body = { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage };
      writeJson(response, { status: 200, body });
    }
    return;
  }
  const send = events(response);
  const event = (rest: object): void =>
    send(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...rest })}\n\n`);
  const delta = (part: object, reason: string | null = null): void =>
    event({ choices: [{ index: 0, delta: part, finish_reason: reason }] });
  delta({ role: 'assistant', content: '' });
  if (cutNow(writing)) {
    return;
  }
  for (const part of tool_calls === null ? chunksOf(text).map((content) => ({ content })) : [{ tool_calls }]) {
    delta(part);
  }
  delta({}, finish_reason);
  event({ choices: [], usage });
  response.end('data: [DONE]\n\n');
}

function gemini(writing: Writing): void {
  const { response, asked, answer, usage } = writing;
  const { call, text } = answer;
  const verdict = { reasoning: 'mock', next_speaker: 'user', model_choice: 'flash', complexity_score: 10 };
  const part = asked.wantsJson
    ? { text: JSON.stringify(verdict) }
    : call === null
      ? { text }
      : { functionCall: { id: asked.id, name: call.name, args: call.args } };
  const body = {
    candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: usage,
    modelVersion: asked.model,
    responseId: asked.id,
  };
  if (cutNow(writing)) {
    return;
  }
  if (!asked.stream) {
    writeJson(response, { status: 200, body });
    return;
  }
  events(response)(`data: ${JSON.stringify(body)}\r\n\r\n`);
  response.end();
}
