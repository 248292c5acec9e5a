// What agent CLIs print, as far as a verdict needs it: for tests whose host is pretended.

/** Tokens of one pretended run. */
export interface SaidUsage {
  readonly input: number;
  readonly output: number;
}

const USED: SaidUsage = { input: 100, output: 10 };

/** Claude's stream of a run in `session`: its last words, and a result that is a success unless it has an API `status`. */
export function claudeSaid(said: {
  readonly session: string;
  readonly text?: string;
  readonly status?: number;
  readonly used?: SaidUsage;
  readonly costUsd?: number;
  readonly resetsAt?: number;
  /** A tool that it called before. */
  readonly tool?: string;
}): string {
  const { session, text = 'Done.', status, used = USED, costUsd = 0.01, resetsAt, tool } = said;
  const usage = { input_tokens: used.input, output_tokens: used.output, cache_read_input_tokens: 0 };
  const model = { inputTokens: used.input, outputTokens: used.output, cacheReadInputTokens: 0, costUSD: costUsd };
  const called = { id: 'm0', content: [{ type: 'tool_use', id: 't1', name: tool, input: {} }], usage };
  return lines([
    { type: 'system', subtype: 'init', session_id: session },
    ...(tool === undefined ? [] : [{ type: 'assistant', session_id: session, message: called }]),
    { type: 'assistant', session_id: session, message: { id: 'm1', content: [{ type: 'text', text }], usage } },
    ...(resetsAt === undefined
      ? []
      : [{ type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt } }]),
    {
      type: 'result',
      subtype: 'success',
      is_error: status !== undefined,
      ...(status === undefined ? {} : { api_error_status: status }),
      session_id: session,
      result: text,
      total_cost_usd: costUsd,
      usage,
      modelUsage: { 'claude-sonnet-4-5': model },
      model_usage_since_last_result: { 'claude-sonnet-4-5': model },
    },
  ]);
}

/** Claude's stream of a conversation that outgrew its model. */
export function claudeTooLong(session: string, text: string): string {
  const result = { type: 'result', subtype: 'success', is_error: true, terminal_reason: 'prompt_too_long' };
  return lines([
    { type: 'system', subtype: 'init', session_id: session },
    { type: 'assistant', session_id: session, message: { id: 'm1', content: [{ type: 'text', text }] } },
    { ...result, session_id: session, usage: { input_tokens: 1, output_tokens: 1 } },
  ]);
}

/** Codex's stream of a turn in `thread`; \`total\`: its counter, which goes on from run to run. */
export function codexSaid(thread: string, total: SaidUsage, failed?: string): string {
  const usage = { input_tokens: total.input, cached_input_tokens: 0, output_tokens: total.output };
  return lines([
    { type: 'thread.started', thread_id: thread },
    { type: 'turn.started' },
    ...(failed === undefined
      ? [
          { type: 'item.completed', item: { id: 'i1', type: 'agent_message', text: 'Done.' } },
          { type: 'turn.completed', usage },
        ]
      : [{ type: 'turn.failed', error: { message: failed } }]),
  ]);
}

function lines(events: readonly object[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}
