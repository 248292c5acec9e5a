// Watches running attempts for silence and for what their drivers advise, and asks the host to stop them.

import type { AttemptId } from '../core/ids.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import { deadline, silenceLimit } from '../core/supervise/deadlines.ts';
import type { SilenceRules } from '../core/supervise/deadlines.ts';
import { stopPlan } from '../core/supervise/stop-plan.ts';
import type { StopManner, StopPlan, StopReason } from '../core/supervise/stop-plan.ts';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import { formatUtc } from '../lib/utc.ts';
import type { AgentDriver, StreamState } from '../ports/agent-driver.ts';
import type { ActivityView } from '../ports/attempt-view.ts';
import type { Timer } from '../ports/clock.ts';
import { environmentOf, ownerOf } from './environment.ts';
import { Follower } from './follower.ts';
import type { SideSource } from './follower.ts';
import type { Hearing } from './hearing.ts';
import type { House } from './house.ts';
import { Proofs } from './proofs.ts';
import { UsageLook } from './usage-look.ts';
import { meterFile } from './metering.ts';

/** How often a followed attempt's output is looked at. */
const LOOK_MS = 500;

interface Watched {
  readonly run: Run;
  readonly attempt: Attempt;
  readonly follower: Follower;
  readonly rules: SilenceRules;
  readonly manner: StopManner;
  readonly graceMs: number;
  readonly startedAt: number;
  readonly proofs: Proofs;
  lastOutputAt: number | null;
  finishedAt: number | null;
  timer: Timer | null;
  stopping: boolean;
}

/** What it uses of the house. */
type Needed = Pick<
  House,
  'clock' | 'ledger' | 'fleet' | 'host' | 'files' | 'driverFor' | 'environment' | 'secrets' | 'machine'
>;

/** Follows attempts whose driver or settings ask for it. */
export class Supervisor {
  readonly #house: Needed;
  readonly #hearing: Pick<Hearing, 'heard'>;
  readonly #fail: (error: unknown) => void;
  readonly #watched = new Map<AttemptId, Watched>();
  readonly #usage: UsageLook;

  constructor(house: Needed, hearing: Pick<Hearing, 'heard'>, fail: (error: unknown) => void) {
    this.#house = house;
    this.#hearing = hearing;
    this.#fail = fail;
    this.#usage = new UsageLook(house.clock, house.host);
  }

  /** Begins to follow `attempt` (running, or adopted). */
  watch(run: Run, attempt: Attempt): void {
    const agent = this.#house.fleet.agent(run.agent);
    if (agent === null || attempt.purpose !== 'main' || this.#watched.has(attempt.id)) {
      return;
    }
    const { habits } = this.#house.driverFor(agent.cliTool);
    const rules = {
      firstOutputMs: habits.firstOutputMs,
      idleMs: agent.stallTimeoutMs ?? habits.idleMs,
      idleWithToolMs: agent.stallTimeoutMs ?? habits.idleWithToolMs,
      busyMs: agent.stallTimeoutMs === null ? habits.idleWithToolMs : null,
      stopsParked: habits.idleMs !== null,
    };
    // Whoever was given secrets is followed for what it prints of them.
    if (rules.firstOutputMs === null && rules.idleMs === null && agent.secrets.length === 0) {
      return;
    }
    const watched: Watched = {
      run,
      attempt,
      follower: this.#followerOf(attempt, agent.cliTool),
      rules,
      manner: habits.stopManner,
      graceMs: agent.gracePeriodMs,
      startedAt: this.#house.clock.monotonic(),
      proofs: new Proofs(this.#house.machine, this.#usage, attempt),
      lastOutputAt: null,
      finishedAt: null,
      timer: null,
      stopping: false,
    };
    this.#watched.set(attempt.id, watched);
    this.#arm(watched, LOOK_MS);
  }

  /** The attempt has ended: the follower to read its last words with, begun afresh if it was not watched. */
  release(attempt: Attempt, cliTool: string): Follower {
    const watched = this.#watched.get(attempt.id);
    watched?.timer?.cancel();
    this.#watched.delete(attempt.id);
    return watched?.follower ?? this.#followerOf(attempt, cliTool);
  }

  /** What `attempt` does, by what there is to see of it; null: nobody follows it, or it cannot be told. */
  activity(attempt: AttemptId): ActivityView | null {
    const watched = this.#watched.get(attempt);
    const state = watched?.proofs.activity ?? null;
    return watched === undefined || state === null
      ? null
      : { state, silentMs: this.#house.clock.monotonic() - (watched.lastOutputAt ?? watched.startedAt) };
  }

  /** Asks the host to stop `attempt`; the first reason wins there. */
  async stop(run: Run, attempt: Attempt, reason: StopReason): Promise<'stopping' | 'already' | 'gone'> {
    const agent = this.#house.fleet.agent(run.agent);
    // An agent that is no longer defined gets the grace that it was started with.
    const plan =
      agent === null
        ? (attempt.stopPlans as { readonly wall: StopPlan }).wall
        : stopPlan(reason.kind, agent.gracePeriodMs, this.#house.driverFor(agent.cliTool).habits.stopManner);
    return this.#house.host.stop(attempt.id, plan, reason);
  }

  /** Forgets all timers; the attempts live on. */
  close(): void {
    for (const watched of this.#watched.values()) {
      watched.timer?.cancel();
    }
    this.#watched.clear();
  }

  #followerOf(attempt: Attempt, cliTool: string): Follower {
    const driver = this.#house.driverFor(cliTool);
    return new Follower(this.#house, driver.reader(), {
      out: attempt.outPath,
      err: attempt.errPath,
      side: driver.sideFile === undefined ? null : this.#sideOf(attempt, driver.sideFile),
      meter: driver.metered === undefined ? null : meterFile(this.#house.files, attempt.id),
    });
  }

  #sideOf(attempt: Attempt, fileOf: NonNullable<AgentDriver['sideFile']>): SideSource {
    const { ledger, fleet } = this.#house;
    const run = ledger.runs.get(attempt.run);
    const agent = run === null ? null : fleet.agent(run.agent);
    const env = agent === null ? {} : environmentOf(this.#house, ownerOf(agent, attempt.provider));
    return { file: (sessionId) => fileOf(sessionId, env), since: formatUtc(attempt.intendedAt).replace(' ', 'T') };
  }

  #arm(watched: Watched, delayMs: number): void {
    watched.timer = this.#house.clock.after(delayMs, () => {
      this.#look(watched)
        .catch(this.#fail)
        .finally(() => {
          // Also after a look that failed: what is watched no more has nobody else who would stop it.
          if (this.#watched.get(watched.attempt.id) === watched) {
            this.#arm(watched, LOOK_MS);
          }
        });
    });
  }

  async #look(watched: Watched): Promise<void> {
    const { clock, host } = this.#house;
    const grew = await this.#read(watched);
    const now = clock.monotonic();
    const state = watched.follower.reader.state();
    watched.lastOutputAt = grew ? now : watched.lastOutputAt;
    watched.finishedAt = state.finished ? (watched.finishedAt ?? now) : null;
    await this.#lookInto(watched, state, grew);
    if (!this.#watched.has(watched.attempt.id)) {
      return;
    }
    const heard = this.#hearing.heard(watched.run, watched.attempt, state);
    const next = deadline(
      {
        startedAt: watched.startedAt,
        lastOutputAt: watched.lastOutputAt,
        toolOpen: state.toolOpen,
        liveness: watched.proofs.liveness,
        parked: watched.proofs.parked,
        finishedAt: watched.finishedAt,
        advice: state.advice?.stop ?? null,
      },
      watched.rules,
      now,
    );
    const reason = next.kind === 'stop' ? next.reason : heard;
    if (reason !== null && !watched.stopping) {
      await host.stop(watched.attempt.id, stopPlan(reason.kind, watched.graceMs, watched.manner), reason);
      watched.stopping = true;
    }
  }

  /** Whether its output has grown. A file that cannot be opened now may be readable at the next look. */
  async #read({ follower, attempt }: Watched): Promise<boolean> {
    try {
      return await follower.advance();
    } catch (error) {
      if (error instanceof OperationalError || !(error instanceof Error && 'code' in error)) {
        throw error;
      }
      throw new OperationalError('output', `the output of ${attempt.id} cannot be read: ${messageOf(error)}`, error);
    }
  }

  /** What its processes do while it says nothing. */
  async #lookInto(watched: Watched, said: StreamState, grew: boolean): Promise<void> {
    const { proofs, rules, lastOutputAt, startedAt } = watched;
    if (grew) {
      proofs.forget();
    }
    const limitMs = silenceLimit({ lastOutputAt, toolOpen: said.toolOpen }, rules);
    const now = this.#house.clock.monotonic();
    await proofs.look({ since: lastOutputAt ?? startedAt, limitMs, said, now });
  }
}
