// Stops live runs for reasons of the house: drain, shutdown, replacement, a pause that asks for it.

import type { Run } from '../core/run/run.ts';
import type { StopReason } from '../core/supervise/stop-plan.ts';
import type { ProjectId } from '../core/ids.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import type { Supervisor } from './supervisor.ts';

/** Stops runs; what comes of it arrives as events of the host. */
export class Stops {
  private readonly house: Pick<House, 'ledger' | 'fleet' | 'host' | 'feed'>;
  private readonly supervisor: Supervisor;
  private readonly fail: (error: unknown) => void;

  constructor(house: Stops['house'], supervisor: Supervisor, fail: (error: unknown) => void) {
    this.house = house;
    this.supervisor = supervisor;
    this.fail = fail;
  }

  /** Asks every live run to stop that `matches`. */
  async stop(reason: StopReason, matches: (run: Run) => boolean): Promise<void> {
    for (const run of this.house.ledger.runs.live().filter(matches)) {
      const open = this.house.ledger.attempts.ofRun(run.id).findLast((attempt) => attempt.state !== 'ended');
      if (open !== undefined) {
        await this.supervisor.stop(run, open, reason);
      }
    }
  }

  /** Ends every tree at once, without grace. */
  async killAll(): Promise<void> {
    for (const attempt of this.house.ledger.attempts.open()) {
      await this.house.host.stop(attempt.id, [{ afterMs: 0, action: 'kill' }], { kind: 'shutdown' });
    }
  }

  /** The next slot of the agent takes the place of its runs that still live. */
  replaceFor(run: Run): void {
    this.stop({ kind: 'replaced' }, (other) => other.agent === run.agent && other.id !== run.id).catch(
      (error: unknown) => {
        this.fail(error);
      },
    );
  }

  /** Safety agents never end by themselves: a drain stops them at once. */
  async stopSafety(): Promise<void> {
    await this.stop({ kind: 'drain' }, (run) => this.house.fleet.agent(run.agent)?.layer === 'Safety');
  }

  /** Ends what still runs in paused projects that ask for it (`pause_stops_running`). A look that failed ends nothing. */
  async stopPaused(breakers: Pick<Breakers, 'flag' | 'factoryFlag' | 'stand'>): Promise<void> {
    const paused = new Set(
      this.house.fleet.now.projects
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

  /** Resolves when no attempt is open; the feed tells. */
  async allEnded(): Promise<void> {
    const { ledger, feed } = this.house;
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
