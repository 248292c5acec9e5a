// Reads the Gemini CLI's stream-json (or its one JSON object) line by line and says what the end of the run means.

import { cutMiddle } from '../../lib/cut-text.ts';
import type { DriverVerdict, EndInput, ModelUsage, StreamState, TokenUsage } from '../../ports/agent-driver.ts';
import { EventReader } from '../event-reader.ts';
import type { Finding, Proof } from '../finding.ts';
import { objectAt, textAt } from '../json-line.ts';
import type { Json } from '../json-line.ts';
import { exitInWords, judge, withoutProof } from '../judge.ts';
import { FINAL_TEXT_BYTES } from '../model-cli.ts';
import { OpenTools } from '../open-tools.ts';
import { TrailingObject } from './document.ts';
import { geminiFinding } from './errors.ts';
import { countsOf, modelsOf, sumOf } from './counts.ts';

const ONLY_LOOK = [
  'glob',
  'google_web_search',
  'grep_search',
  'list_directory',
  'read_file',
  'read_many_files',
  'search_file_content',
  'web_fetch',
] as const;

const LOOP = 'Loop detected';
const ATTEMPT_FAILED = /^Attempt \d+ failed/;

/** Reader of one attempt. */
export class GeminiReader extends EventReader {
  readonly #tools = new OpenTools(ONLY_LOOK);
  /** With `-o json` the answer is one object on stdout, or an error object at the end of stderr. */
  readonly #answer = new TrailingObject();
  readonly #errorObject = new TrailingObject();
  #sessionId: string | null = null;
  #result: Json | null = null;
  #loop = false;
  #spoke = false;
  /** What it said since its last tool call, in pieces as they came. */
  #said = '';
  #waiting: Finding | null = null;

  override push(line: string): void {
    this.#answer.push(line);
    super.push(line);
  }

  protected take(event: Json): void {
    this.#waiting = null;
    this.#sessionId = textAt(event, 'session_id') ?? this.#sessionId;
    switch (event['type']) {
      case 'message':
        this.#takeMessage(event);
        return;
      case 'tool_use':
        this.#said = '';
        this.#tools.begin(textAt(event, 'tool_id') ?? '', textAt(event, 'tool_name'));
        return;
      case 'tool_result':
        this.#tools.end(textAt(event, 'tool_id') ?? '');
        return;
      case 'error':
        this.#loop ||= (textAt(event, 'message') ?? '').startsWith(LOOP);
        return;
      case 'result':
        this.#result = event;
        return;
      default:
        return;
    }
  }

  override pushError(line: string): void {
    super.pushError(line);
    this.#errorObject.push(line);
    if (ATTEMPT_FAILED.test(line)) {
      const found = geminiFinding(null, line);
      this.#waiting = found === null ? null : { class: found.class, evidence: `retrying: ${found.evidence}` };
    }
  }

  state(): StreamState {
    return {
      advice: null,
      usageSoFar: null,
      finished: this.#result !== null,
      toolOpen: this.#tools.any,
      retrying: this.#waiting !== null,
      sessionId: this.#sessionId,
    };
  }

  verdict(end: EndInput): DriverVerdict {
    const whole = this.#result === null ? this.#answer.value() : null;
    const concluded = this.#conclude(end, whole);
    const named = whole ?? this.#errorObject.value();
    return {
      ...judge(end, { end: concluded, waiting: this.#waiting }),
      sessionId: this.#sessionId ?? (named === null ? null : textAt(named, 'session_id')),
      usage: this.#usage(whole),
      costMicroUsd: null,
      byModel: this.#byModel(whole),
      sessionTotal: null,
      resumable: this.#isResumable(concluded, whole),
      denials: 0,
      actions: this.#result === null ? null : this.#tools.actions,
      finalText: this.#lastWords(whole),
    };
  }

  #conclude(end: EndInput, whole: Json | null): Finding | Proof {
    if (this.#result !== null) {
      return this.#ofResult(this.#result, end);
    }
    if (whole !== null && typeof whole['response'] === 'string' && whole['error'] === undefined) {
      return whole['response'].trim() === ''
        ? { class: 'empty_success', evidence: 'json: no error, empty response' }
        : { class: null, evidence: 'json: response and no error' };
    }
    const found = end.code === 0 ? null : geminiFinding(end.code, this.errorText ?? '');
    return found === null
      ? withoutProof(end, this.errorText)
      : { ...found, evidence: `${exitInWords(end)}: ${found.evidence}` };
  }

  #ofResult(result: Json, end: EndInput): Finding | Proof {
    if (this.#loop) {
      return { class: 'agent_failure', evidence: 'error event: loop detected' };
    }
    if (result['status'] === 'success') {
      return !this.#spoke && this.#tools.begun === 0
        ? { class: 'empty_success', evidence: 'result: status success without text or tool call' }
        : { class: null, evidence: 'result: status success' };
    }
    const error = objectAt(result, 'error');
    if (textAt(error, 'type') === 'FatalTurnLimitedError') {
      return { class: 'own_limit', evidence: 'result: FatalTurnLimitedError' };
    }
    const found = geminiFinding(end.code, textAt(error, 'message') ?? '');
    return found === null
      ? { class: 'agent_failure', evidence: 'result: status error' }
      : { ...found, evidence: `result: status error, ${found.evidence}` };
  }

  #takeMessage(event: Json): void {
    const content = textAt(event, 'content') ?? '';
    if (event['role'] === 'assistant') {
      this.#spoke ||= content.trim() !== '';
      this.#said = (this.#said + content).slice(-FINAL_TEXT_BYTES);
    }
  }

  #usage(whole: Json | null): TokenUsage | null {
    return this.#result === null ? sumOf(this.#byModel(whole)) : countsOf(objectAt(this.#result, 'stats'));
  }

  #byModel(whole: Json | null): readonly ModelUsage[] {
    const stats = objectAt(this.#result ?? whole ?? {}, 'stats');
    return modelsOf(objectAt(stats, 'models'));
  }

  #lastWords(whole: Json | null): string | null {
    const text = whole === null ? this.#said : textAt(whole, 'response');
    return text === null || text === '' ? null : cutMiddle(text, FINAL_TEXT_BYTES);
  }

  /** It writes a session with an answer, and a turn that was killed is not in it. */
  #isResumable(concluded: Finding | Proof, whole: Json | null): boolean | null {
    if (concluded.class === 'bad_session' || concluded.class === 'context') {
      return false;
    }
    const answered = this.#spoke || this.#tools.begun > 0;
    if (this.#result !== null || whole !== null) {
      return answered || (whole !== null && concluded.class === null);
    }
    return answered || this.#errorObject.value() !== null ? false : null;
  }
}
