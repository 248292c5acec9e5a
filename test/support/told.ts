// Collects what a host tells, and lets a test wait for a fact instead of a time.

import type { ExitReport, HostCursor, HostEvent } from '../../src/ports/execution-host.ts';

/** Long enough for a machine that is busy with other tests: no promise of the host is measured with it. */
export const PATIENCE_MS = 15_000;

/** Everything that was told, in order. */
export class Told {
  readonly events: HostEvent[] = [];
  readonly #waiting = new Set<() => void>();

  /** The listener for `connect`. */
  readonly tell = (event: HostEvent): void => {
    this.events.push(event);
    this.#waiting.forEach((look) => look());
  };

  /** Resolves with the first answer of `find` that is not undefined; fails after `withinMs`. */
  until<Found>(find: (events: readonly HostEvent[]) => Found | undefined, withinMs = PATIENCE_MS): Promise<Found> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const seen = this.events.map((event) => `${event.kind} ${idOf(event)}`).join(', ');
        reject(new Error(`not told within ${withinMs} ms; told: ${seen || 'nothing'}`));
      }, withinMs);
      const look = () => {
        const found = find(this.events);
        if (found !== undefined) {
          clearTimeout(timer);
          this.#waiting.delete(look);
          resolve(found);
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The exit report of `attemptId`, when it comes. */
  exit(attemptId: string, withinMs = PATIENCE_MS): Promise<ExitReport> {
    return this.until(() => this.exits(attemptId)[0], withinMs);
  }

  /** All exit reports told of `attemptId`: there should be one. */
  exits(attemptId: string): ExitReport[] {
    return this.events.flatMap((event) =>
      event.kind === 'exited' && event.report.attemptId === attemptId ? [event.report] : [],
    );
  }

  /** The last cursor told of each host. */
  cursors(): HostCursor[] {
    const last = new Map<string, HostCursor>();
    for (const event of this.events) {
      if ('cursor' in event && event.cursor !== null) {
        last.set(event.cursor.hostId, event.cursor);
      }
    }
    return [...last.values()];
  }
}

function idOf(event: HostEvent): string {
  if (event.kind === 'host_died') {
    return event.hostId;
  }
  return event.kind === 'exited' ? event.report.attemptId : event.attemptId;
}
