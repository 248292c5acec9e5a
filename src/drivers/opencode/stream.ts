// Reads opencode's JSON events line by line and says what the end of the run means.

import { cutMiddle } from '../../lib/cut-text.ts';
import type { DriverVerdict, EndInput, StreamState, TokenUsage } from '../../ports/agent-driver.ts';
import { classifyError } from '../error-text.ts';
import { EventReader } from '../event-reader.ts';
import type { Finding, Proof } from '../finding.ts';
import { numberAt, objectAt, parseObject, textAt } from '../json-line.ts';
import type { Json } from '../json-line.ts';
import { judge, withoutProof } from '../judge.ts';
import { FINAL_TEXT_BYTES } from '../model-cli.ts';
import { microUsd, plus } from '../usage.ts';

/** Reasons to end a step that are no good end of a run. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['length', 'content-filter', 'error']);

const REJECTED = 'user rejected permission';

const ONLY_LOOK: ReadonlySet<string> = new Set([
  'glob',
  'grep',
  'list',
  'read',
  'todoread',
  'todowrite',
  'webfetch',
  'websearch',
]);

/** Reader of one attempt. */
export class OpencodeReader extends EventReader {
  #sessionId: string | null = null;
  #usage: TokenUsage | null = null;
  #dollars: number | null = null;
  /** Why the last step ended; null while one is open, or before the first. */
  #lastReason: string | null = null;
  #stepOpen = false;
  #lastText: string | null = null;
  #tools = 0;
  #actions = 0;
  #denials = 0;
  #error: Json | null = null;

  protected take(event: Json): void {
    this.#sessionId = textAt(event, 'sessionID') ?? this.#sessionId;
    const part = objectAt(event, 'part');
    switch (event['type']) {
      case 'step_start':
        this.#stepOpen = true;
        this.#lastReason = null;
        return;
      case 'text':
        this.#lastText = (textAt(part, 'text') ?? '').trim() === '' ? this.#lastText : textAt(part, 'text');
        return;
      case 'tool_use':
        this.#takeTool(part);
        return;
      case 'step_finish':
        this.#takeStep(part);
        return;
      case 'error':
        this.#error = objectAt(event, 'error');
        return;
      default:
        return;
    }
  }

  state(): StreamState {
    return {
      finished: this.#isFinished(),
      // Tools are printed when they have ended, so an open step may be one of them.
      toolOpen: this.#stepOpen,
      // It prints nothing while it tries again.
      retrying: false,
      sessionId: this.#sessionId,
      advice: null,
      usageSoFar: this.#usage,
    };
  }

  verdict(end: EndInput): DriverVerdict {
    const concluded = this.#conclude(end);
    return {
      ...judge(end, { end: concluded, waiting: null }),
      sessionId: this.#sessionId,
      usage: this.#usage,
      costMicroUsd: microUsd(this.#dollars),
      byModel: [],
      sessionTotal: null,
      resumable: this.#isResumable(concluded),
      denials: this.#denials,
      actions: this.#actions,
      finalText: this.#lastText === null ? null : cutMiddle(this.#lastText, FINAL_TEXT_BYTES),
    };
  }

  #isFinished(): boolean {
    return this.#lastReason !== null && this.#lastReason !== 'tool-calls';
  }

  #conclude(end: EndInput): Finding | Proof {
    if (this.#error !== null) {
      return ofError(this.#error);
    }
    if (this.#lastReason === 'tool-calls' && this.#denials > 0) {
      return { class: 'setup', evidence: 'a rejected permission ended the run after its tool call' };
    }
    if (this.#lastReason === null || !this.#isFinished()) {
      return withoutProof(end, this.errorText);
    }
    const evidence = `step_finish: reason ${this.#lastReason}`;
    if (BROKEN_OFF.has(this.#lastReason)) {
      return { class: 'agent_failure', evidence };
    }
    return this.#lastText === null && this.#tools === 0
      ? { class: 'empty_success', evidence: `${evidence}, without text or tool call` }
      : { class: null, evidence };
  }

  #takeTool(part: Json): void {
    const state = objectAt(part, 'state');
    this.#tools += 1;
    this.#actions += ONLY_LOOK.has(textAt(part, 'tool') ?? '') ? 0 : 1;
    if (state['status'] === 'error' && (textAt(state, 'error') ?? '').includes(REJECTED)) {
      this.#denials += 1;
    }
  }

  #takeStep(part: Json): void {
    this.#stepOpen = false;
    this.#lastReason = textAt(part, 'reason') ?? 'unknown';
    this.#error = null;
    const usage = countsOf(objectAt(part, 'tokens'));
    this.#usage = this.#usage === null ? usage : plus(this.#usage, usage);
    const cost = numberAt(part, 'cost');
    this.#dollars = cost === null ? this.#dollars : (this.#dollars ?? 0) + cost;
  }

  #isResumable(concluded: Finding | Proof): boolean | null {
    if (concluded.class === 'context' || concluded.class === 'bad_session') {
      return false;
    }
    const unclear = this.#error !== null && textAt(this.#error, 'name') === 'UnknownError';
    return this.#sessionId === null || unclear ? null : true;
  }
}

/** Its errors are the best of all CLIs: status, provider's code and retry-after are fields. */
function ofError(error: Json): Finding {
  const data = objectAt(error, 'data');
  const name = textAt(error, 'name') ?? 'error';
  const provider = objectAt(parseObject(textAt(data, 'responseBody') ?? '') ?? {}, 'error');
  const found = classifyError({
    status: numberAt(data, 'statusCode'),
    codes: [name, textAt(provider, 'code'), textAt(provider, 'type')].filter((code) => code !== null),
    text: textAt(data, 'message') ?? '',
  });
  if (found === null) {
    return { class: 'agent_failure', evidence: 'error event without a known cause' };
  }
  return {
    ...found,
    evidence: `error event: ${found.evidence}`,
    retryAfterMs: retryAfter(objectAt(data, 'responseHeaders')),
  };
}

function retryAfter(headers: Json): number | null {
  const seconds = Number(textAt(headers, 'retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1000) : null;
}

function countsOf(tokens: Json): TokenUsage {
  const cache = objectAt(tokens, 'cache');
  return {
    input: numberAt(tokens, 'input'),
    cacheRead: numberAt(cache, 'read'),
    cacheWrite: numberAt(cache, 'write'),
    output: numberAt(tokens, 'output'),
    reasoning: numberAt(tokens, 'reasoning'),
  };
}
