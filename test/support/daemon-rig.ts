// A daemon without a machine: fake host, fake clock, real ledger; killed at any moment, and started again on what is left.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { zoneTable } from '../../src/adapters/clock/zone-table.ts';
import { silenceNotes } from '../../src/adapters/host/silence-notes.ts';
import { runFiles } from '../../src/adapters/files/run-files.ts';
import { fileFlags } from '../../src/adapters/pause-flags/files.ts';
import type { Fleet } from '../../src/core/fleet.ts';
import { sha256 } from '../../src/config/hash.ts';
import type { AgentKey, AttemptId, RunId } from '../../src/core/ids.ts';
import type { RecordedFact } from '../../src/core/run/facts.ts';
import type { Outcome } from '../../src/core/run/outcome.ts';
import type { Run } from '../../src/core/run/run.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import { Feed } from '../../src/daemon/feed.ts';
import { FleetInForce, type House } from '../../src/daemon/house.ts';
import type { LoadedFleet } from '../../src/daemon/reconciler.ts';
import { driverFor } from '../../src/drivers/registry.ts';
import type { Control, RequestReply } from '../../src/ports/control.ts';
import type { ReloadView } from '../../src/ports/reconcile-view.ts';
import type { ProcessIdentity } from '../../src/ports/execution-host.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import type { PauseFlags } from '../../src/ports/pause-flags.ts';
import type { Tracker } from '../../src/ports/tracker.ts';
import { seeded, uuids } from './chance.ts';
import { faultyLedger } from './faulty-ledger.ts';
import { FakeAlerting } from './fake-alerting.ts';
import { FakeFlags } from './fake-flags.ts';
import { FakeHost, type FakeBehaviour } from './fake-host.ts';
import { fakeMachine } from './fake-machine.ts';
import { fakeSecrets } from './fake-secrets.ts';
import { FakeTracker } from './fake-tracker.ts';
import { testLedger } from './ledger.ts';
import { fleetOf } from './load-config.ts';
import { ManualTimers } from './manual-timers.ts';
import { Errands, Life, survivedBy, type Death, type Lived } from './mortal.ts';

/** 21 November 2026, 10:30:45 UTC. */
const STARTED_AT = Date.UTC(2026, 10, 21, 10, 30, 45);
/** How long (pretended) a rig waits for what should come. */
const PATIENCE_MS = 120_000;
/** Timers run in one wait at most: more is a loop that gets nowhere. */
const MOST_STEPS = 200_000;

/** A fleet is the same for the same text; reading it costs as much as a whole small test. */
const FLEETS = new Map<string, Fleet>();

/** What a rig is made of; everything but `toml` has a peaceful default. */
export interface RigInput {
  readonly toml: string;
  /** `file`: each life opens the ledger anew. In memory (the default) it stays open, which is much faster. */
  readonly ledger?: 'memory' | 'file';
  /** `file`: real files in a pause_dir of the rig. */
  readonly flags?: 'fake' | 'file';
  /** The tracker; by default a fake one. */
  readonly tracker?: (clock: ManualTimers) => Tracker;
  readonly seed?: number;
  /** What runs without a script do; by default they end well at once. */
  readonly unscripted?: FakeBehaviour;
  /** The first life dies at the moment with this number. */
  readonly dieAt?: number;
  readonly secrets?: readonly string[];
}

/** One factory on one pretended machine. */
export class DaemonRig {
  readonly clock = new ManualTimers(STARTED_AT);
  readonly host = new FakeHost(this.clock);
  readonly dir = mkdtempSync(join(tmpdir(), 'adf-rig-'));
  /** Each life is given the one that is here when it begins. */
  tracker: Tracker;
  readonly fleet: FleetInForce;
  /** agents.toml as it is now. */
  onDisk: LoadedFleet;
  /** Told by daemons that met something outside that failed; and what should have ended them. */
  readonly warnings: string[] = [];
  readonly fatal: unknown[] = [];
  ledger: Ledger;
  /** Daemons so far, the present one included. */
  lives = 0;
  /** What it runs on. */
  readonly machine = fakeMachine();
  /** Called at each look at the machine, which goes on when it resolves. */
  whileLooking = async (): Promise<void> => Promise.resolve();
  /** Asked at the end of each transaction; true: it cannot be kept. */
  isDiskFull = (): boolean => false;
  /** Who is told of alerts beside the tracker, by name; and who explains them. */
  readonly alerting = new FakeAlerting();
  /** Programs that the machine does not have. */
  readonly missingPrograms = new Set<string>();
  /** What the machine's process table says of a process. */
  machineSays = async (process: ProcessIdentity): Promise<boolean | null> => this.host.isAlive(process);
  readonly #input: RigInput;
  readonly #errands = new Errands();
  readonly #flagsByDir = new Map<string, PauseFlags>();
  readonly #ledgers = new Set<Ledger>();
  readonly #random: () => number;
  readonly #scripts = new Map<string, (run: Run) => FakeBehaviour>();
  #current: Lived | null = null;
  #ids = 0;
  #boots = 1;

  private constructor(input: RigInput) {
    this.#input = input;
    this.#random = seeded(input.seed ?? 1);
    this.onDisk = { kind: 'ok', fleet: this.#fleetOf(input.toml), warnings: [] };
    this.fleet = new FleetInForce(this.onDisk.fleet);
    this.tracker = input.tracker?.(this.clock) ?? new FakeTracker(() => this.clock.now());
    this.ledger = this.#openLedger();
    this.host.script((spec) => this.#behaviour(spec.attemptId, spec.pauseFlags));
  }

  /** A factory that has started, or died on the way. */
  static async start(input: RigInput): Promise<DaemonRig> {
    const rig = new DaemonRig(input);
    await rig.restart(input.dieAt);
    return rig;
  }

  get daemon(): Daemon {
    return this.#living().daemon;
  }

  get house(): House {
    return this.#living().house;
  }

  /** Moments of the life that goes on, or of the last one. */
  get moments(): readonly string[] {
    return this.#current?.life.moments ?? [];
  }

  get isDead(): boolean {
    return this.#current?.life.isOver ?? true;
  }

  /** The fake flags of the pause_dir in force. */
  get flags(): FakeFlags {
    const flags = this.#flagsIn(this.fleet.now.factory.pauseDir);
    if (!(flags instanceof FakeFlags)) {
      throw new Error('this rig was given flags of its own');
    }
    return flags;
  }

  /** Somebody removes the flag called `name`, or makes it with `touch`. */
  setFlag(name: string, wanted: boolean): void {
    const flags = this.#flagsIn(this.fleet.now.factory.pauseDir);
    if (flags instanceof FakeFlags) {
      return wanted ? flags.touchByHand(name) : flags.removeByHand(name);
    }
    if (wanted) {
      writeFileSync(flags.path(name), '', { flag: 'a' });
    } else {
      rmSync(flags.path(name), { force: true });
    }
  }

  /** Whether there is a flag called `name`. */
  hasFlag(name: string): boolean {
    return this.#flagsIn(this.fleet.now.factory.pauseDir).stat(name).kind === 'present';
  }

  /** What the fake tracker was told, and what people do in it. */
  get issues(): FakeTracker {
    if (!(this.tracker instanceof FakeTracker)) {
      throw new Error('this rig was given a tracker of its own');
    }
    return this.tracker;
  }

  /** As `kill -9` now. */
  kill(): void {
    this.#current?.life.end();
  }

  /** Kills `moments` moments from now; 0: at the next one. */
  killIn(moments: number): void {
    this.#current?.life.endIn(moments);
  }

  /** Kills at the first moment of which `when` says so. */
  killWhen(when: (moment: string) => boolean): void {
    this.#current?.life.endWhen(when);
  }

  /** The machine goes down and comes up again, without a daemon. */
  reboot(): void {
    this.kill();
    this.#boots += 1;
    this.host.reboot();
  }

  /** Kills what lives and starts a new daemon on the same ledger, host, flags and tracker. */
  async restart(dieAt: Death = null): Promise<void> {
    this.kill();
    await this.#errands.settled();
    this.lives += 1;
    this.ledger = this.lives > 1 && this.#input.ledger === 'file' ? this.#openLedger() : this.ledger;
    const life = new Life(this.#errands, { dieAt, onDeath: () => this.host.disconnect() });
    const house = this.#houseOf(life);
    if (this.lives > 1 && this.onDisk.kind === 'ok') {
      this.fleet.replace(this.onDisk.fleet);
    }
    const daemon = new Daemon({
      house,
      configPath: '/repo/agents.toml',
      hostName: 'build1',
      load: async () => Promise.resolve(this.onDisk),
      issues: () => [],
      fatal: (error) => this.#onFatal(life, error),
      warn: (message) => this.warnings.push(message),
    });
    this.#current = { life, daemon, house };
    await this.#drive(daemon.start());
  }

  /** Resolves when the daemon of a `restart` under way is there, before it has recovered anything. */
  async alive(): Promise<void> {
    while (this.isDead) {
      await new Promise(setImmediate);
    }
  }

  /** What runs of `agent` (`project/name`) do from now on; a run without a script ends well at once. */
  script(agent: string, behave: FakeBehaviour | ((run: Run) => FakeBehaviour)): void {
    this.#scripts.set(agent, typeof behave === 'function' ? behave : () => behave);
  }

  /** Runs of `agent` fail at once from now on; or, told so, succeed. */
  breaks(agent: string, broken = true): void {
    this.script(agent, { endsAfterMs: 0, code: broken ? 1 : 0 });
  }

  /** `adf run`; null when the daemon died of it. */
  async ask(agent: string): Promise<RequestReply | null> {
    this.#ids += 1;
    const key = `ask-${this.#ids}`;
    const reply = await this.command(async (control) => control.run(agent, { key }));
    if (reply !== null && 'refused' in reply) {
      throw new Error(`${agent} was not taken: ${JSON.stringify(reply)}`);
    }
    return reply;
  }

  /** `adf run`, waited for until the run has ended; null when the daemon died of it. */
  async run(agent: string): Promise<Run | null> {
    const reply = await this.ask(agent);
    const id = reply?.run.id as RunId | undefined;
    return id === undefined
      ? null
      : this.until(() => {
          const run = this.ledger.runs.get(id);
          return run?.state === 'ended' ? run : null;
        });
  }

  /** A run of `agent` that ended at once with `outcome`, however programs come to that. */
  ended(agent: string, outcome: Outcome): void {
    const { recorder, reactor } = this.daemon.services;
    const definition = this.fleet.agent(agent as AgentKey);
    if (definition === null) {
      throw new Error(`no agent is called ${agent}`);
    }
    const { runs } = this.ledger;
    const now = this.clock.now();
    survivedBy(() => {
      recorder.commit('host', (note) => {
        const wish = { agent: definition.key, project: definition.project, trigger: { kind: 'operator' } as const };
        const rest = { priority: 0, requestedAt: now, notBefore: now, input: {}, dedupeKey: null, configHash: 'c' };
        const run = runs.insert({ ...wish, ...rest });
        runs.update(run.id, { state: 'ended', startedAt: now, endedAt: now, outcome });
        reactor.react(run, outcome, note);
      });
      this.daemon.services.wake();
    });
  }

  /** Lets time pass until everything that was to be done outside is done, or refused for good. */
  async quiet(): Promise<void> {
    await this.until(() => this.ledger.outbox.list().every((row) => row.state === 'parked'));
  }

  /** Any verb of an operator; null when the daemon died of it. */
  async command<Answer>(ask: (control: Control) => Promise<Answer>): Promise<Answer | null> {
    return this.isDead ? null : this.#drive(ask(this.daemon.control));
  }

  /** Replaces agents.toml and reloads. */
  async reload(toml: string): Promise<ReloadView | null> {
    this.edit(toml);
    const view = await this.command(async (control) => control.reload('an operator'));
    if (view !== null && 'refused' in view) {
      throw new Error(view.refused.message);
    }
    return view;
  }

  /** Replaces agents.toml on disk, and tells nobody. */
  edit(toml: string): void {
    this.onDisk = { kind: 'ok', fleet: this.#fleetOf(toml), warnings: [] };
  }

  /** Lets `ms` pass, one timer after the other, each with everything that follows from it. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.monotonic() + ms;
    do {
      await this.#errands.settled();
    } while (this.clock.step(end));
    await this.#errands.settled();
  }

  /** `ms` pass at once, as while the loop is blocked; then what came due runs. */
  async leap(ms: number): Promise<void> {
    await this.#errands.settled();
    this.clock.leap(ms);
    await this.pass(0);
  }

  /** Lets time pass until `look` answers something; null: the daemon died meanwhile. Fails after `withinMs`. */
  async until<Found>(look: () => Found | null | undefined | false, withinMs = PATIENCE_MS): Promise<Found | null> {
    const end = this.clock.monotonic() + withinMs;
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      await this.#errands.settled();
      const found = look();
      if (found !== null && found !== undefined && found !== false) {
        return found;
      }
      if (this.isDead) {
        return null;
      }
      if (!this.clock.step(end)) {
        break;
      }
    }
    const last = this.ledger.facts.latest(12).toReversed();
    throw new Error(`waited ${withinMs} ms in vain; the last facts were ${JSON.stringify(last, null, 1)}`);
  }

  /** The first fact after `after` (a seq) that `matches`, waited for. */
  async fact(matches: (fact: RecordedFact) => boolean, after = 0): Promise<RecordedFact> {
    const fact = await this.until(() => this.facts(after).find(matches));
    if (fact === null) {
      throw new Error('the daemon died before the fact came');
    }
    return fact;
  }

  /** Everything that was recorded after the fact with number `after`, oldest first. */
  facts(after = 0): readonly RecordedFact[] {
    const last = this.ledger.facts.latest(1)[0]?.seq ?? 0;
    return last <= after ? [] : this.ledger.facts.latest(last - after).toReversed();
  }

  /** Facts of one kind, oldest first. */
  factsOf<Kind extends RecordedFact['kind']>(kind: Kind): readonly Extract<RecordedFact, { kind: Kind }>[] {
    return this.facts().filter((fact): fact is Extract<RecordedFact, { kind: Kind }> => fact.kind === kind);
  }

  /** Starts of `agent` that reached the host. */
  startsOf(agent: string): number {
    return this.host.starts.filter(({ spec }) => this.#runOf(spec.attemptId)?.agent === agent).length;
  }

  /** Ends everything and removes what was written. Fails on what should have ended a daemon. */
  async dispose(): Promise<void> {
    this.kill();
    await this.#errands.settled();
    for (const ledger of this.#ledgers) {
      ledger.close();
    }
    rmSync(this.dir, { recursive: true, force: true });
    if (this.fatal.length > 0) {
      throw this.fatal[0];
    }
  }

  /** Runs timers until `work` has ended; null: the daemon died before. */
  async #drive<Value>(work: Promise<Value>): Promise<Value | null> {
    let ended: { readonly value: Value } | { readonly error: unknown } | null = null;
    work.then(
      (value) => {
        ended = { value };
      },
      (error: unknown) => {
        ended = { error };
      },
    );
    await this.until(() => ended !== null);
    const end = ended as { readonly value: Value } | { readonly error: unknown } | null;
    if (end === null || this.isDead) {
      return null;
    }
    if ('error' in end) {
      throw end.error;
    }
    return end.value;
  }

  #living(): Lived {
    if (this.#current === null || this.#current.life.isOver) {
      throw new Error('no daemon is alive');
    }
    return this.#current;
  }

  #houseOf(life: Life): House {
    const clock = life.clock(this.clock);
    const { ledger } = this;
    const flags = (): PauseFlags =>
      life.port(this.#flagsIn(this.fleet.now.factory.pauseDir), ['touchPauseFlag', 'removePauseFlag']);
    return {
      clock,
      ledger: {
        ...life.ledger(faultyLedger(ledger, () => this.isDiskFull())),
        close: () => {
          this.#ledgers.delete(ledger);
          ledger.close();
        },
      },
      host: life.port(this.host, ['start', 'stop'], (call) => call === 'start' && this.host.isHolding),
      pauseFlags: {
        get now() {
          return flags();
        },
      },
      tracker: life.port(this.tracker, ['find', 'open', 'comment', 'setState', 'editBody']),
      alerting: this.alerting,
      zones: zoneTable(),
      feed: new Feed(),
      fleet: this.fleet,
      files: life.port(runFiles(this.dir)),
      driverFor,
      machine: {
        ...this.machine,
        findProgram: (name) => (this.missingPrograms.has(name) ? null : `/bin/${name}`),
        disk: async () => this.whileLooking().then(async () => this.machine.disk()),
        isAlive: async (process) => this.machineSays(process),
      },
      silences: life.port(silenceNotes(join(this.dir, 'silences')), ['remove']),
      chance: { random: this.#random, uuid: uuids(this.#random) },
      digest: sha256,
      boot: { bootId: `boot-${this.#boots}`, pid: this.lives, version: '0.0.0-test' },
      environment: { PATH: '/usr/bin:/bin' },
      meter: (order) => ({ METERED: JSON.stringify(order) }),
      secrets: fakeSecrets(this.#input.secrets),
    };
  }

  #openLedger(): Ledger {
    const path = this.#input.ledger === 'file' ? join(this.dir, 'ledger.db') : ':memory:';
    const ledger = testLedger({ path, pid: this.lives + 1 });
    this.#ledgers.add(ledger);
    return ledger;
  }

  #flagsIn(dir: string): PauseFlags {
    const known = this.#flagsByDir.get(dir);
    if (known !== undefined) {
      return known;
    }
    const isReal = this.#input.flags === 'file';
    const flags = isReal ? fileFlags({ dir, clock: this.clock, fileWatching: false }) : new FakeFlags(dir);
    this.#flagsByDir.set(dir, flags);
    return flags;
  }

  #behaviour(attempt: AttemptId, pauseFlags: readonly string[]): FakeBehaviour {
    // The host looks once more, as the keeper does.
    const flag = pauseFlags.find((path) => this.#flagsIn(dirname(path)).stat(basename(path)).kind === 'present');
    if (flag !== undefined) {
      return { refuse: { kind: 'paused', flag } };
    }
    const run = this.#runOf(attempt);
    return (
      (run === null ? undefined : this.#scripts.get(run.agent)?.(run)) ?? this.#input.unscripted ?? { endsAfterMs: 0 }
    );
  }

  #runOf(attempt: AttemptId): Run | null {
    const known = this.ledger.attempts.get(attempt);
    return known === null ? null : this.ledger.runs.get(known.run);
  }

  #fleetOf(toml: string): Fleet {
    const fleet = FLEETS.get(toml) ?? fleetOf(toml);
    FLEETS.set(toml, fleet);
    const hash = `c${(this.#ids += 1)}`;
    const pauseDir = this.#input.flags === 'file' ? join(this.dir, 'pause') : fleet.factory.pauseDir;
    return { ...fleet, hash, factory: { ...fleet.factory, pauseDir, workspaceDir: join(this.dir, 'workspaces') } };
  }

  #onFatal(life: Life, error: unknown): void {
    if (!life.isOver) {
      this.fatal.push(error);
    }
  }
}
