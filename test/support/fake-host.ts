// An execution host without processes: tests script what each attempt does, move the clock, and let daemon or host die.

import { appendFileSync, existsSync } from 'node:fs';
import type { Sandboxing } from '../../src/core/sandbox/sandbox.ts';
import type { AttemptId } from '../../src/core/ids.ts';
import type { StopAction, StopPlan, StopReason } from '../../src/core/supervise/stop-plan.ts';
import type { Clock, Timer } from '../../src/ports/clock.ts';
import type {
  Adoption,
  Enforcement,
  ExecutionHost,
  ExitReport,
  HeldAttempt,
  HostCursor,
  HostEvent,
  HostLimit,
  LiveUsage,
  ProcessIdentity,
  StartReply,
  StartSpec,
  StrayAttempt,
} from '../../src/ports/execution-host.ts';

/** What a scripted attempt does; everything left out is the peaceful default: runs until told, obeys every signal. */
export interface FakeBehaviour {
  /** The start's answer instead of starting. */
  readonly refuse?: Extract<StartReply, { kind: 'did_not_start' | 'paused' }>;
  /** Ends by itself after this time; at 0 its end is told before the start is answered, as a quick program's may be. */
  readonly endsAfterMs?: number;
  /** Code with which it ends by itself (0). */
  readonly code?: number;
  /** Text appended to `outPath` at once. */
  readonly output?: string;
  /** Signals that it does not obey. */
  readonly ignores?: readonly ('interrupt' | 'terminate')[];
  /** Code with which it answers an obeyed signal; else it ends by the signal. */
  readonly codeWhenAsked?: number;
}

interface Held {
  readonly spec: StartSpec;
  readonly identity: ProcessIdentity;
  readonly startedAt: number;
  readonly startedMono: number;
  readonly behaviour: FakeBehaviour;
  readonly timers: Timer[];
  readonly actions: { readonly action: StopAction; readonly at: number }[];
  usage: LiveUsage;
  stop: ExitReport['stop'];
  killAt: number | null;
  written: number;
}

/** How one attempt ended, as far as a test wants to say; the rest is filled in. */
export type FakeEnd = Partial<Omit<ExitReport, 'attemptId'>>;

type Entry = HostEvent extends infer Event ? (Event extends { cursor: HostCursor | null } ? Event : never) : never;

const SIGNALS: Readonly<Record<StopAction, string>> = { interrupt: 'SIGINT', terminate: 'SIGTERM', kill: 'SIGKILL' };

/** All processes of a pretended machine. One instance outlives daemons: `disconnect`, then `connect` again. */
export class FakeHost implements ExecutionHost {
  readonly name = 'fake';
  readonly defaultUser = null;
  readonly inputsDir = null;
  /** Every start that reached "spawn", in order: the proof that nothing ran that should not have. */
  readonly starts: { readonly spec: StartSpec; readonly at: number }[] = [];
  /** Every start that was asked for, also refused and repeated ones. */
  readonly asked: StartSpec[] = [];
  /** Every stop that was asked for. */
  readonly stops: { readonly attemptId: AttemptId; readonly plan: StopPlan; readonly reason: StopReason }[] = [];
  /** How limits are pretended to be held. */
  held: Enforcement = { memory: 'sampled', cpu: 'sampled', pids: 'none', cpuQuota: 'none', tree: 'cgroup' };
  /** What of sandboxes can be had: all. */
  sandboxes: Sandboxing = { standard: null, strict: null, addresses: null };
  /** Whether it was asked for lists of addresses. */
  addressesAsked = false;
  /** From now on nobody can ask what lives. */
  statusFails = false;
  /** How often it was asked what lives. */
  statusAsked = 0;
  readonly #clock: Clock;
  readonly #live = new Map<AttemptId, Held>();
  readonly #gone = new Set<AttemptId>();
  readonly #watched = new Set<AttemptId>();
  readonly #strays: StrayAttempt[] = [];
  readonly #inFlight: ((how: 'carry out' | 'never') => void)[] = [];
  readonly #records: { readonly hostId: string; readonly entries: Entry[] }[] = [{ hostId: 'fake-1', entries: [] }];
  readonly #forgotten = new Map<string, number>();
  /** Bytes that each entry of its record pretends to take. */
  entryBytes = 1;
  #script: (spec: StartSpec) => FakeBehaviour = () => ({});
  #tell: ((event: HostEvent) => void) | null = null;
  #holding = false;
  #boot = 1;
  #nextPid = 1000;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  // --- what tests say

  /** Decides what the attempts started from now on do. */
  script(behave: (spec: StartSpec) => FakeBehaviour): void {
    this.#script = behave;
  }

  /** Attempts alive now, in order of start. */
  live(): AttemptId[] {
    return [...this.#live.keys()];
  }

  /** Signals that reached a live attempt so far. */
  actions(attemptId: AttemptId): readonly { readonly action: StopAction; readonly at: number }[] {
    return this.#alive(attemptId).actions;
  }

  /** Appends to the attempt's output file. */
  write(attemptId: AttemptId, text: string): void {
    const held = this.#alive(attemptId);
    appendFileSync(held.spec.outPath, text);
    held.written += Buffer.byteLength(text);
  }

  /** Sets what `usage()` says of a live attempt. */
  use(attemptId: AttemptId, usage: Partial<LiveUsage>): void {
    const held = this.#alive(attemptId);
    held.usage = { ...held.usage, ...usage };
  }

  /** Lets a live attempt end, by default with code 0. */
  exit(attemptId: AttemptId, end: FakeEnd = {}): void {
    this.#end(this.#alive(attemptId), { code: 0, ...end });
  }

  /** A live attempt is killed and nobody writes that down. */
  vanish(attemptId: AttemptId): void {
    const held = this.#alive(attemptId);
    held.timers.forEach((timer) => timer.cancel());
    this.#live.delete(attemptId);
    this.#gone.add(attemptId);
  }

  /** Whether exactly this process lives: what a process table would say. */
  isAlive(identity: ProcessIdentity): boolean {
    return [...this.#live.values()].some((held) => held.identity.pid === identity.pid);
  }

  /** Lets everything alive end. */
  exitAll(end: FakeEnd = {}): void {
    for (const attemptId of this.live()) {
      this.exit(attemptId, end);
    }
  }

  /** Pretends that a live attempt crossed a limit: its stop plan for it begins. */
  crossLimit(attemptId: AttemptId, limit: HostLimit, used = 0): void {
    const held = this.#alive(attemptId);
    this.#begin(held, held.spec.stopPlans[limit], limitReason(held.spec, limit, used));
  }

  /** From now on starts reach the host but are not carried out before `releaseStarts`. */
  holdStarts(): void {
    this.#holding = true;
  }

  get isHolding(): boolean {
    return this.#holding;
  }

  /** Carries out the starts that were held, in order. */
  releaseStarts(): void {
    this.#holding = false;
    for (const answer of this.#inFlight.splice(0)) {
      answer('carry out');
    }
  }

  /** The daemon is dead: nothing is told until `connect` is called again. What was asked stays asked. */
  disconnect(): void {
    this.#tell = null;
  }

  /** The host's process died: its attempts live on, watched, and their codes are lost. Starts in flight never happen. */
  die(): void {
    const hostId = this.#record().hostId;
    for (const answer of this.#inFlight.splice(0)) {
      answer('never');
    }
    this.#records.push({ hostId: `fake-${this.#records.length + 1}`, entries: [] });
    for (const attemptId of this.#live.keys()) {
      this.#watched.add(attemptId);
    }
    this.#tell?.({ kind: 'host_died', hostId, attempts: this.live() });
  }

  /** The machine was rebooted: nothing lives, the boot id is another one, the record is still there. */
  reboot(): void {
    this.#boot += 1;
    for (const held of this.#live.values()) {
      held.timers.forEach((timer) => timer.cancel());
      this.#gone.add(held.spec.attemptId);
    }
    this.#live.clear();
    this.die();
  }

  /** A tree with our marker that no ledger knows. */
  addStray(attemptId: AttemptId): void {
    this.#strays.push({ attemptId, identity: this.#newIdentity() });
  }

  // --- the port

  connect: ExecutionHost['connect'] = async ({ cursors, held }, tell) => {
    this.#tell = tell;
    for (const { hostId, entries } of this.#records) {
      const from = cursors.find((cursor) => cursor.hostId === hostId)?.offset ?? 0;
      for (const entry of entries) {
        if ((entry.cursor?.offset ?? 0) > Math.max(from, this.forgottenOf(hostId))) {
          tell(entry);
        }
      }
    }
    const adoptions = new Map(held.map((attempt) => [attempt.attemptId, this.#adoption(attempt)] as const));
    const strays = this.live()
      .filter((attemptId) => !adoptions.has(attemptId))
      .map((attemptId) => ({ attemptId, identity: this.#alive(attemptId).identity }));
    return { adoptions, strays: [...this.#strays, ...strays] };
  };

  enforcement(): Promise<Enforcement> {
    return Promise.resolve(this.held);
  }

  async sandboxing(needs: { readonly addresses: boolean }): Promise<Sandboxing> {
    this.addressesAsked ||= needs.addresses;
    return Promise.resolve(this.sandboxes);
  }

  async start(spec: StartSpec): Promise<StartReply> {
    this.asked.push(spec);
    if (this.#holding) {
      const how = await new Promise<'carry out' | 'never'>((answer) => {
        this.#inFlight.push(answer);
      });
      if (how === 'never') {
        return {
          kind: 'did_not_start',
          cause: 'keeper_died',
          message: 'the pretended keeper died before it could start',
        };
      }
    }
    const live = this.#live.get(spec.attemptId);
    if (live !== undefined) {
      return { kind: 'already_started', identity: live.identity, enforcement: this.held };
    }
    if (this.#gone.has(spec.attemptId)) {
      return { kind: 'already_ended' };
    }
    const flag = spec.pauseFlags.find((path) => existsSync(path));
    const behaviour = this.#script(spec);
    return flag !== undefined ? { kind: 'paused', flag } : (behaviour.refuse ?? this.#spawn(spec, behaviour));
  }

  stop(attemptId: AttemptId, plan: StopPlan, reason: StopReason): Promise<'stopping' | 'already' | 'gone'> {
    this.stops.push({ attemptId, plan, reason });
    const held = this.#live.get(attemptId);
    return Promise.resolve(held === undefined ? 'gone' : this.#begin(held, plan, reason));
  }

  usage(): Promise<ReadonlyMap<AttemptId, LiveUsage>> {
    this.statusAsked += 1;
    if (this.statusFails) {
      return Promise.reject(new Error('the pretended host does not answer'));
    }
    return Promise.resolve(new Map([...this.#live].map(([attemptId, held]) => [attemptId, held.usage])));
  }

  acknowledge(): void {
    // As a keeper: its record stays until it is told to forget.
  }

  forget(cursors: readonly HostCursor[]): void {
    for (const { hostId, offset } of cursors) {
      this.#forgotten.set(hostId, Math.max(offset, this.forgottenOf(hostId)));
    }
  }

  /** Place up to which the record of `hostId` was given up. */
  forgottenOf(hostId: string): number {
    return this.#forgotten.get(hostId) ?? 0;
  }

  close(_how: 'leave' | 'end'): Promise<void> {
    this.disconnect();
    return Promise.resolve();
  }

  // --- inside

  #spawn(spec: StartSpec, behaviour: FakeBehaviour): StartReply {
    const startedAt = this.#clock.now();
    const held: Held = {
      spec,
      identity: this.#newIdentity(),
      startedAt,
      startedMono: this.#clock.monotonic(),
      behaviour,
      timers: [],
      actions: [],
      usage: { cpuMs: 0, memoryBytes: 0, peakMemoryBytes: 0, processes: 1 },
      stop: null,
      killAt: null,
      written: 0,
    };
    this.starts.push({ spec, at: startedAt });
    this.#live.set(spec.attemptId, held);
    this.#append({
      kind: 'started',
      attemptId: spec.attemptId,
      identity: held.identity,
      enforcement: this.held,
      at: startedAt,
    });
    if (behaviour.output !== undefined) {
      this.write(spec.attemptId, behaviour.output);
    }
    held.timers.push(this.#clock.after(spec.limits.wallMs, () => this.crossLimit(spec.attemptId, 'wall')));
    const end = () => this.#end(held, { code: behaviour.code ?? 0 });
    if (behaviour.endsAfterMs === 0) {
      end();
    } else if (behaviour.endsAfterMs !== undefined) {
      held.timers.push(this.#clock.after(behaviour.endsAfterMs, end));
    }
    return { kind: 'started', identity: held.identity, enforcement: this.held };
  }

  #begin(held: Held, plan: StopPlan, reason: StopReason): 'stopping' | 'already' {
    const now = this.#clock.now();
    const first = held.stop === null;
    const killAt = now + (plan.at(-1)?.afterMs ?? 0);
    if (!first && killAt >= (held.killAt ?? 0)) {
      return 'already';
    }
    if (first) {
      held.stop = { reason, at: now };
      this.#append({ kind: 'stopping', attemptId: held.spec.attemptId, reason, at: now });
    }
    held.killAt = killAt;
    for (const step of plan) {
      const act = () => this.#act(held, step.action);
      if (step.afterMs === 0) {
        act();
      } else {
        held.timers.push(this.#clock.after(step.afterMs, act));
      }
    }
    return first ? 'stopping' : 'already';
  }

  #act(held: Held, action: StopAction): void {
    if (!this.#live.has(held.spec.attemptId)) {
      return;
    }
    held.actions.push({ action, at: this.#clock.now() });
    const deaf = action !== 'kill' && held.behaviour.ignores?.includes(action) === true;
    if (!deaf) {
      const code = action === 'kill' ? undefined : held.behaviour.codeWhenAsked;
      this.#end(held, code === undefined ? { signal: SIGNALS[action] } : { code });
    }
  }

  #end(held: Held, end: FakeEnd): void {
    const { attemptId } = held.spec;
    if (!this.#live.delete(attemptId)) {
      return;
    }
    held.timers.forEach((timer) => timer.cancel());
    this.#gone.add(attemptId);
    const endedAt = this.#clock.now();
    const report: ExitReport = {
      attemptId,
      code: null,
      signal: null,
      hostDied: false,
      didNotStart: null,
      startedAt: held.startedAt,
      endedAt,
      durationMs: this.#clock.monotonic() - held.startedMono,
      cpuMs: held.usage.cpuMs,
      peakMemoryBytes: held.usage.peakMemoryBytes,
      enforcement: this.held,
      stop: held.stop,
      output: { writtenBytes: held.written, cutBytes: 0 },
      kernel: null,
      survivors: 0,
      ...end,
    };
    const unknown = this.#watched.has(attemptId) ? { code: null, signal: null, hostDied: true } : {};
    this.#append({ kind: 'exited', report: { ...report, ...unknown } }, this.#watched.has(attemptId));
  }

  #append(event: Entry extends infer E ? (E extends Entry ? Omit<E, 'cursor'> : never) : never, watched = false): void {
    const { hostId, entries } = this.#record();
    const entry = {
      ...event,
      cursor: watched ? null : { hostId, offset: (entries.at(-1)?.cursor?.offset ?? 0) + this.entryBytes },
    } as Entry;
    if (!watched) {
      entries.push(entry);
    }
    this.#tell?.(entry);
  }

  #adoption({ attemptId, identity }: HeldAttempt): Adoption {
    if (this.#live.has(attemptId)) {
      return this.#watched.has(attemptId) ? 'watched' : 'held';
    }
    const ended = this.#records.some(({ entries }) =>
      entries.some((entry) => entry.kind === 'exited' && entry.report.attemptId === attemptId),
    );
    return ended ? 'ended' : identity === null && !this.#gone.has(attemptId) ? 'never_started' : 'gone';
  }

  #record(): { readonly hostId: string; readonly entries: Entry[] } {
    const record = this.#records.at(-1);
    if (record === undefined) {
      throw new Error('the fake host always has a record');
    }
    return record;
  }

  #alive(attemptId: AttemptId): Held {
    const held = this.#live.get(attemptId);
    if (held === undefined) {
      throw new Error(`the fake host holds no ${attemptId}; alive: ${this.live().join(', ') || 'none'}`);
    }
    return held;
  }

  #newIdentity(): ProcessIdentity {
    this.#nextPid += 1;
    return { bootId: `boot-${this.#boot}`, pid: this.#nextPid, startTicks: this.#nextPid * 10 };
  }
}

function limitReason(spec: StartSpec, limit: HostLimit, used: number): StopReason {
  switch (limit) {
    case 'wall':
      return { kind: 'wall', limitMs: spec.limits.wallMs };
    case 'cpu':
      return { kind: 'cpu', limitMs: spec.limits.cpuMs ?? 0, usedMs: used };
    case 'memory':
      return { kind: 'memory', limitBytes: spec.limits.memoryBytes ?? 0, usedBytes: used };
    case 'output':
      return { kind: 'output', limitBytes: spec.limits.outputBytes, usedBytes: used };
  }
}
