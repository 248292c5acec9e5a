// Reads Qwen Code's stream-json (or its JSON array) line by line and says what the end of the run means.

import { cutMiddle } from '../../lib/cut-text.ts';
import type { DriverVerdict, EndInput, SessionTotal, StreamState, TokenUsage } from '../../ports/agent-driver.ts';
import { classifyText } from '../error-text.ts';
import { EventReader } from '../event-reader.ts';
import type { Finding, Proof } from '../finding.ts';
import { numberAt, objectAt, objectsAt, textAt } from '../json-line.ts';
import type { Json } from '../json-line.ts';
import { judge, withoutProof } from '../judge.ts';
import { MessageUsage } from '../message-usage.ts';
import { FINAL_TEXT_BYTES } from '../model-cli.ts';
import { OpenTools } from '../open-tools.ts';
import { plus, shareOf, standing, withoutParts } from '../usage.ts';

const ONLY_LOOK = [
  'glob',
  'grep_search',
  'list_directory',
  'read_file',
  'todo_write',
  'web_fetch',
  'web_search',
] as const;

/** A wait this long is ours to do: the default goes on for ten rounds of it, with 28 requests each. */
const LONG_RETRY_MS = 60_000;

/** Exit codes of limits that we gave it; they print no result. */
const LIMIT_CODES: ReadonlySet<number | null> = new Set([53, 55]);

const RETRYING = /^Retrying in \d/;

/** Reader of one attempt. */
export class QwenReader extends EventReader {
  readonly #usage = new MessageUsage();
  readonly #tools = new OpenTools(ONLY_LOOK);
  #sessionId: string | null = null;
  #begun = false;
  /** The one model that it named so far; null: none, or several, whose shares nobody tells. */
  #model: string | null = null;
  #severalModels = false;
  #result: Json | null = null;
  #lastText: string | null = null;
  /** The delay of the retry that it is waiting for, if that is long. */
  #longDelayMs: number | null = null;
  #retryCause: string | null = null;
  #answered = false;
  #retrying = false;

  override pushError(line: string): void {
    super.pushError(line);
    if (RETRYING.test(line)) {
      this.#retrying = true;
      this.#retryCause = line;
    }
  }

  state(): StreamState {
    const waiting = this.#waiting();
    return {
      finished: this.#result !== null,
      toolOpen: this.#tools.any,
      retrying: this.#retrying,
      sessionId: this.#sessionId,
      advice: waiting === null ? null : { stop: `qwen would wait ${this.#longDelayMs ?? 0} ms`, class: waiting.class },
      usageSoFar: this.#usage.known(),
    };
  }

  verdict(end: EndInput): DriverVerdict {
    const concluded = this.#conclude(end);
    const messages = this.#usage.exact();
    const total = this.#total(end, messages);
    const share =
      this.#result === null || total === null ? messages : (shareOf(total, end.previousTotal)?.usage ?? null);
    const text = (this.#result === null ? null : textAt(this.#result, 'result')) ?? this.#lastText;
    return {
      ...judge(end, { end: concluded, waiting: this.#waiting() }),
      sessionId: this.#sessionId,
      usage: share,
      costMicroUsd: null,
      byModel: this.#model === null || share === null ? [] : [{ model: this.#model, usage: share }],
      sessionTotal: total,
      resumable: this.#isResumable(concluded),
      denials: this.#result === null ? 0 : objectsAt(this.#result, 'permission_denials').length,
      actions: this.#answered ? this.#tools.actions : null,
      finalText: text === null || text === '' ? null : cutMiddle(text, FINAL_TEXT_BYTES),
    };
  }

  protected take(event: Json): void {
    switch (event['type']) {
      case 'system':
        this.#takeSystem(event);
        break;
      case 'assistant':
        this.#takeMessage(objectAt(event, 'message'));
        break;
      case 'user':
        for (const block of objectsAt(objectAt(event, 'message'), 'content')) {
          this.#tools.end(textAt(block, 'tool_use_id') ?? '');
        }
        break;
      case 'result':
        this.#result = event;
        break;
      default:
        break;
    }
    this.#sessionId = textAt(event, 'session_id') ?? this.#sessionId;
  }

  #takeSystem(event: Json): void {
    if (event['subtype'] === 'init') {
      this.#begun = true;
      this.#takeModel(textAt(event, 'model'));
    }
    if (event['subtype'] === 'retry') {
      this.#answered = true;
      this.#retrying = true;
      const delayMs = numberAt(objectAt(event, 'data'), 'delayMs');
      // Some retries name no delay; they follow one that did and do not end its wait.
      this.#longDelayMs = delayMs === null ? this.#longDelayMs : delayMs >= LONG_RETRY_MS ? delayMs : null;
    }
  }

  #takeMessage(message: Json): void {
    this.#answered = true;
    this.#retrying = false;
    this.#longDelayMs = null;
    this.#result = null;
    for (const block of objectsAt(message, 'content')) {
      if (block['type'] === 'tool_use') {
        this.#tools.begin(textAt(block, 'id') ?? '', textAt(block, 'name'));
      }
      const text = block['type'] === 'text' ? (textAt(block, 'text') ?? '') : '';
      this.#lastText = text.trim() === '' ? this.#lastText : text;
    }
    this.#takeModel(textAt(message, 'model'));
    this.#usage.set(textAt(message, 'id') ?? '', countsOf(objectAt(message, 'usage')));
  }

  #takeModel(model: string | null): void {
    this.#severalModels ||= model !== null && this.#model !== null && model !== this.#model;
    this.#model = this.#severalModels ? null : (model ?? this.#model);
  }

  /** The words of its long wait: the event has no cause, stderr has. */
  #waiting(): Finding | null {
    if (this.#longDelayMs === null) {
      return null;
    }
    const found = this.#retryCause === null ? null : classifyText(this.#retryCause);
    return { class: found?.class ?? 'rate', evidence: `system/retry: ${found?.evidence ?? 'a long delay'}` };
  }

  #conclude(end: EndInput): Finding | Proof {
    if (this.#result === null) {
      return LIMIT_CODES.has(end.code)
        ? { class: 'own_limit', evidence: `exit ${end.code ?? ''} (a limit of ours)` }
        : withoutProof(end, this.errorText);
    }
    const subtype = textAt(this.#result, 'subtype') ?? 'none';
    if (this.#result['is_error'] === false && subtype === 'success') {
      const silent = (textAt(this.#result, 'result') ?? '').trim() === '' && this.#lastText === null;
      return silent && this.#tools.begun === 0
        ? { class: 'empty_success', evidence: 'result: success without text or tool call' }
        : { class: null, evidence: 'result: subtype success, is_error false' };
    }
    const found = classifyText(textAt(objectAt(this.#result, 'error'), 'message') ?? '');
    return found === null
      ? { class: 'agent_failure', evidence: `result: subtype ${subtype}, is_error true` }
      : { ...found, evidence: `result: is_error, ${found.evidence}` };
  }

  /** A run that was killed is in the next total, with what its messages said. */
  #total(end: EndInput, messages: TokenUsage | null): SessionTotal | null {
    if (this.#result !== null) {
      return { usage: countsOf(objectAt(this.#result, 'usage')), costMicroUsd: null };
    }
    const before = standing(end.previousTotal);
    return before === null || messages === null
      ? before
      : { usage: plus({ ...before.usage, cacheWrite: null, reasoning: null }, messages), costMicroUsd: null };
  }

  #isResumable(concluded: Finding | Proof): boolean | null {
    if (concluded.class === 'context' || concluded.class === 'bad_session') {
      return false;
    }
    return this.#begun && (this.#answered || this.#result !== null) ? true : null;
  }
}

/** Cached input is a part of the input; reasoning and cache writes are told nowhere. */
function countsOf(usage: Json): TokenUsage {
  const cacheRead = numberAt(usage, 'cache_read_input_tokens') ?? (numberAt(usage, 'input_tokens') === 0 ? 0 : null);
  return {
    input: withoutParts(numberAt(usage, 'input_tokens'), cacheRead),
    cacheRead,
    cacheWrite: null,
    output: numberAt(usage, 'output_tokens'),
    reasoning: null,
  };
}
