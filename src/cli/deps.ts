// What main hands to the command line: everything of the outside as values and functions.

import type { Writable } from 'node:stream';
import type { Client } from '../http/client/client.ts';
import type { Calendar } from './render/times.ts';
import type { Local } from './local.ts';

/** The outside of one call of `adf`. */
export interface CliDeps {
  readonly local: Local;
  /** `createClient`; `signal` ends its requests. */
  readonly connect: (socketPath: string, signal: AbortSignal) => Client;
  /** Results go here, alone. */
  readonly stdout: Writable;
  /** Everything else that a person should know. */
  readonly stderr: Writable;
  /** Whether `stdout` is a terminal, and how wide it is. */
  readonly isTerminal: boolean;
  readonly columns: number;
  /** NO_COLOR is set, or TERM is `dumb`. */
  readonly noColor: boolean;
  /** Who asks: written into pause flags and facts. */
  readonly user: string;
  /** `localCalendar`: the zone in which times are shown. */
  readonly calendar: Calendar;
  readonly version: string;
  readonly now: () => number;
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A new idempotency key. */
  readonly newKey: () => string;
  /** Told once, before it is carried out, which command was typed; null: none. */
  readonly typed: (verb: string | null) => void;
  /** Aborts when a person presses Ctrl-C. `start` has signals of its own and does not look at it. */
  readonly interrupt: AbortSignal;
}
