// The driver for programs without one of their own: the exit status is the only witness, `timeout` the only deadline.

import type {
  AgentDriver,
  DriverVerdict,
  EndInput,
  Habits,
  StreamReader,
  StreamState,
} from '../../ports/agent-driver.ts';
import type { Finding, Proof } from '../finding.ts';
import { exitInWords, isKilled, judge } from '../judge.ts';
import { OutputTail } from '../output-tail.ts';
import { refuseUnknown } from '../settings.ts';
import { execStart } from './argv.ts';

/** A quiet `git fsck` is not stalled, and programs know terminate, not interrupt. */
const HABITS: Habits = {
  separateStderr: false,
  stopManner: 'terminate-first',
  firstOutputMs: null,
  idleMs: null,
  idleWithToolMs: null,
};

const SILENT: StreamState = {
  finished: false,
  toolOpen: false,
  retrying: false,
  sessionId: null,
  advice: null,
  usageSoFar: null,
};

/** Keeps the end of the output; nothing in it decides. */
class ExecReader implements StreamReader {
  readonly #tail = new OutputTail();

  push(line: string): void {
    this.#tail.push(line);
  }

  pushError(line: string): void {
    this.#tail.push(line);
  }

  pushSide(): void {}

  state(): StreamState {
    return SILENT;
  }

  verdict(end: EndInput): DriverVerdict {
    return {
      ...judge(end, { end: conclude(end), waiting: null }),
      sessionId: null,
      usage: null,
      costMicroUsd: null,
      byModel: [],
      sessionTotal: null,
      resumable: null,
      denials: 0,
      actions: null,
      finalText: this.#tail.text(),
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
  launch: (input) => {
    refuseUnknown(input.program, input.settings, []);
    return { ...HABITS, ...execStart(input), sessionId: null };
  },
  reader: () => new ExecReader(),
};

function conclude(end: EndInput): Finding | Proof {
  const evidence = exitInWords(end);
  if (end.code === 0) {
    return { class: null, evidence };
  }
  if (end.code === null && end.signal === null) {
    return { class: 'no_result', evidence };
  }
  return { class: isKilled(end) ? 'killed' : 'agent_failure', evidence };
}
