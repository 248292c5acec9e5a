// The driver for programs without one of their own: the exit status is the only witness, `timeout` the only deadline.

import { OutputTail } from '../output-tail.ts';
import type {
  AgentDriver,
  DriverVerdict,
  EndInput,
  Habits,
  StreamReader,
  StreamState,
} from '../../ports/agent-driver.ts';
import { execStart } from './argv.ts';

/** Signals by which somebody ends a program; any other one is the program's own crash. */
const SENT_BY_SOMEBODY: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);

/** A quiet `git fsck` is not stalled, and programs know terminate, not interrupt. */
const HABITS: Habits = {
  separateStderr: false,
  stopManner: 'terminate-first',
  firstOutputMs: null,
  idleMs: null,
  idleWithToolMs: null,
};

const SILENT: StreamState = { finished: false, toolOpen: false, sessionId: null, advice: null, usageSoFar: null };

/** Keeps the end of the output; nothing in it decides. */
class ExecReader implements StreamReader {
  private readonly tail = new OutputTail();

  push(line: string): void {
    this.tail.push(line);
  }

  pushError(line: string): void {
    this.tail.push(line);
  }

  state(): StreamState {
    return SILENT;
  }

  verdict(end: EndInput): DriverVerdict {
    return {
      ...judge(end),
      sessionId: null,
      usage: null,
      costMicroUsd: null,
      printedTotal: null,
      resumable: null,
      retryAfterMs: null,
      resetAt: null,
      finalText: this.tail.text(),
    };
  }
}

/** Any program. */
export const execDriver: AgentDriver = {
  name: 'exec',
  habits: HABITS,
  capabilities: {
    prompt: 'script or stdin',
    sessionId: 'none',
    resume: false,
    fork: false,
    usage: 'none',
    cost: 'none',
    modelFlag: null,
    budgetFlag: null,
    turnFlag: null,
    exitCodes: [
      { code: '0', meaning: 'succeeded' },
      { code: 'any other', meaning: 'agent_failure' },
    ],
    knownLies: ['whatever the program says with its exit code is believed'],
    usageGaps: [],
    measuredWith: null,
  },
  launch: (input) => ({ ...HABITS, ...execStart(input), sessionId: null }),
  reader: () => new ExecReader(),
};

function judge({ code, signal, stop }: EndInput): Pick<DriverVerdict, 'outcome' | 'class' | 'evidence'> {
  const evidence = code === null ? (signal ?? 'exit status unknown') : `exit ${code}`;
  if (stop !== null && stop.kind !== 'finished') {
    return { outcome: 'stopped', class: null, evidence };
  }
  if (code === 0) {
    return { outcome: 'succeeded', class: null, evidence };
  }
  if (code === null && signal === null) {
    return { outcome: 'failed', class: 'no_result', evidence };
  }
  const sent = signal !== null && SENT_BY_SOMEBODY.has(signal);
  return { outcome: 'failed', class: sent ? 'killed' : 'agent_failure', evidence };
}
