// What tests of execution hosts say again and again: starts, stop plans, and what a ledger would remember of them.

import { join } from 'node:path';
import type { AttemptId } from '../../src/core/ids.ts';
import type { StopPlan } from '../../src/core/supervise/stop-plan.ts';
import type { ExecutionHost, HeldAttempt, HostCursor, Limits, StartSpec } from '../../src/ports/execution-host.ts';
import { Told } from './told.ts';

/** Ends at once. */
export const KILL: StopPlan = [{ afterMs: 0, action: 'kill' }];

/** Asks first. */
export function politely(graceMs: number): StopPlan {
  return [
    { afterMs: 0, action: 'terminate' },
    { afterMs: graceMs, action: 'kill' },
  ];
}

/** What a test may change of a start. */
export type SpecWish = Partial<Omit<StartSpec, 'attemptId' | 'argv' | 'limits'>> & {
  readonly limits?: Partial<Limits>;
};

/** A start of `argv` in `dir` that nothing limits, unless wished otherwise. */
export function specIn(
  dir: string,
  start: Pick<StartSpec, 'argv'> & { readonly id: string },
  wish: SpecWish,
): StartSpec {
  return {
    label: 'test/agent',
    user: null,
    cwd: dir,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdinPath: null,
    inputs: [],
    sandbox: null,
    outPath: join(dir, `${start.id}.out`),
    errPath: null,
    stopPlans: { wall: politely(1000), cpu: politely(1000), memory: KILL, output: KILL },
    pauseFlags: [],
    ...wish,
    attemptId: start.id as AttemptId,
    argv: start.argv,
    limits: {
      wallMs: 600_000,
      memoryBytes: null,
      cpuMs: null,
      cpuQuotaPercent: null,
      pids: null,
      outputBytes: 8 * 1024 * 1024,
      outputBytesPerSecond: 500_000_000,
      ...wish.limits,
    },
  };
}

/** What a ledger knows when its daemon starts. */
export interface Known {
  readonly cursors?: readonly HostCursor[] | undefined;
  readonly held?: readonly HeldAttempt[] | undefined;
}

/** One daemon's view of a host. */
export class Daemon {
  readonly host: ExecutionHost;
  readonly told: Told;
  readonly answer: Awaited<ReturnType<ExecutionHost['connect']>>;

  private constructor(host: ExecutionHost, told: Told, answer: Daemon['answer']) {
    this.host = host;
    this.told = told;
    this.answer = answer;
  }

  /** Connects `host` with what is `known`. */
  static async connect(host: ExecutionHost, known: Known = {}): Promise<Daemon> {
    const told = new Told();
    const answer = await host.connect({ cursors: known.cursors ?? [], held: known.held ?? [] }, told.tell);
    return new Daemon(host, told, answer);
  }

  /** Starts `spec`; fails the test if it did not start. */
  async start(spec: StartSpec): Promise<void> {
    const reply = await this.host.start(spec);
    if (reply.kind !== 'started') {
      throw new Error(`${spec.attemptId} was not started: ${JSON.stringify(reply)}`);
    }
  }

  /** What a ledger remembers of `spec` after this daemon; without an identity if its start was not told. */
  remembers(spec: StartSpec): HeldAttempt {
    const started = this.told.events.find((event) => event.kind === 'started' && event.attemptId === spec.attemptId);
    return intended(spec, started?.kind === 'started' ? started.identity : null);
  }
}

/** What a ledger remembers of a start before it was told about it, or with what it was told. */
export function intended(spec: StartSpec, identity: HeldAttempt['identity'] = null): HeldAttempt {
  const { attemptId, limits, stopPlans, outPath, errPath } = spec;
  return { attemptId, identity, startedAt: Date.now(), limits, stopPlans, outPath, errPath };
}
