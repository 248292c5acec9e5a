// The second look behind the supervisor: asks what should be alive whether it is, prunes what is not, asks for what is missing.

import type { AgentDefinition } from '../core/fleet.ts';
import type { AttemptId } from '../core/ids.ts';
import type { Outcome } from '../core/run/outcome.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import { classify } from '../core/supervise/classify.ts';
import { watchStep } from '../core/watch/cycle.ts';
import type { Stand } from '../core/watch/cycle.ts';
import { judge } from '../core/watch/judge.ts';
import type { HostSays, Judgement, MachineSays } from '../core/watch/judge.ts';
import { OperationalError, messageOf } from '../lib/operational-error.ts';
import type { Timer } from '../ports/clock.ts';
import type { WatchView } from '../ports/watch-view.ts';
import type { Ending } from './ending.ts';
import type { HostEvents } from './host-events.ts';
import type { House } from './house.ts';
import type { Look } from './look.ts';
import type { Note, Recorder } from './recorder.ts';
import type { StandingWishes } from './standing-wishes.ts';
import type { Supervisor } from './supervisor.ts';

/** Longest wait for one answer about what is alive. */
const ANSWER_MS = 3000;
/** A host that did not answer is not waited for as long again: the machine has said what there is to know. */
const AGAIN_MS = 1000;
/** An exit that is under way arrives within this time; only what is still open afterwards is gone behind our back. */
const EXIT_GRACE_MS = 2000;

/** What the watchdog needs beside the house. */
export interface WatchdogParts {
  readonly recorder: Recorder;
  readonly ending: Ending;
  readonly events: HostEvents;
  readonly supervisor: Supervisor;
  readonly look: Look;
  readonly wishes: StandingWishes;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/** An attempt that the ledger holds alive, and its run. */
interface Held {
  readonly run: Run;
  readonly attempt: Attempt;
}

/** The lists of a view while they grow. */
type Growing = {
  -readonly [Key in keyof WatchView]: WatchView[Key] extends readonly (infer Item)[] ? Item[] : WatchView[Key];
};

/** What it uses of the house. */
type Needed = Pick<House, 'clock' | 'ledger' | 'fleet' | 'host' | 'machine' | 'files'>;

/** Looks at everything that is held, one cycle at a time. */
export class Watchdog {
  readonly #house: Needed;
  readonly #parts: WatchdogParts;
  #timer: Timer | null = null;
  #working: Promise<WatchView> | null = null;
  readonly #waits = new Set<() => void>();
  #stopped = false;

  constructor(house: Needed, parts: WatchdogParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** The first cycle comes one interval from now: recovery has just looked. */
  start(): void {
    if (this.#stopped) {
      return;
    }
    this.#timer = this.#house.clock.after(this.#house.fleet.now.factory.watchdogIntervalMs, () => {
      this.cycle()
        .catch(this.#parts.fail)
        .finally(() => {
          this.start();
        });
    });
  }

  /** No cycle begins after this, and the one under way records nothing more and ends. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    for (const end of this.#waits) {
      end();
    }
  }

  /** One cycle; a second call meanwhile gets the same. */
  async cycle(): Promise<WatchView> {
    this.#working ??= this.#look().finally(() => {
      this.#working = null;
    });
    return this.#working;
  }

  async #look(): Promise<WatchView> {
    const { clock, fleet } = this.#house;
    const view: Growing = {
      at: clock.now(),
      checked: 0,
      unknown: [],
      pruned: [],
      reconciled: [],
      left: [],
      failed: [],
    };
    const held = this.#held();
    view.checked = held.length;
    const alive = await this.#aliveByHost(ANSWER_MS);
    // Ten thousand agents that only wait for their slot cost a cycle nothing.
    const heldBy = Map.groupBy(held, ({ run }) => run.agent);
    const wished = fleet.now.agents.filter(isStandingWish).map((agent) => agent.key);
    await Promise.all(
      [...new Set([...heldBy.keys(), ...wished])].map(async (key) => {
        try {
          await this.#prune(heldBy.get(key) ?? [], alive, view);
          const agent = fleet.agent(key);
          if (agent !== null && isStandingWish(agent) && !this.#stopped) {
            this.#reconcile(agent, view);
          }
        } catch (error) {
          if (!(error instanceof OperationalError) || error.code === 'fenced') {
            throw error;
          }
          view.failed.push({ agent: key, message: messageOf(error) });
        }
      }),
    );
    if (view.pruned.length > 0 || view.reconciled.length > 0) {
      this.#parts.wake();
    }
    return view;
  }

  /** Attempts that were told as started. What is only intended has no process that could be asked about. */
  #held(): readonly Held[] {
    const { ledger } = this.#house;
    return ledger.attempts.open().flatMap((attempt) => {
      const run = ledger.runs.get(attempt.run);
      return run === null || attempt.identity === null ? [] : [{ run, attempt }];
    });
  }

  async #aliveByHost(longestMs: number): Promise<ReadonlySet<AttemptId> | null> {
    const usage = await this.#within(this.#house.host.usage(), longestMs);
    return usage === null ? null : new Set(usage.keys());
  }

  async #prune(held: readonly Held[], alive: ReadonlySet<AttemptId> | null, view: Growing): Promise<void> {
    const first = await this.#judgeAll(held, alive);
    view.unknown.push(
      ...first.filter(([, what]) => what === 'unknown').map(([{ run }]) => ({ run: run.id, agent: run.agent })),
    );
    const gone = first.filter(([, what]) => what === 'failed' || what === 'stopped');
    if (gone.length === 0) {
      return;
    }
    await this.#pause(EXIT_GRACE_MS);
    await this.#parts.events.settled();
    // Asked again from scratch: whatever arrived, or came to life, in between must not be ended by an old answer.
    const again = await this.#judgeAll(
      gone.map(([each]) => each),
      await this.#aliveByHost(alive === null ? AGAIN_MS : ANSWER_MS),
    );
    for (const [{ run, attempt }, found] of again) {
      if (!this.#stopped && (found === 'failed' || found === 'stopped') && this.#recordGone({ run, attempt }, found)) {
        view.pruned.push({ run: run.id, agent: run.agent, found });
        await this.#house.files.removeInputs(attempt.id);
      }
    }
  }

  async #judgeAll(
    held: readonly Held[],
    alive: ReadonlySet<AttemptId> | null,
  ): Promise<readonly (readonly [Held, Judgement])[]> {
    return Promise.all(
      held.map(async (each) => {
        const { attempt } = each;
        const host: HostSays = alive === null ? 'unknown' : alive.has(attempt.id) ? 'alive' : 'missing';
        const machine = host === 'alive' ? 'unknown' : await this.#machineSays(attempt);
        return [each, judge(host, machine, attempt.stop !== null)] as const;
      }),
    );
  }

  async #machineSays(attempt: Attempt): Promise<MachineSays> {
    if (attempt.identity === null) {
      return 'unknown';
    }
    const found = await this.#within(this.#house.machine.isAlive(attempt.identity), ANSWER_MS);
    return found === null ? 'unknown' : found ? 'alive' : 'dead';
  }

  /** False when it has ended meanwhile: then its real end is recorded already. */
  #recordGone({ run, attempt: { id } }: Held, found: 'failed' | 'stopped'): boolean {
    const { ledger, fleet } = this.#house;
    const recorded = this.#parts.recorder.commit('daemon', (note) => {
      const attempt = ledger.attempts.get(id);
      if (attempt === null || attempt.state === 'ended') {
        return null;
      }
      this.#parts.ending.lose(attempt, outcomeOf(attempt, found), note);
      return attempt;
    });
    if (recorded !== null) {
      this.#parts.supervisor.release(recorded, fleet.agent(run.agent)?.cliTool ?? 'exec');
    }
    return recorded !== null;
  }

  #reconcile(agent: AgentDefinition, view: Growing): void {
    this.#parts.recorder.commit('daemon', (note: Note) => {
      const step = watchStep(this.#standOf(agent));
      if (step.kind === 'leave') {
        view.left.push({ agent: agent.key, why: step.why, text: step.text });
      } else if (step.kind === 'start') {
        for (const replica of step.replicas) {
          this.#parts.wishes.wish(agent, { replica, notBefore: this.#house.clock.now() }, note);
        }
        view.reconciled.push({ agent: agent.key, replicas: step.replicas });
      }
    });
  }

  #standOf(agent: AgentDefinition): Stand {
    const runs = this.#house.ledger.runs.openOf(agent.key);
    const replicas = (states: readonly Run['state'][]): readonly number[] =>
      runs.flatMap((run) => (states.includes(run.state) && run.trigger.kind === 'safety' ? [run.trigger.replica] : []));
    return {
      desired: agent.replicas,
      alive: replicas(['running', 'stopping']),
      asked: replicas(['waiting', 'claimed', 'prechecking', 'preparing', 'starting']),
      pinnedTo: this.#parts.wishes.wanted(agent) === 0 ? (agent.placement?.node ?? null) : null,
      ...this.#parts.look.standing(agent),
    };
  }

  /** Null: it failed, took too long, or the watchdog stops. */
  async #within<Value>(asked: Promise<Value>, longestMs: number): Promise<Value | null> {
    return new Promise((resolve) => {
      const giveUp = this.#wait(longestMs, () => {
        resolve(null);
      });
      asked
        .then(resolve, () => {
          resolve(null);
        })
        .finally(giveUp);
    });
  }

  /** Resolves after `ms`, or when the watchdog stops. */
  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wait(ms, resolve);
    });
  }

  /** Acts after `ms`, or at once when the watchdog stops. What it answers ends the wait, and acts. */
  #wait(ms: number, act: () => void): () => void {
    const end = (): void => {
      this.#waits.delete(end);
      timer.cancel();
      act();
    };
    const timer = this.#house.clock.after(ms, end);
    this.#waits.add(end);
    return end;
  }
}

function isStandingWish(agent: AgentDefinition): boolean {
  return agent.layer === 'Safety' && agent.enabled;
}

function outcomeOf(attempt: Attempt, found: 'failed' | 'stopped'): Outcome {
  if (found === 'failed') {
    return { kind: 'lost', cause: 'unknown', reason: 'its process is gone and nobody reported its end' };
  }
  return classify({
    hostDied: false,
    didNotStart: null,
    stop: attempt.stop,
    kernel: null,
    limits: { memoryBytes: null, pids: null },
    peakMemoryBytes: null,
    signal: null,
    driver: null,
    proved: false,
  });
}
