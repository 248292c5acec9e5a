// What was seen of one run of Claude Code: handed from its reader to its verdict.

import type { TokenUsage } from '../../ports/agent-driver.ts';
import type { Json } from '../json-line.ts';
import type { ResultCounts } from './counts.ts';

/** The words of one run. */
export interface ClaudeWords {
  readonly sessionId: string | null;
  /** The terminal event, unless work went on after it. */
  readonly result: Json | null;
  /** `error` of the last message of the main thread: what stood between it and an answer. */
  readonly messageError: string | null;
  /** Epoch ms of the reset that a rejecting rate_limit_event names. */
  readonly rejectedUntil: number | null;
  readonly saidSomething: boolean;
  readonly usedTools: boolean;
  /** Where its login comes from, as it says when it begins. */
  readonly keySource: string | null;
  /** As `DriverVerdict` says. */
  readonly actions: number | null;
  readonly counts: ResultCounts;
  /** Sums of the messages: all there is when no result was printed. */
  readonly messages: TokenUsage | null;
  readonly errorText: string | null;
  readonly finalText: string | null;
}
