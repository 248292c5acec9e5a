// Reads codex's JSON events line by line and says what the end of the run means.

import { cutMiddle } from '../../lib/cut-text.ts';
import type { DriverVerdict, EndInput, SessionTotal, StreamState, TokenUsage } from '../../ports/agent-driver.ts';
import { classifyText, statusIn } from '../error-text.ts';
import { EventReader } from '../event-reader.ts';
import type { Finding, Proof } from '../finding.ts';
import { numberAt, objectAt, parseObject, textAt } from '../json-line.ts';
import type { Json } from '../json-line.ts';
import { judge, withoutProof } from '../judge.ts';
import { FINAL_TEXT_BYTES } from '../model-cli.ts';
import { OpenTools } from '../open-tools.ts';
import { resetAtIn } from '../reset-time.ts';
import { shareOf, splitReasoning, standing, withoutParts } from '../usage.ts';

/** Codex waits for a network for ever; after this many notices in a row nobody expects it back soon. */
const MAX_NETWORK_NOTICES = 3;

const RECONNECTING = 'Reconnecting...';
const WAITING_FOR_NETWORK = 'waiting for network';
const TEXT_ITEMS: ReadonlySet<string> = new Set(['agent_message', 'reasoning', 'error', 'todo_list']);

const ONLY_LOOK = ['web_search'] as const;

/** Reader of one attempt. */
export class CodexReader extends EventReader {
  readonly #tools = new OpenTools(ONLY_LOOK);
  #threadId: string | null = null;
  #outcome: { readonly kind: 'completed' } | { readonly kind: 'failed'; readonly message: string } | null = null;
  #total: TokenUsage | null = null;
  /** What this turn used so far, by its rollout file. */
  #soFar: TokenUsage | null = null;
  #lastText: string | null = null;
  #lastError: string | null = null;
  #waiting: Finding | null = null;
  #networkNotices = 0;
  #seenWork = false;

  protected take(event: Json): void {
    switch (event['type']) {
      case 'thread.started':
        this.#threadId = textAt(event, 'thread_id') ?? this.#threadId;
        return;
      case 'turn.started':
        this.#outcome = null;
        return;
      case 'turn.completed':
        this.#outcome = { kind: 'completed' };
        this.#total = countsOf(objectAt(event, 'usage'));
        return;
      case 'turn.failed':
        this.#outcome = { kind: 'failed', message: textAt(objectAt(event, 'error'), 'message') ?? '' };
        return;
      case 'error':
        this.#takeError(textAt(event, 'message') ?? '');
        return;
      case 'item.started':
      case 'item.completed':
        this.#takeItem(objectAt(event, 'item'), event['type'] === 'item.started');
        return;
      default:
        return;
    }
  }

  /** The rollout file of a thread holds all its turns; each answer is recorded with the sum of its turn, whatever ends it. */
  override pushSide(line: string, since: string): void {
    const record = parseObject(line) ?? {};
    if (record['type'] === 'token_usage_record' && (textAt(record, 'timestamp') ?? '') >= since) {
      const usage = objectAt(objectAt(record, 'payload'), 'turn_token_usage');
      this.#soFar = numberAt(usage, 'input_tokens') === null ? this.#soFar : countsOf(usage);
    }
  }

  state(): StreamState {
    const lost = this.#networkNotices >= MAX_NETWORK_NOTICES;
    return {
      finished: this.#outcome !== null,
      toolOpen: this.#tools.any,
      retrying: this.#waiting !== null,
      sessionId: this.#threadId,
      advice: lost ? { stop: 'codex waits for a network without end', class: 'network' } : null,
      usageSoFar: this.#soFar,
    };
  }

  verdict(end: EndInput): DriverVerdict {
    const concluded = this.#conclude(end);
    const total: SessionTotal | null = this.#total === null ? null : { usage: this.#total, costMicroUsd: null };
    return {
      ...judge(end, { end: concluded, waiting: this.#waiting }),
      sessionId: this.#threadId,
      usage: (total === null ? null : shareOf(total, end.previousTotal)?.usage) ?? this.#soFar,
      costMicroUsd: null,
      byModel: [],
      sessionTotal: total ?? standing(end.previousTotal),
      resumable: this.#isResumable(concluded, end),
      denials: 0,
      actions: this.#tools.actions,
      finalText: this.#lastText === null ? null : cutMiddle(this.#lastText, FINAL_TEXT_BYTES),
    };
  }

  #conclude(end: EndInput): Finding | Proof {
    if (this.#outcome?.kind === 'completed') {
      return this.#lastText === null && this.#tools.begun === 0
        ? { class: 'empty_success', evidence: 'turn.completed without text or tool call' }
        : { class: null, evidence: 'turn.completed' };
    }
    const message = this.#outcome?.message ?? this.#lastError;
    const found = message === null ? null : classifyText(message);
    if (message !== null && found !== null) {
      const resetAt = found.class === 'quota' ? resetAtIn(message, end.endedAt, end.utcOffsetMs ?? 0) : null;
      return { ...found, evidence: `${this.#outcome === null ? 'error' : 'turn.failed'}: ${found.evidence}`, resetAt };
    }
    return this.#outcome === null
      ? withoutProof(end, this.errorText)
      : { class: 'agent_failure', evidence: 'turn.failed' };
  }

  /** "Reconnecting… n/m" is not final: the run may still go well. */
  #takeError(message: string): void {
    if (!message.startsWith(RECONNECTING)) {
      this.#lastError = message;
      return;
    }
    const found = classifyText(message);
    this.#waiting = found === null ? null : { class: found.class, evidence: `waiting: ${found.evidence}` };
    this.#networkNotices = message.includes(WAITING_FOR_NETWORK) ? this.#networkNotices + 1 : 0;
  }

  #takeItem(item: Json, begins: boolean): void {
    const type = textAt(item, 'type') ?? '';
    // An item of type error is a warning, and no sign that the provider answered.
    if (type === 'error') {
      return;
    }
    this.#seenWork = true;
    this.#waiting = null;
    this.#lastError = null;
    this.#networkNotices = 0;
    const text = textAt(item, 'text') ?? '';
    if (type === 'agent_message' && text.trim() !== '') {
      this.#lastText = text;
    }
    if (TEXT_ITEMS.has(type)) {
      return;
    }
    const id = textAt(item, 'id') ?? '';
    // A change of files may be told only once it is done.
    if (begins || !this.#tools.has(id)) {
      this.#tools.begin(id, type);
    }
    if (!begins) {
      this.#tools.end(id);
    }
  }

  #isResumable(concluded: Finding | Proof, end: EndInput): boolean | null {
    if (
      concluded.class === 'context' ||
      concluded.class === 'bad_session' ||
      end.args?.includes('--ephemeral') === true
    ) {
      return false;
    }
    const asked = this.#seenWork || this.#waiting !== null || this.#lastError !== null || this.#outcome !== null;
    const sentNothing = concluded.class === 'auth' && statusIn(this.#lastError ?? this.#failure() ?? '') === null;
    return this.#threadId === null || !asked || sentNothing ? null : true;
  }

  #failure(): string | null {
    return this.#outcome?.kind === 'failed' ? this.#outcome.message : null;
  }
}

/** Cached and written input are parts of the input, reasoning is a part of the output. */
function countsOf(usage: Json): TokenUsage {
  const cacheRead = numberAt(usage, 'cached_input_tokens');
  const cacheWrite = numberAt(usage, 'cache_write_input_tokens');
  return {
    input: withoutParts(numberAt(usage, 'input_tokens'), cacheRead, cacheWrite),
    cacheRead,
    cacheWrite,
    ...splitReasoning(numberAt(usage, 'output_tokens'), numberAt(usage, 'reasoning_output_tokens')),
  };
}
