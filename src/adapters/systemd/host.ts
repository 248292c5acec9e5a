// The execution host in which the service manager holds the agents: a transient unit per attempt, limits by the kernel,
// ends recorded by the manager itself, so that the daemon can die, be restarted or be replaced at any moment.

import { setTimeout as delay } from 'node:timers/promises';
import type { AttemptId } from '../../core/ids.ts';
import type { StopReason } from '../../core/supervise/stop-plan.ts';
import { OperationalError } from '../../lib/operational-error.ts';
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
import { LiveUnit, identityIn, isOfThisBoot, type Terms } from './live-unit.ts';
import { ServiceManager, type ManagerKind } from './service-manager.ts';
import { punch } from './punch.ts';
import { Records, runtimeFolder } from './records.ts';
import { reportOf } from './report.ts';
import { Starter } from './starter.ts';
import { attemptsIn, unitPattern } from './unit-name.ts';

/** User of agents whose project names none: `adf install` makes it. */
const AGENT_USER = 'adf-agent';
/** Records are followed; this is the net below that. */
const LOOK_MS = 1000;
/** A first process that is gone for this long without a record: the manager is asked. */
const RECORD_PATIENCE_MS = 15_000;
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
  /** What live attempts were to run, for the words of a start that failed. */
  readonly #asked = new Map<AttemptId, { readonly program: string; readonly cwd: string }>();
  #heldNow: Enforcement = { memory: 'none', cpu: 'counted', pids: 'none', cpuQuota: 'none', tree: 'cgroup' };
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
    const units = attemptsIn(await this.#manager.units(unitPattern(this.#stateId)), this.#stateId);
    // What nobody has begun yet will not be: a dead daemon may still have asked for it.
    held.filter(({ attemptId }) => !units.has(attemptId)).forEach(({ attemptId }) => this.#records.withdraw(attemptId));
    await Promise.all([...units.keys()].map((id) => this.#starter.settle(id, units.get(id) ?? '')));
    for (const id of this.#records.ids()) {
      await this.#takeUp(id, units.get(id) ?? '', terms.get(id) ?? null);
    }
    this.#unfollow = this.#records.follow((id) => (id === null ? this.#look() : void this.#lookFor(id)));
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#look();
    return {
      adoptions: new Map(held.map((attempt) => [attempt.attemptId, this.#adoption(attempt)] as const)),
      strays: this.#strays(terms),
    };
  };

  async enforcement(): Promise<Enforcement> {
    const controllers = await this.#manager.controllers();
    const held = (name: string) => (controllers.has(name) ? 'kernel' : 'none');
    this.#heldNow = {
      memory: held('memory'),
      cpu: 'counted',
      pids: held('pids'),
      cpuQuota: held('cpu'),
      tree: 'cgroup',
    };
    return this.#heldNow;
  }

  sandboxing: ExecutionHost['sandboxing'] = () => this.#starter.sandboxing();

  start(spec: StartSpec): Promise<StartReply> {
    const { attemptId } = spec;
    const underWay = this.#starting.get(attemptId);
    if (underWay !== undefined) {
      return underWay;
    }
    const live = this.#live.get(attemptId);
    if (live !== undefined) {
      return Promise.resolve({ kind: 'already_started', identity: live.identity, enforcement: this.#heldNow });
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

  async #begin(spec: StartSpec): Promise<StartReply> {
    const { attemptId } = spec;
    const reply = await this.#starter.start(spec, this.#closing.signal);
    if (this.#closed || reply.kind === 'unknown') {
      throw new OperationalError('host.closed', `the host was let go before it could say whether ${attemptId} started`);
    }
    if (reply.kind === 'no') {
      return reply.no;
    }
    this.#hold(attemptId, { unit: reply.unit, start: reply.start, terms: spec });
    this.#asked.set(attemptId, { program: spec.argv[0], cwd: spec.cwd });
    this.#tellStarted(attemptId);
    await this.#lookFor(attemptId);
    return { kind: 'started', identity: identityIn(reply.start.record), enforcement: this.#heldNow };
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
      await this.#end(id, null);
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
      begun: this.#records.stop(id),
      marker: { attempt: id, stateId: this.#stateId },
      punch,
      killUnit: (unit) => this.#manager.kill(unit),
      onStopping: (stopping) => {
        this.#records.writeStop(id, stopping);
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
      const { identity, start } = live;
      const cursor = this.#ends.place();
      this.#tell({ kind: 'started', attemptId: id, identity, enforcement: this.#heldNow, at: start.at, cursor });
    }
  }

  #look(): void {
    for (const id of this.#live.keys()) {
      void this.#lookFor(id);
    }
  }

  /** Tells the end of `id` once it is recorded, or once it is certain that it never will be. */
  async #lookFor(id: AttemptId): Promise<void> {
    const live = this.#live.get(id);
    if (live === undefined || this.#closed) {
      return;
    }
    if (this.#records.exit(id) !== null) {
      await this.#end(id, live);
      return;
    }
    const now = performance.now();
    live.goneSince = live.runs ? null : (live.goneSince ?? now);
    if (live.goneSince !== null && now - live.goneSince > RECORD_PATIENCE_MS) {
      live.goneSince = now;
      const { active } = await this.#manager.state(live.unit);
      if ((active === 'inactive' || active === 'failed') && this.#records.exit(id) === null) {
        this.#log(`${live.unit} is gone, and the service manager recorded no end of it`);
        await this.#end(id, live);
      }
    }
  }

  async #end(id: AttemptId, live: LiveUnit | null): Promise<void> {
    if (live !== null && !this.#live.delete(id)) {
      return;
    }
    const remains = (await live?.finish()) ?? { writtenBytes: 0, cutBytes: 0, cpuMs: 0, peakMemoryBytes: null };
    const report = reportOf({
      attemptId: id,
      start: live?.start ?? null,
      exit: this.#records.exit(id),
      remains,
      stopping: live?.watch.stopping ?? null,
      enforcement: this.#heldNow,
      asked: this.#asked.get(id) ?? null,
      wallMs: live?.terms?.limits.wallMs ?? null,
      now: Date.now(),
    });
    this.#asked.delete(id);
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
