// Decides what each way to end means: whose trouble it is, whether the breaker counts it, and whether it is tried again.

import type { FailureClass, Outcome } from './outcome.ts';

/** Every way to end as one word; failures by their class. */
export type Ending = FailureClass | Exclude<Outcome['kind'], 'failed'>;

/**
 * Who answers for an ending, and thereby what is done about it, so that no failure is nobody's.
 * - `nobody`: no failure.
 * - `project`: counted by the breaker if the agent counts there, else by the agent's own quarantine.
 * - `agent`: not the project's fault; the agent is quarantined when it repeats.
 * - `credential`: the login or account is held until it works again.
 * - `provider`: nobody here can help; waited for, and escalated when it lasts.
 * - `factory`: we or our host are broken; escalated to the operator.
 */
export type Owner = 'nobody' | 'project' | 'agent' | 'credential' | 'provider' | 'factory';

/** How often an ending is tried again when the agent says nothing of its own; `exec` is never, unless it says so. */
export interface RetryDefault {
  /** Attempts after the first. */
  readonly max: number;
  /** Wait before the first of them; doubles with each. A longer `retry-after` of the provider wins. */
  readonly firstMs: number;
  /** The CLI's session: gone on with where it can be, or left behind because it is the cause. */
  readonly session: 'resume' | 'fresh';
}

/** What one ending means. */
export interface Treatment {
  readonly owner: Owner;
  readonly retry: RetryDefault | null;
  /** One sentence for people. */
  readonly reason: string;
}

const DOUBLING: RetryDefault = { max: 3, firstMs: 10_000, session: 'resume' };
const OVERLOAD: RetryDefault = { max: 3, firstMs: 45_000, session: 'resume' };
const ONCE_FRESH: RetryDefault = { max: 1, firstMs: 10_000, session: 'fresh' };

const TREATMENTS: Readonly<Record<Ending, Treatment>> = {
  succeeded: {
    owner: 'nobody',
    retry: null,
    reason: 'It did what it was asked to do; a counted success resets the count.',
  },
  agent_failure: { owner: 'project', retry: null, reason: 'The program itself says that it failed.' },
  no_result: {
    owner: 'project',
    retry: null,
    reason: 'It ended without its final word, so nothing proves that it did its work.',
  },
  empty_success: {
    owner: 'agent',
    retry: null,
    reason: 'It says success but shows no text, tool call or change: no progress, yet nothing broke.',
  },
  timed_out: { owner: 'project', retry: null, reason: 'It used up the wall clock or processor time it was given.' },
  stalled: {
    owner: 'project',
    retry: null,
    reason: 'It went silent for longer than it may, or is parked on an input that nobody writes.',
  },
  oom: {
    owner: 'project',
    retry: null,
    reason: 'It used more memory than it was given; the same again would end the same.',
  },
  output: { owner: 'project', retry: null, reason: 'It flooded its output.' },
  pids: { owner: 'project', retry: null, reason: 'It wanted more processes than it was given.' },
  killed: {
    owner: 'project',
    retry: null,
    reason: 'A signal that we did not send ended it; until shown otherwise its own work did that.',
  },
  setup: {
    owner: 'project',
    retry: null,
    reason:
      'The CLI refuses its model, folder, options or permissions as agents.toml gives them; a person has to change that.',
  },
  missing_program: {
    owner: 'project',
    retry: null,
    reason: 'agents.toml names a program that this host does not have; a person has to change that.',
  },
  auth: {
    owner: 'credential',
    retry: null,
    reason: 'The login was refused: every agent that uses it would fail alike, none of them is to blame.',
  },
  billing: {
    owner: 'credential',
    retry: null,
    reason: 'The account has no money left; nothing the agent does changes that.',
  },
  quota: {
    owner: 'credential',
    retry: null,
    reason: "The account's window is used up until its reset; the agent just waits.",
  },
  rate: {
    owner: 'credential',
    retry: DOUBLING,
    reason: 'Too many requests of this account at once; a short wait helps.',
  },
  overload: { owner: 'provider', retry: OVERLOAD, reason: 'The provider is overloaded or broken; waiting helps.' },
  network: { owner: 'provider', retry: DOUBLING, reason: 'The provider could not be reached; waiting helps.' },
  context: {
    owner: 'agent',
    retry: ONCE_FRESH,
    reason:
      'The conversation outgrew the model; a fresh session starts small again, the old one is never gone on with.',
  },
  own_limit: {
    owner: 'agent',
    retry: null,
    reason: 'It reached the turn, tool or money limit that we gave to the CLI: it was cut short, it did not fail.',
  },
  bad_session: {
    owner: 'agent',
    retry: ONCE_FRESH,
    reason: 'The CLI does not know, or still uses, the session that we named; a fresh one does not need it.',
  },
  did_not_start: {
    owner: 'factory',
    retry: { max: 1, firstMs: 10_000, session: 'resume' },
    reason: 'We could not start it (limits, user, host): the program never ran, so it did nothing wrong.',
  },
  precheck: {
    owner: 'agent',
    retry: null,
    reason: 'Its pre-check is broken: that is neither "nothing to do" nor a failure of the agent\'s work.',
  },
  lost: {
    owner: 'factory',
    retry: null,
    reason: 'Nobody knows how it ended (reboot, keeper died): our trouble, not its.',
  },
  canceled: { owner: 'nobody', retry: null, reason: 'A person or the factory itself stopped it: no failure.' },
  refused: { owner: 'nobody', retry: null, reason: 'A gate said no before it started: no failure.' },
};

/** `outcome` as one word of the table. */
export function endingOf(outcome: Outcome): Ending {
  return outcome.kind === 'failed' ? outcome.class : outcome.kind;
}

/** What `ending` means; total, so that a new class cannot be forgotten. */
export function treatmentOf(ending: Ending): Treatment {
  return TREATMENTS[ending];
}

/** Whether a counted agent's breaker takes `outcome` as a failure. A success is not counted: it resets. */
export function countsForBreaker(outcome: Outcome): boolean {
  return TREATMENTS[endingOf(outcome)].owner === 'project';
}

const CONSEQUENCE: Readonly<Record<Owner, string>> = {
  nobody: '–',
  project: 'counts for the breaker',
  agent: 'quarantines the agent',
  credential: 'holds the credential',
  provider: 'waits, escalates if it lasts',
  factory: 'escalates',
};

/** The whole table as Markdown, for README: generated, so that it cannot say anything else than what is done. */
export function treatmentTable(): string {
  const rows = Object.entries(TREATMENTS).map(([ending, { owner, retry, reason }]) =>
    [`\`${ending}\``, CONSEQUENCE[owner], retryInWords(retry), reason].join(' | '),
  );
  return ['| Ending | Consequence | Retried | Why |', '|---|---|---|---|', ...rows.map((row) => `| ${row} |`), ''].join(
    '\n',
  );
}

function retryInWords(retry: RetryDefault | null): string {
  if (retry === null) {
    return 'no';
  }
  const times = retry.max === 1 ? 'once' : `${retry.max}×`;
  return `${times}, after ${retry.firstMs / 1000} s${retry.session === 'fresh' ? ', fresh session' : ''}`;
}
