// The execution host that is always available: keeper processes hold the agents, and this client asks them, listens to
// them, and stands in for those that died.

import { userInfo } from 'node:os';
import type { AttemptId } from '../../core/ids.ts';
import type { StopPlan, StopReason } from '../../core/supervise/stop-plan.ts';
import { messageOf, rethrow } from '../../lib/operational-error.ts';
import type { Stopping } from '../../os/attempt-watch.ts';
import { bootId } from '../../os/process-identity.ts';
import { stateIdOf } from '../../os/state-id.ts';
import { heldBySampling, PROTOCOL, type Entry } from '../../os/wire.ts';
import type {
  Adoption,
  Enforcement,
  ExecutionHost,
  HeldAttempt,
  HostCursor,
  HostEvent,
  LiveUsage,
  StartReply,
  StartSpec,
  StrayAttempt,
} from '../../ports/execution-host.ts';
import { Bubblewrap } from '../bubblewrap.ts';
import { readLock } from './folders.ts';
import { Keepers } from './keepers.ts';
import type { KeeperLink } from './link.ts';
import { stopForeign } from './orphan.ts';
import { Orphans } from './orphans.ts';
import { Starts } from './starts.ts';
import { KnownTerms } from './terms.ts';
import { eventOf, identityIn, withStop } from './translate.ts';

const SPEAKS = [PROTOCOL, PROTOCOL - 1];
const PATIENCE_MS = 15_000;
/** Times that a stop is asked again after the line broke. */
const STOP_TRIES = 3;

/** What the host is made with. */
export interface KeeperHostInput {
  readonly stateDir: string;
  /** Of the daemon, for the log of the keeper. */
  readonly version: string;
  /** Told what an operator may want to know: a keeper died, a line was made again. */
  readonly log?: (message: string) => void;
  /** Told what failed where nobody waits for it; left out: the process ends of it. */
  readonly fail?: (error: unknown) => void;
  /** Protocols that this daemon speaks, newest first; ours and the previous one. */
  readonly speaks?: readonly number[];
  /** A keeper that lives but does not greet within this time is hung, and is ended (15 s). */
  readonly patienceMs?: number;
}

/** An `ExecutionHost` on keepers below `stateDir`. */
export function createKeeperHost(input: KeeperHostInput): ExecutionHost {
  return new KeeperHost(input);
}

class KeeperHost implements ExecutionHost {
  readonly name = 'keeper';
  readonly inputsDir = null;
  readonly defaultUser = null;
  readonly #log: (message: string) => void;
  readonly #stateId: string;
  readonly #keepers: Keepers;
  readonly #orphans: Orphans;
  readonly #starts: Starts;
  readonly #bubblewrap = new Bubblewrap();
  readonly #terms = new KnownTerms();
  /** Stops of attempts whose keeper we cannot speak to: carried out by us, and put into its report. */
  readonly #foreignStops = new Map<string, ReturnType<typeof stopForeign>>();
  #listener: (event: HostEvent) => void = () => undefined;

  constructor(input: KeeperHostInput) {
    const stateId = stateIdOf(input.stateDir);
    this.#stateId = stateId;
    this.#log = input.log ?? (() => undefined);
    const fail = input.fail ?? rethrow;
    this.#keepers = new Keepers({
      stateDir: input.stateDir,
      stateId,
      daemon: { version: input.version, speaks: input.speaks ?? SPEAKS, patienceMs: input.patienceMs ?? PATIENCE_MS },
      listener: {
        onEntry: (link, entry, offset) => this.#onEntry(link, entry, offset),
        onNo: (id, no) => this.#starts.onNo(id, no),
        onHealed: (link) => {
          this.#log(`the line to keeper ${link.id} broke and stands again`);
          this.#starts.onHealed(link);
        },
        onDead: (link) => {
          this.#onDead(link).catch(fail);
        },
        onFailed: fail,
      },
    });
    this.#orphans = new Orphans(stateId, this.#terms, { tell: (event) => this.#tell(event), fail });
    this.#starts = new Starts(this.#keepers);
  }

  connect: ExecutionHost['connect'] = async ({ cursors, held }, tell) => {
    const ends = new Set<string>();
    const starts = new Set<string>();
    this.#listener = (event) => {
      if (event.kind === 'exited') {
        ends.add(event.report.attemptId);
      } else if (event.kind === 'started') {
        starts.add(event.attemptId);
      }
      tell(event);
    };
    held.forEach((attempt) => this.#terms.keep(attempt.attemptId, attempt));
    await this.#keepers.open(cursors);
    const dead = this.#keepers.all().filter((link) => link.state === 'dead');
    const crashed = dead.filter((link) => readLock(link.folder) !== null);
    dead.forEach((link) => this.#orphans.adopt(link, false, () => this.#keepers.tidy(link)));
    const unknown = held.filter(({ attemptId }) => !this.#isKnown(attemptId));
    unknown.forEach((attempt) => this.#orphans.adoptProcess(attempt));
    if (crashed.length > 0) {
      await this.#orphans.search(unknown.filter(({ identity }) => identity === null).map(({ attemptId }) => attemptId));
    }
    dead.forEach((link) => this.#keepers.bury(link));
    await this.#keepers.accepting();
    this.#listener = tell;
    const adoption = (each: HeldAttempt) => (ends.has(each.attemptId) ? 'ended' : this.#adoption(each, starts));
    const adoptions = new Map(held.map((attempt) => [attempt.attemptId, adoption(attempt)] as const));
    return { adoptions, strays: this.#strays(new Set([...adoptions.keys(), ...starts])) };
  };

  async enforcement(): Promise<Enforcement> {
    const { held } = await this.#keepers.accepting();
    return held ?? heldBySampling('marker');
  }

  sandboxing: ExecutionHost['sandboxing'] = () => this.#bubblewrap.sandboxing();

  start(spec: StartSpec): Promise<StartReply> {
    const { attemptId } = spec;
    const underWay = this.#starts.reply(attemptId);
    if (underWay !== null) {
      return underWay;
    }
    const start = this.#keepers.find(attemptId)?.entry.start ?? this.#orphans.get(attemptId)?.start;
    if (start !== undefined) {
      return Promise.resolve({ kind: 'already_started', identity: identityIn(start), enforcement: start.held });
    }
    if (this.#keepers.hasEnded(attemptId)) {
      return Promise.resolve({ kind: 'already_ended' });
    }
    if (spec.user !== null && spec.user !== userInfo().username) {
      const message = `the keeper runs everything as ${userInfo().username} and cannot start ${attemptId} as ${spec.user}: set host = "systemd", or remove user`;
      return Promise.resolve({ kind: 'did_not_start', cause: 'user', message });
    }
    return this.#terms.keepFor(spec, () => this.#starts.begin(this.#bubblewrap.put(spec)));
  }

  async stop(attemptId: AttemptId, plan: StopPlan, reason: StopReason): Promise<'stopping' | 'already' | 'gone'> {
    await this.#starts.reply(attemptId);
    for (let tries = 0; tries < STOP_TRIES; tries += 1) {
      const found = this.#keepers.find(attemptId);
      await found?.link.settled();
      const orphan = this.#orphans.get(attemptId);
      if (orphan !== null || found === null) {
        return orphan?.stop(plan, reason) ?? 'gone';
      }
      if (found.link.state === 'read') {
        return this.#stopForeign(found.entry, plan, reason);
      }
      try {
        return (await found.link.line?.stop(attemptId, plan, reason)) ?? 'gone';
      } catch (error) {
        this.#log(`stop of ${attemptId}: ${messageOf(error)}; asking again`);
      }
    }
    return 'gone';
  }

  async usage(): Promise<ReadonlyMap<AttemptId, LiveUsage>> {
    const usage = new Map(this.#orphans.usage());
    const lines = this.#keepers.all().flatMap((link) => link.line ?? []);
    // A line that breaks now is healed elsewhere; its attempts are missing from this one answer.
    const answers = await Promise.allSettled(lines.map((line) => line.usage()));
    for (const answer of answers) {
      for (const [id, used] of answer.status === 'fulfilled' ? Object.entries(answer.value) : []) {
        usage.set(id as AttemptId, used);
      }
    }
    return usage;
  }

  acknowledge(): void {
    // The journal is kept until a copy of the ledger has it, so that a ledger that is lost costs no end of a run.
  }

  forget(cursors: readonly HostCursor[]): void {
    cursors.forEach((cursor) => this.#keepers.forget(cursor));
  }

  async close(how: 'leave' | 'end'): Promise<void> {
    this.#listener = () => undefined;
    this.#orphans.dispose();
    this.#foreignStops.forEach((watch) => watch.dispose());
    await this.#keepers.close(how);
    this.#starts.close();
  }

  #tell(event: HostEvent): void {
    if (event.kind === 'exited') {
      this.#terms.forget(event.report.attemptId);
    }
    this.#listener(event);
  }

  #onEntry(link: KeeperLink, entry: Entry, offset: number): void {
    const event = eventOf(entry, link.bootId, { hostId: link.id, offset });
    const stop = entry.k === 'exit' ? this.#foreignStops.get(entry.id) : undefined;
    if (stop !== undefined) {
      stop.dispose();
      this.#foreignStops.delete(entry.id);
    }
    this.#tell(withStop(event, stop?.stopping ?? null));
    this.#starts.onEntry(entry);
  }

  async #onDead(link: KeeperLink): Promise<void> {
    const inOrder = readLock(link.folder) === null;
    await this.#keepers.retire(link);
    const attempts = this.#orphans.adopt(link, true, () => this.#keepers.tidy(link));
    if (!inOrder) {
      this.#log(`keeper ${link.id} died; ${attempts.length} attempts live on, watched from here`);
      this.#tell({ kind: 'host_died', hostId: link.id, attempts });
    }
    await this.#starts.onDead(link, (ids) => this.#orphans.search(ids));
    this.#keepers.bury(link);
  }

  #stopForeign(entry: { readonly start: Parameters<typeof stopForeign>[0] }, plan: StopPlan, reason: StopReason) {
    const { id } = entry.start;
    const before = this.#foreignStops.get(id);
    if (before !== undefined) {
      return before.stop(plan, reason);
    }
    const watch = stopForeign(entry.start, this.#stateId, ({ at }: Stopping) => {
      this.#tell({ kind: 'stopping', attemptId: id as AttemptId, reason, at, cursor: null });
    });
    this.#foreignStops.set(id, watch);
    return watch.stop(plan, reason);
  }

  #isKnown(id: AttemptId): boolean {
    return this.#keepers.holds(id) || this.#orphans.get(id) !== null || this.#keepers.hasEnded(id);
  }

  /** `told`: attempts whose start was told meanwhile. */
  #adoption({ attemptId, identity }: HeldAttempt, told: ReadonlySet<string>): Adoption {
    if (this.#orphans.get(attemptId) !== null) {
      return 'watched';
    }
    if (this.#keepers.holds(attemptId)) {
      return 'held';
    }
    if (this.#keepers.hasEnded(attemptId)) {
      return 'ended';
    }
    return identity === null && !told.has(attemptId) ? 'never_started' : 'gone';
  }

  #strays(known: ReadonlySet<string>): StrayAttempt[] {
    return [...this.#orphans.marked()]
      .filter(([id]) => !known.has(id))
      .map(([id, { stat }]) => ({
        attemptId: id as AttemptId,
        identity: { bootId: bootId(), pid: stat.pid, startTicks: stat.startTicks },
      }));
  }
}
