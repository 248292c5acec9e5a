// The execution host in which the service manager holds the agents: a transient unit per attempt, limits by the kernel,
// ends recorded by the manager itself, so that the daemon can die, be restarted or be replaced at any moment.

import { setTimeout as delay } from 'node:timers/promises';
import type { AttemptId } from '../../core/ids.ts';
import type { StopReason } from '../../core/supervise/stop-plan.ts';
import { OperationalError, rethrow } from '../../lib/operational-error.ts';
import { stateIdOf } from '../../os/state-id.ts';
import type {
  Adoption,
  Enforcement,
  ExecutionHost,
  HeldAttempt,
  HostEvent,
  StartReply,
  StartSpec,
  StrayAttempt,
} from '../../ports/execution-host.ts';
import { Ends } from './ends.ts';
import { makeInputsFolder } from './inputs.ts';
import { LiveUnit, isOfThisBoot, type Terms } from './live-unit.ts';
import { Looks } from './looks.ts';
import { ServiceManager, type ManagerKind } from './service-manager.ts';
import { provedBy } from './proof.ts';
import { punch } from './punch.ts';
import { Records, runtimeFolder } from './records.ts';
import { heldBy } from './record-script.ts';
import { reportOf } from './report.ts';
import { Starter } from './starter.ts';
import { attemptsIn, unitPattern } from './unit-name.ts';

/** User of agents whose project names none: `adf install` makes it. */
const AGENT_USER = 'adf-agent';
/** Records are followed; this is the net below that. */
const LOOK_MS = 1000;
/** A manager that does not answer keeps nobody from going. */
const CLOSE_MS = 2000;

/** What the host is made with. */
export interface SystemdHostInput {
  readonly kind: ManagerKind;
  readonly stateDir: string;
  /** Of the daemon: where its programs are, and how a user's manager is reached. */
  readonly environment: Readonly<Record<string, string>>;
  /** Told what an operator may want to know. */
  readonly log?: (message: string) => void;
  /** Told what failed where nobody waits for it; left out: the process ends of it. */
  readonly fail?: (error: unknown) => void;
}

/** An `ExecutionHost` on the units of a service manager. Errors: `systemd.cgroup` where the host has no cgroup v2 tree. */
export function createSystemdHost(input: SystemdHostInput): ExecutionHost {
  return new SystemdHost(input);
}

class SystemdHost implements ExecutionHost {
  readonly name = 'systemd';
  readonly defaultUser: string | null;
  readonly inputsDir: string | null;
  readonly #log: (message: string) => void;
  readonly #stateId: string;
  readonly #manager: ServiceManager;
  readonly #records: Records;
  readonly #starter: Starter;
  readonly #starting = new Map<AttemptId, Promise<StartReply>>();
  readonly #live = new Map<AttemptId, LiveUnit>();
  readonly #ends: Ends;
  readonly #looks: Looks<LiveUnit>;
  #heldNow: Enforcement = heldBy(new Set());
  #tell: (event: HostEvent) => void = () => undefined;
  #unfollow: () => void = () => undefined;
  #timer: NodeJS.Timeout | null = null;
  readonly #closing = new AbortController();

  constructor(input: SystemdHostInput) {
    this.#log = input.log ?? (() => undefined);
    this.#stateId = stateIdOf(input.stateDir);
    this.#manager = new ServiceManager(input.kind, input.environment);
    this.#records = new Records(input.stateDir, this.#manager.mount, runtimeFolder(input));
    this.#ends = new Ends((id) => this.#records.remove(id));
    this.#looks = new Looks({
      live: this.#live,
      records: this.#records,
      manager: this.#manager,
      signal: this.#closing.signal,
      end: (id, live) => this.#end(id, live),
      log: this.#log,
      fail: input.fail ?? rethrow,
    });
    this.defaultUser = input.kind === 'system' ? AGENT_USER : null;
    this.inputsDir = input.kind === 'system' ? makeInputsFolder(input.stateDir) : null;
    this.#starter = new Starter({
      manager: this.#manager,
      records: this.#records,
      stateId: this.#stateId,
      defaultUser: this.defaultUser,
      path: input.environment['PATH'] ?? '/usr/bin:/bin',
      log: this.#log,
    });
  }

  connect: ExecutionHost['connect'] = async ({ cursors, held }, tell) => {
    this.#tell = tell;
    this.#ends.goOn(cursors);
    await this.enforcement();
    const terms = new Map(held.map((attempt) => [attempt.attemptId, attempt]));
    // What nobody has begun yet will not be: a dead daemon may still have asked for it. What began just before that is there then.
    const begun = await this.#units();
    held.filter(({ attemptId }) => !begun.has(attemptId)).forEach(({ attemptId }) => this.#records.withdraw(attemptId));
    const units = await this.#units();
    await Promise.all([...units.keys()].map((id) => this.#starter.vouch(id, units.get(id) ?? '')));
    for (const id of this.#records.ids()) {
      await this.#takeUp(id, units.get(id) ?? '', terms.get(id) ?? null);
    }
    this.#records.dropProofs(new Set(units.keys()));
    this.#unfollow = this.#records.follow((id) => (id === null ? this.#looks.all() : this.#looks.soon(id)));
    this.#timer = setInterval(() => this.#looks.all(), LOOK_MS);
    this.#looks.all();
    return {
      adoptions: new Map(held.map((attempt) => [attempt.attemptId, this.#adoption(attempt)] as const)),
      strays: this.#strays(terms),
    };
  };

  async enforcement(): Promise<Enforcement> {
    const controllers = await this.#manager.controllers();
    this.#heldNow = heldBy(controllers);
    return this.#heldNow;
  }

  sandboxing: ExecutionHost['sandboxing'] = (needs) => this.#starter.sandboxing(needs);

  start(spec: StartSpec): Promise<StartReply> {
    const { attemptId } = spec;
    const underWay = this.#starting.get(attemptId);
    if (underWay !== undefined) {
      return underWay;
    }
    const live = this.#live.get(attemptId);
    if (live !== undefined) {
      return Promise.resolve({ kind: 'already_started', identity: live.identity, enforcement: live.enforcement });
    }
    if (this.#ends.has(attemptId)) {
      return Promise.resolve({ kind: 'already_ended' });
    }
    const reply = this.#begin(spec).finally(() => this.#starting.delete(attemptId));
    this.#starting.set(attemptId, reply);
    return reply;
  }

  stop: ExecutionHost['stop'] = async (attemptId, plan, reason) => {
    await this.#starting.get(attemptId);
    return this.#live.get(attemptId)?.watch.stop(plan, reason) ?? 'gone';
  };

  usage: ExecutionHost['usage'] = async () =>
    Promise.resolve(new Map([...this.#live].map(([id, { watch }]) => [id, watch.usage()] as const)));

  acknowledge: ExecutionHost['acknowledge'] = (cursor) => this.#ends.acknowledge(cursor);

  /** The record of an end is a file of its own: a day of them would be too many, so they went with `acknowledge`. */
  forget = (): void => undefined;

  async close(): Promise<void> {
    this.#closing.abort();
    this.#tell = () => undefined;
    this.#unfollow();
    clearInterval(this.#timer ?? undefined);
    this.#live.forEach(({ watch }) => watch.dispose());
    await Promise.race([Promise.allSettled(this.#starting.values()), delay(CLOSE_MS, null, { ref: false })]);
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Units of our attempts that are not at rest. */
  async #units(): Promise<ReadonlyMap<AttemptId, string>> {
    return attemptsIn(await this.#manager.units(unitPattern(this.#stateId)), this.#stateId);
  }

  async #begin(spec: StartSpec): Promise<StartReply> {
    const { attemptId } = spec;
    const reply = await this.#starter.start(spec, this.#closing.signal);
    if (this.#closed || reply.kind === 'unknown' || reply.kind === 'not_taken') {
      throw new OperationalError('host.closed', `the host was let go before it could say whether ${attemptId} started`);
    }
    if (reply.kind === 'no') {
      return reply.no;
    }
    if (reply.kind === 'ended') {
      await this.#end(attemptId, null, spec);
      return { kind: 'already_ended' };
    }
    const live = this.#hold(attemptId, { unit: reply.unit, start: reply.start, terms: spec });
    this.#tellStarted(attemptId);
    await this.#looks.at(attemptId);
    return { kind: 'started', identity: live.identity, enforcement: live.enforcement };
  }

  /** Takes up one recorded attempt when we come: tells what the record says, and holds it if it lives. */
  async #takeUp(id: AttemptId, unit: string, terms: HeldAttempt | null): Promise<void> {
    const start = this.#records.start(id);
    const exit = this.#records.exit(id);
    if (exit === null && (start === null || unit === '' || !isOfThisBoot(start.record))) {
      // Neither alive nor recorded as ended: nobody will ever know more.
      this.#records.remove(id);
      return;
    }
    if (start === null) {
      await this.#end(id, null, terms);
      return;
    }
    const live = this.#hold(id, { unit, start, terms });
    this.#tellStarted(id);
    if (exit !== null) {
      await this.#end(id, live);
    }
  }

  #hold(
    id: AttemptId,
    found: { readonly unit: string; readonly start: LiveUnit['start']; readonly terms: Terms | null },
  ): LiveUnit {
    const live = new LiveUnit({
      ...found,
      heldNow: this.#heldNow,
      begun: this.#records.stop(id),
      marker: { attempt: id, stateId: this.#stateId },
      punch,
      killUnit: (unit) => this.#manager.kill(unit),
      onStopping: (stopping) => {
        const failure = this.#records.writeStop(id, stopping);
        if (failure !== null) {
          this.#log(`the stop of ${id} is under way and in memory only: ${failure.message}`);
        }
        const { at } = stopping;
        const reason = stopping.reason as StopReason;
        this.#tell({ kind: 'stopping', attemptId: id, reason, at, cursor: this.#ends.place() });
      },
    });
    this.#live.set(id, live);
    return live;
  }

  #tellStarted(id: AttemptId): void {
    const live = this.#live.get(id);
    if (live !== undefined) {
      const { identity, enforcement, start } = live;
      const cursor = this.#ends.place();
      this.#tell({ kind: 'started', attemptId: id, identity, enforcement, at: start.at, cursor });
    }
  }

  async #end(id: AttemptId, live: LiveUnit | null, terms: Terms | null = live?.terms ?? null): Promise<void> {
    if (live !== null && !this.#live.delete(id)) {
      return;
    }
    try {
      await this.#tellEnd(id, live, terms);
    } catch (error) {
      // What was not told is told by the next look.
      if (live !== null) {
        this.#live.set(id, live);
      }
      throw error;
    }
  }

  async #tellEnd(id: AttemptId, live: LiveUnit | null, terms: Terms | null): Promise<void> {
    const remains = (await live?.finish()) ?? { writtenBytes: 0, cutBytes: 0, cpuMs: 0, peakMemoryBytes: null };
    const exit = this.#records.exit(id);
    const report = reportOf({
      attemptId: id,
      start: live?.start ?? null,
      exit,
      remains,
      stopping: live?.watch.stopping ?? null,
      heldNow: this.#heldNow,
      proved: provedBy(exit?.record ?? null, this.#records.proof(id), terms),
      terms,
      now: Date.now(),
    });
    this.#tell({ kind: 'exited', report, cursor: this.#ends.add(id) });
  }

  #adoption({ attemptId, identity }: HeldAttempt): Adoption {
    if (this.#live.has(attemptId)) {
      return 'held';
    }
    if (this.#ends.has(attemptId)) {
      return 'ended';
    }
    return identity === null ? 'never_started' : 'gone';
  }

  #strays(held: ReadonlyMap<AttemptId, unknown>): StrayAttempt[] {
    return [...this.#live].filter(([id]) => !held.has(id)).map(([id, { identity }]) => ({ attemptId: id, identity }));
  }
}
