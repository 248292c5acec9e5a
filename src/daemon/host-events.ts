// Takes what the host tells, in its order, and commits it together with the place up to which it was taken.

import type { AttemptId } from '../core/ids.ts';
import type { RunState } from '../core/run/lifecycle.ts';
import type { Attempt, Run } from '../core/run/run.ts';
import type { HostCursor, HostEvent } from '../ports/execution-host.ts';
import { coverOutputs } from './cover-output.ts';
import { subject } from './subject.ts';
import type { Ending, LastWords } from './ending.ts';
import type { House } from './house.ts';
import { move } from './move.ts';
import type { Launcher } from './launcher.ts';
import type { Note, Recorder } from './recorder.ts';
import type { Sessions } from './sessions.ts';
import type { Stops } from './stops.ts';
import type { Supervisor } from './supervisor.ts';

/** Events committed together at most. */
const BATCH = 64;
/** Events that come this close together share one transaction; what the host keeps is durable there already. */
const GATHER_MS = 2;
/** How much of the output of a pre-check, or of what makes and tidies up workspaces, is read. */
const STEP_OUTPUT_BYTES = 4096;

/** States in which a run waits for a step that goes before its start. */
const STEPS: ReadonlySet<RunState | undefined> = new Set(['prechecking', 'preparing']);

/** What the event queue needs beside the house. */
export interface HostEventsParts {
  readonly recorder: Recorder;
  readonly ending: Ending;
  readonly supervisor: Supervisor;
  readonly launcher: Launcher;
  readonly stops: Stops;
  readonly sessions: Sessions;
  /** Told what of the hosts' records is in the ledger now. */
  readonly committed: (cursors: readonly HostCursor[]) => void;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/** What came of a batch. */
interface Taken {
  readonly goOn: readonly Run[];
  readonly cursors: readonly HostCursor[];
}

/** What it uses of the house. */
type Needed = Pick<House, 'clock' | 'ledger' | 'fleet' | 'host' | 'files' | 'driverFor' | 'zones' | 'secrets'>;

/** A queue of host events with one worker. */
export class HostEvents {
  readonly #house: Needed;
  readonly #parts: HostEventsParts;
  #queue: HostEvent[] = [];
  #working: Promise<void> | null = null;
  #closed = false;
  #launches = false;
  /** Runs whose pre-check said go, or whose workspace is there, before anything may be launched. */
  readonly #early: Run[] = [];

  constructor(house: Needed, parts: HostEventsParts) {
    this.#house = house;
    this.#parts = parts;
  }

  /** From now on runs whose pre-check says go are launched. What recovery has put back meanwhile is asked again instead. */
  begin(): void {
    this.#launches = true;
    this.#early.splice(0).forEach((run) => this.#goOn(run));
  }

  /** From now on nothing is launched: the next daemon asks again. */
  hold(): void {
    this.#launches = false;
  }

  /** Takes one event; it is durable when the host's cursor has been acknowledged. */
  push(event: HostEvent): void {
    this.#queue.push(event);
    this.#working ??= this.#work()
      .catch(this.#parts.fail)
      .finally(() => {
        this.#working = null;
      });
  }

  /** Resolves when everything told so far is committed. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Nothing is taken after this; what was not committed is told again to the next daemon. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#queue = [];
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0 && !this.#closed) {
      await this.#pause(GATHER_MS);
      const batch = this.#queue.slice(0, BATCH);
      const words = await Promise.all(
        batch.map((event) =>
          event.kind === 'exited' ? this.#lastWords(event.report.attemptId, event) : Promise.resolve(null),
        ),
      );
      // Told again from the same place until it is kept: only then may the host forget it.
      const { goOn, cursors } = await this.#parts.recorder.insist('host', (note) => this.#take(batch, words, note));
      this.#queue.splice(0, batch.length);
      cursors.forEach((cursor) => this.#house.host.acknowledge(cursor));
      this.#parts.committed(cursors);
      this.#afterwards(batch, goOn);
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#house.clock.after(ms, resolve);
    });
  }

  #take(batch: readonly HostEvent[], words: readonly (LastWords | null)[], note: Note): Taken {
    const goOn: Run[] = [];
    const cursors = new Map<string, HostCursor>();
    for (const [index, event] of batch.entries()) {
      const run = this.#apply(event, words[index] ?? null, note);
      if (run !== null) {
        goOn.push(run);
      }
      if ('cursor' in event && event.cursor !== null) {
        cursors.set(event.cursor.hostId, event.cursor);
      }
    }
    for (const cursor of cursors.values()) {
      this.#house.ledger.states.set('cursor', cursor.hostId, cursor.offset);
    }
    return { goOn, cursors: [...cursors.values()] };
  }

  #afterwards(batch: readonly HostEvent[], goOn: readonly Run[]): void {
    for (const event of batch) {
      if (event.kind === 'exited') {
        this.#house.files.removeInputs(event.report.attemptId).catch(this.#parts.fail);
      }
      if (event.kind === 'started') {
        const attempt = this.#house.ledger.attempts.get(event.attemptId);
        const run = attempt === null ? null : this.#house.ledger.runs.get(attempt.run);
        if (attempt !== null && run !== null && attempt.state !== 'ended') {
          this.#parts.supervisor.watch(run, attempt);
          this.#stopIfWished(run, attempt);
        }
      }
    }
    goOn.forEach((run) => this.#goOn(run));
    this.#parts.wake();
  }

  /** Whoever wished it to end while it was about to start was told that there was nothing to stop yet. */
  #stopIfWished(run: Run, attempt: Attempt): void {
    if (attempt.stop !== null && attempt.state === 'running') {
      this.#parts.stops.repeat(run, attempt, attempt.stop);
    }
  }

  #goOn(run: Run): void {
    if (!this.#launches) {
      this.#early.push(run);
    } else if (STEPS.has(this.#house.ledger.runs.get(run.id)?.state)) {
      this.#parts.launcher.launch(run, true);
    }
  }

  /** A run whose pre-check said go, or null. */
  #apply(event: HostEvent, words: LastWords | null, note: Note): Run | null {
    const { ledger } = this.#house;
    switch (event.kind) {
      case 'started': {
        const attempt = ledger.attempts.get(event.attemptId);
        const run = attempt === null ? null : ledger.runs.get(attempt.run);
        if (attempt === null || run === null || attempt.state !== 'starting') {
          return null;
        }
        ledger.attempts.update(attempt.id, { state: 'running', startedAt: event.at, identity: event.identity });
        if (attempt.purpose === 'main') {
          const startedAt = run.startedAt ?? event.at;
          move(ledger, run, { event: 'started', startedAt, enforcement: event.enforcement });
        }
        note({
          kind: 'attempt.started',
          ...subject(run),
          attempt: attempt.id,
          pid: event.identity.pid,
          enforcement: event.enforcement,
        });
        return null;
      }
      case 'stopping': {
        const attempt = ledger.attempts.get(event.attemptId);
        const run = attempt === null ? null : ledger.runs.get(attempt.run);
        if (attempt === null || run === null || attempt.state === 'ended' || attempt.state === 'stopping') {
          return null;
        }
        ledger.attempts.update(attempt.id, { state: 'stopping', stop: event.reason });
        if (attempt.purpose !== 'tidy') {
          move(ledger, run, { event: 'stop' });
        }
        note({ kind: 'attempt.stopping', ...subject(run), attempt: attempt.id, reason: event.reason });
        return null;
      }
      case 'exited':
        return words === null ? null : this.#parts.ending.finish(event.report, words, note).goOn;
      case 'host_died':
        note({ kind: 'host.died', hostId: event.hostId, attempts: event.attempts.length });
        return null;
    }
  }

  async #lastWords(id: AttemptId, event: Extract<HostEvent, { kind: 'exited' }>): Promise<LastWords> {
    const { ledger, fleet, files } = this.#house;
    const attempt = ledger.attempts.get(id);
    const run = attempt === null ? null : ledger.runs.get(attempt.run);
    const { report } = event;
    if (attempt === null || run === null || report.didNotStart !== null) {
      return { verdict: null, proved: false, output: '' };
    }
    if (attempt.purpose !== 'main') {
      await coverOutputs(this.#house, [attempt.outPath]);
      const bytes = await files.read(attempt.outPath, 0, STEP_OUTPUT_BYTES);
      return { verdict: null, proved: false, output: new TextDecoder().decode(bytes) };
    }
    const agent = fleet.agent(run.agent);
    const cliTool = agent?.cliTool ?? 'exec';
    const follower = this.#parts.supervisor.release(attempt, cliTool);
    await follower.finish();
    const proved = follower.reader.state().finished;
    const verdict = follower.reader.verdict({
      code: report.code,
      signal: report.signal,
      stop: report.stop?.reason ?? null,
      previousTotal: this.#parts.sessions.totalBefore(attempt),
      endedAt: report.endedAt,
      utcOffsetMs: this.#house.zones(agent?.timezone ?? 'UTC').spanAt(report.endedAt).offsetMs,
      args: agent?.args ?? [],
    });
    return { verdict, proved, output: '' };
  }
}
