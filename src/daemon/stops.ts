// Stops live runs for reasons of the house: drain, shutdown, replacement, a pause that asks for it.

import { isBetweenAttempts } from '../core/run/lifecycle.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import type { StopWish } from '../core/supervise/canceled.ts';
import type { StopReason } from '../core/supervise/stop-plan.ts';
import type { ProjectId } from '../core/ids.ts';
import type { Breakers } from './breakers.ts';
import type { Ending } from './ending.ts';
import type { House } from './house.ts';
import type { Note, Recorder } from './recorder.ts';
import { subject } from './subject.ts';
import type { Supervisor } from './supervisor.ts';

/** What stops need beside the house. */
export interface StopsParts {
  readonly recorder: Recorder;
  readonly ending: Ending;
  readonly supervisor: Supervisor;
  readonly fail: (error: unknown) => void;
}

/** Stops runs; what comes of it arrives as events of the host. */
export class Stops {
  readonly #house: Pick<House, 'ledger' | 'fleet' | 'feed'>;
  readonly #parts: StopsParts;

  constructor(house: Pick<House, 'ledger' | 'fleet' | 'feed'>, parts: StopsParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** A person ends `run` wherever it is: its process is asked, without one it is over now. */
  async cancel(run: Run, wish: StopWish): Promise<void> {
    await this.#ask(
      run,
      wish,
      this.#parts.recorder.commit('operator', (note) => this.#end(run, wish, note)),
    );
  }

  /** Asks every process to end that a run which `matches` has. */
  async stop(wish: StopWish, matches: (run: Run) => boolean): Promise<void> {
    const { ledger } = this.#house;
    const open = ledger.attempts.open().flatMap((attempt) => {
      const run = ledger.runs.get(attempt.run);
      return run !== null && matches(run) ? [{ run, attempt }] : [];
    });
    this.#keep(open, wish);
    await Promise.all(open.map(async ({ run, attempt }) => this.#parts.supervisor.stop(run, attempt, wish)));
  }

  /** Ends every tree at once, without grace. */
  async killAll(): Promise<void> {
    await this.stop({ kind: 'shutdown' }, () => true);
  }

  /** What was wished of `attempt` before the host could know it, or a pre-check whose answer nobody waits for. */
  repeat(run: Run, attempt: Attempt, reason: StopReason): void {
    this.#parts.supervisor.stop(run, attempt, reason).catch(this.#parts.fail);
  }

  /** The next slot of the agent takes the place of its runs that still live, or wait to be tried again. */
  replaceFor(run: Run): void {
    const { runs } = this.#house.ledger;
    const others = runs
      .openOf(run.agent)
      .filter((other) => other.id !== run.id && (other.state !== 'waiting' || isBetweenAttempts(other)));
    Promise.all(others.map(async (other) => this.#replace(other))).catch(this.#parts.fail);
  }

  /**
   * Inside the transaction that admitted `claimed`: those that are launched. Of several runs of an agent that replaces, the
   * one that was asked for last takes the place of the others, and another try takes the place of none.
   */
  supersede(claimed: readonly Run[], note: Note): readonly Run[] {
    const { ledger, fleet } = this.#house;
    const replacing = claimed.filter((run) => fleet.agent(run.agent)?.overlap === 'replace');
    const byAgent = [...Map.groupBy(replacing, (run) => run.agent).values()].filter((runs) => runs.length > 1);
    if (byAgent.length === 0) {
      return claimed;
    }
    const asked = ledger.runs.live().map((run) => run.id);
    const age = (run: Run): number => (isBetweenAttempts(run) ? -1 : asked.indexOf(run.id));
    const over = new Set(byAgent.flatMap((runs) => runs.toSorted((a, b) => age(a) - age(b)).slice(0, -1)));
    for (const { id } of over) {
      const run = ledger.runs.get(id);
      if (run !== null) {
        this.#parts.ending.cancel(run, { kind: 'replaced' }, note);
      }
    }
    return claimed.filter((run) => !over.has(run));
  }

  /** Safety agents never end by themselves: a drain stops them at once. */
  async stopSafety(): Promise<void> {
    await this.stop({ kind: 'drain' }, (run) => this.#house.fleet.agent(run.agent)?.layer === 'Safety');
  }

  /** Ends what still runs in paused projects that ask for it (`pause_stops_running`). A look that failed ends nothing. */
  async stopPaused(breakers: Pick<Breakers, 'flag' | 'factoryFlag' | 'stand'>): Promise<void> {
    const paused = new Set(
      this.#house.fleet.now.projects
        .filter((project) => project.breaker.pauseStopsRunning)
        .map((project) => project.id)
        .filter((id) => isPaused(breakers, id)),
    );
    if (paused.size > 0) {
      await this.stop(
        { kind: 'paused' },
        (run) => run.project !== null && run.state !== 'stopping' && paused.has(run.project),
      );
    }
  }

  async #replace(run: Run): Promise<void> {
    const wish = { kind: 'replaced' } as const;
    await this.#ask(run, wish, await this.#parts.recorder.insist('daemon', (note) => this.#end(run, wish, note)));
  }

  async #ask(run: Run, wish: StopWish, open: Attempt | null): Promise<void> {
    if (open !== null) {
      await this.#parts.supervisor.stop(run, open, wish);
    }
  }

  /** The attempt that has to be asked, or null: the run is over. */
  #end(run: Run, wish: StopWish, note: Note): Attempt | null {
    const { attempts, runs } = this.#house.ledger;
    const open = attempts.ofRun(run.id).findLast((attempt) => attempt.state !== 'ended') ?? null;
    const now = runs.get(run.id);
    if (open !== null) {
      this.#wish(run, open, { wish, note });
    } else if (now !== null && now.state !== 'ended') {
      this.#parts.ending.cancel(now, wish, note);
    }
    return open;
  }

  /** Writes the wish down, so that it outlives us and a host that does not know the attempt yet. */
  #wish(run: Run, attempt: Attempt, { wish, note }: { readonly wish: StopWish; readonly note: Note }): void {
    if (attempt.stop === null) {
      this.#house.ledger.attempts.update(attempt.id, { stop: wish });
      note({ kind: 'attempt.stop_asked', ...subject(run), attempt: attempt.id, reason: wish });
    }
  }

  // A full disk must not keep anybody alive whom we were told to end.
  #keep(open: readonly { readonly run: Run; readonly attempt: Attempt }[], wish: StopWish): void {
    const news = open.filter(({ attempt }) => attempt.stop === null);
    if (news.length === 0) {
      return;
    }
    try {
      this.#parts.recorder.commit('daemon', (note) => {
        for (const { run, attempt } of news) {
          this.#wish(run, attempt, { wish, note });
        }
      });
    } catch (error) {
      this.#parts.fail(error);
    }
  }

  /** Resolves when no attempt is open; the feed tells. */
  async allEnded(): Promise<void> {
    const { ledger, feed } = this.#house;
    if (ledger.attempts.open().length === 0) {
      return;
    }
    await new Promise<void>((resolve) => {
      const unsubscribe = feed.subscribe(() => {
        if (ledger.attempts.open().length === 0) {
          unsubscribe();
          resolve();
        }
      });
    });
  }
}

function isPaused(breakers: Pick<Breakers, 'flag' | 'factoryFlag' | 'stand'>, project: ProjectId): boolean {
  const stand = breakers.stand(project).kind;
  return (
    stand === 'open' ||
    stand === 'isolated' ||
    breakers.flag(project).kind === 'present' ||
    breakers.factoryFlag().kind === 'present'
  );
}
