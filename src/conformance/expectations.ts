// What differs from CLI to CLI in the scenarios of the kit: how it must end each of them, and which of them it can play.

import type { Scenario } from './mock-model/server.ts';

/** The CLIs that the kit knows, as their drivers are named. */
export const CLI_NAMES = ['claude', 'codex', 'opencode', 'gemini', 'qwen'] as const;
export type CliName = (typeof CLI_NAMES)[number];

/** A fault, and the one word that the run must end with (`succeeded` where the CLI gets over it). */
export interface FaultCase {
  readonly model: Scenario | 'refused';
  readonly ending: string;
}

/** What differs from CLI to CLI. */
export interface Expectations {
  /** Faults that this CLI gives up within seconds when its retries are bounded; the rest is in the recordings. */
  readonly faults: readonly FaultCase[];
  /** How a run ends whose first process somebody terminates from outside. */
  readonly terminated: string;
  /** False: it prints nothing before its first answer, so the deadline for the first line (two minutes) would have to be waited for. */
  readonly stalls: boolean;
  readonly forks: boolean;
  /** It reads its input to the end before anything else, with nothing open meanwhile: there it can be parked. */
  readonly parks: boolean;
  /** It tells what it uses as it goes; gemini tells at the end: its reservation and its time hold it. */
  readonly stopsAtBudget: boolean;
  /** The longest that one of its runs may take: ten times what it takes on a quiet machine. */
  readonly patienceMs: number;
}

const REFUSALS: readonly FaultCase[] = [
  { model: 'e401', ending: 'auth' },
  { model: 'e403', ending: 'auth' },
];
const OVERCOME: readonly FaultCase[] = [
  { model: 'e429once', ending: 'succeeded' },
  { model: 'huge', ending: 'succeeded' },
];
/** Of claude, codex and gemini, which can be told how often to try again. */
const GIVEN_UP: readonly FaultCase[] = [
  { model: 'e429', ending: 'rate' },
  { model: 'e500', ending: 'overload' },
  { model: 'e529', ending: 'overload' },
  { model: 'cut', ending: 'network' },
  { model: 'refused', ending: 'network' },
];

/** What is expected of each CLI. */
export const EXPECTATIONS: Readonly<Record<CliName, Expectations>> = {
  claude: {
    terminated: 'no_result',
    stalls: true,
    parks: false,
    forks: true,
    stopsAtBudget: true,
    faults: [...REFUSALS, ...OVERCOME, ...GIVEN_UP, { model: 'garbage', ending: 'overload' }],
    patienceMs: 60_000,
  },
  codex: {
    terminated: 'killed',
    stalls: true,
    parks: true,
    forks: true,
    stopsAtBudget: true,
    faults: [...REFUSALS, ...OVERCOME, ...GIVEN_UP, { model: 'garbage', ending: 'network' }],
    // It waits for the network three times before it is stopped.
    patienceMs: 90_000,
  },
  opencode: {
    terminated: 'killed',
    stalls: false,
    parks: false,
    forks: true,
    stopsAtBudget: true,
    faults: [...REFUSALS, ...OVERCOME, { model: 'e429', ending: 'rate' }],
    patienceMs: 100_000,
  },
  gemini: {
    terminated: 'no_result',
    stalls: true,
    parks: false,
    forks: false,
    stopsAtBudget: false,
    faults: [...REFUSALS, ...OVERCOME, ...GIVEN_UP],
    patienceMs: 100_000,
  },
  qwen: {
    terminated: 'killed',
    stalls: true,
    parks: false,
    forks: true,
    stopsAtBudget: true,
    faults: [...REFUSALS, ...OVERCOME],
    patienceMs: 100_000,
  },
};
