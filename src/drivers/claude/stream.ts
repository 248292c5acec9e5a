// Reads Claude Code's stream-json (or its one JSON object) line by line and remembers what a verdict needs.

import { cutMiddle } from '../../lib/cut-text.ts';
import type { DriverVerdict, EndInput, StreamState } from '../../ports/agent-driver.ts';
import { EventReader } from '../event-reader.ts';
import { numberAt, objectAt, objectsAt, textAt } from '../json-line.ts';
import type { Json } from '../json-line.ts';
import { MessageUsage } from '../message-usage.ts';
import { FINAL_TEXT_BYTES } from '../model-cli.ts';
import { OpenTools } from '../open-tools.ts';
import { ResultCounts } from './counts.ts';
import { claudeVerdict } from './verdict.ts';

const ONLY_LOOK = ['Glob', 'Grep', 'LS', 'NotebookRead', 'Read', 'TodoWrite', 'WebFetch', 'WebSearch'] as const;

/** Reader of one attempt. */
export class ClaudeReader extends EventReader {
  readonly #usage = new MessageUsage();
  readonly #tools = new OpenTools(ONLY_LOOK);
  readonly #counts = new ResultCounts();
  #sessionId: string | null = null;
  #keySource: string | null = null;
  #result: Json | null = null;
  #messageError: string | null = null;
  #rejectedUntil: number | null = null;
  #lastText: string | null = null;
  #toldMessages = false;
  #streaming: string | null = null;
  #retrying = false;

  protected take(event: Json): void {
    this.#retrying = event['type'] === 'system' && event['subtype'] === 'api_retry';
    this.#sessionId = textAt(event, 'session_id') ?? this.#sessionId;
    this.#keySource = textAt(event, 'apiKeySource') ?? this.#keySource;
    switch (event['type']) {
      case 'assistant':
        this.#takeMessage(event);
        return;
      case 'user':
        this.#takeToolResults(event);
        return;
      case 'stream_event':
        this.#takePartial(objectAt(event, 'event'));
        return;
      case 'rate_limit_event':
        this.#takeLimit(objectAt(event, 'rate_limit_info'));
        return;
      case 'result':
        this.#result = event;
        this.#counts.take(event);
        return;
      default:
        return;
    }
  }

  state(): StreamState {
    return {
      finished: this.#result !== null,
      toolOpen: this.#tools.any,
      retrying: this.#retrying,
      sessionId: this.#sessionId,
      advice: null,
      usageSoFar: this.#usage.known(),
    };
  }

  verdict(end: EndInput): DriverVerdict {
    const text = this.#result === null ? this.#lastText : (textAt(this.#result, 'result') ?? this.#lastText);
    return claudeVerdict(end, {
      sessionId: this.#sessionId,
      result: this.#result,
      messageError: this.#messageError,
      rejectedUntil: this.#rejectedUntil,
      saidSomething: this.#lastText !== null,
      usedTools: this.#tools.begun > 0,
      keySource: this.#keySource,
      actions: this.#toldMessages ? this.#tools.actions : null,
      counts: this.#counts,
      messages: this.#usage.exact(),
      errorText: this.errorText,
      finalText: text === null || text === '' ? null : cutMiddle(text, FINAL_TEXT_BYTES),
    });
  }

  #takeMessage(event: Json): void {
    const message = objectAt(event, 'message');
    this.#toldMessages = true;
    const isMain = event['parent_tool_use_id'] === null || event['parent_tool_use_id'] === undefined;
    if (isMain) {
      this.#result = null;
      this.#messageError = textAt(event, 'error');
    }
    for (const block of objectsAt(message, 'content')) {
      if (block['type'] === 'tool_use') {
        this.#tools.begin(textAt(block, 'id') ?? '', textAt(block, 'name'));
      } else if (block['type'] === 'text' && isMain && this.#messageError === null) {
        const text = textAt(block, 'text') ?? '';
        this.#lastText = text.trim() === '' ? this.#lastText : text;
      }
    }
    const id = textAt(message, 'id');
    // A synthetic message is claude's own error text: its zeros are no count of the provider.
    if (id !== null && message['model'] !== '<synthetic>') {
      this.#count(id, objectAt(message, 'usage'));
    }
  }

  /** A message's own count of output is where it began, not where it ended: only message_delta tells that. */
  #count(id: string, usage: Json): void {
    const before = this.#usage.get(id);
    this.#usage.set(id, {
      input: numberAt(usage, 'input_tokens') ?? before?.input ?? null,
      cacheRead: numberAt(usage, 'cache_read_input_tokens') ?? before?.cacheRead ?? null,
      cacheWrite: numberAt(usage, 'cache_creation_input_tokens') ?? before?.cacheWrite ?? null,
      output: before?.output ?? null,
      reasoning: null,
    });
  }

  #takePartial(event: Json): void {
    if (event['type'] === 'message_start') {
      const message = objectAt(event, 'message');
      this.#streaming = textAt(message, 'id');
      if (this.#streaming !== null) {
        this.#count(this.#streaming, objectAt(message, 'usage'));
      }
      return;
    }
    const before = this.#streaming === null ? null : this.#usage.get(this.#streaming);
    if (event['type'] === 'message_delta' && this.#streaming !== null && before !== null) {
      const output = numberAt(objectAt(event, 'usage'), 'output_tokens');
      this.#usage.set(this.#streaming, { ...before, output: output ?? before.output });
    }
  }

  #takeToolResults(event: Json): void {
    for (const block of objectsAt(objectAt(event, 'message'), 'content')) {
      if (block['type'] === 'tool_result') {
        this.#tools.end(textAt(block, 'tool_use_id') ?? '');
      }
    }
  }

  #takeLimit(info: Json): void {
    const resetsAt = numberAt(info, 'resetsAt');
    if (info['status'] === 'rejected') {
      this.#rejectedUntil = resetsAt === null ? null : resetsAt * 1000;
    }
  }
}
