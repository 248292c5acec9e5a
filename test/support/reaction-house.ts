// The part of a daemon that reacts to endings: real ledger, local tracker, outbox; flags, clock and chance in a test's hand.

import { zoneTable } from '../../src/adapters/clock/zone-table.ts';
import { runFiles } from '../../src/adapters/files/run-files.ts';
import { LocalTracker } from '../../src/adapters/local-tracker/tracker.ts';
import type { AgentKey, ProjectId } from '../../src/core/ids.ts';
import { agentKey } from '../../src/core/ids.ts';
import type { Fact, RecordedFact } from '../../src/core/run/facts.ts';
import type { Outcome } from '../../src/core/run/outcome.ts';
import type { Run, Trigger } from '../../src/core/run/run.ts';
import { Breakers } from '../../src/daemon/breakers.ts';
import { Feed } from '../../src/daemon/feed.ts';
import { flagTarget } from '../../src/daemon/flag-target.ts';
import { FleetInForce } from '../../src/daemon/house.ts';
import { Intake } from '../../src/daemon/intake.ts';
import type { ReactionTarget } from '../../src/daemon/outbox.ts';
import { Quarantines } from '../../src/daemon/quarantines.ts';
import { Reactor } from '../../src/daemon/reactor.ts';
import { Recorder } from '../../src/daemon/recorder.ts';
import type { Note } from '../../src/daemon/recorder.ts';
import { StandingWishes } from '../../src/daemon/standing-wishes.ts';
import { trackerTarget } from '../../src/daemon/tracker-target.ts';
import type { StoredIssue } from '../../src/ports/issue-store.ts';
import { FakeFlags } from './fake-flags.ts';
import { testLedger } from './ledger.ts';
import { fleetOf } from './load-config.ts';
import { ManualTimers } from './manual-timers.ts';

/** Reactions without agents: a test says how runs ended. */
export class ReactionHouse {
  readonly clock = new ManualTimers();
  readonly ledger = testLedger();
  readonly fleet: FleetInForce;
  readonly feed = new Feed();
  readonly facts: RecordedFact[] = [];
  readonly zones = zoneTable();
  readonly pauseFlags: { now: FakeFlags } = { now: new FakeFlags('/state/pause') };
  readonly tracker = new LocalTracker(this.ledger.issues, () => this.clock.now());
  readonly files = runFiles('/nowhere');
  readonly boot = { bootId: 'boot-a', pid: 1, version: '0.0.0-test' };
  readonly chance = { random: () => 0.5, uuid: () => `id${(this.#ids += 1)}` };
  readonly recorder: Recorder;
  readonly breakers: Breakers;
  readonly quarantines: Quarantines;
  readonly wishes: StandingWishes;
  readonly reactor: Reactor;
  #ids = 0;
  readonly #targets: readonly ReactionTarget[];

  constructor(toml: string) {
    this.fleet = new FleetInForce(fleetOf(toml));
    this.recorder = new Recorder(this);
    const intake = new Intake(this);
    this.breakers = new Breakers(this, intake);
    this.quarantines = new Quarantines(this);
    this.wishes = new StandingWishes(this, { intake, quarantines: this.quarantines, node: 'build1' });
    this.reactor = new Reactor(this, this);
    this.#targets = [
      flagTarget(this, this.breakers),
      trackerTarget(this, {
        breakers: this.breakers,
        quarantines: this.quarantines,
        host: 'build1',
        secrets: () => [],
      }),
    ];
    this.feed.subscribe((fact) => this.facts.push(fact));
  }

  /** Does `work` in one transaction. */
  commit<Result>(work: (note: Note) => Result): Result {
    return this.recorder.commit('daemon', work);
  }

  /** A run of `agent` (`project/name`) that ends at once with `outcome`, or a waiting one with another outcome. */
  end(
    agent: string,
    outcome: Outcome,
    of: { readonly ranMs?: number; readonly trigger?: Trigger; readonly run?: Run } = {},
  ): Run {
    const run = of.run ?? this.request(agent, of.trigger ?? { kind: 'operator' });
    const endedAt = this.clock.now();
    this.commit((note) => {
      const exit = { code: outcome.kind === 'succeeded' ? 0 : 1, signal: null };
      this.ledger.runs.update(run.id, {
        state: 'ended',
        startedAt: endedAt - (of.ranMs ?? 100),
        endedAt,
        outcome,
        exit,
      });
      this.reactor.react(run, outcome, note);
    });
    return run;
  }

  /** A waiting run. */
  request(agent: string, trigger: Trigger): Run {
    const [project, name] = agent.includes('/') ? agent.split('/') : [null, agent];
    return this.ledger.runs.insert({
      agent: agentKey(project as ProjectId | null, name ?? ''),
      project: project as ProjectId | null,
      trigger,
      priority: 0,
      requestedAt: this.clock.now(),
      notBefore: this.clock.now(),
      input: {},
      dedupeKey: null,
      configHash: 'c0ffee',
    });
  }

  /** Carries out every reaction that waits, once. */
  async carryOut(): Promise<void> {
    for (let rows = this.#due(); rows.length > 0; rows = this.#due()) {
      for (const row of rows) {
        const target = this.#targets.find((one) => one.name === row.target);
        const reacted = await target!.react(row);
        this.commit((note) => {
          if (reacted.kind === 'done') {
            this.ledger.outbox.done(row.id);
          } else {
            this.ledger.outbox.park(row.id, reacted.error);
          }
          if ('also' in reacted) {
            reacted.also?.(note);
          }
        });
      }
    }
  }

  issues(): readonly StoredIssue[] {
    return this.ledger.issues.list({ project: null, state: null, limit: 100 });
  }

  kinds(): readonly Fact['kind'][] {
    return this.facts.map((fact) => fact.kind);
  }

  waiting(agent: AgentKey | string): readonly Run[] {
    return this.ledger.runs.waiting().filter((run) => run.agent === agent);
  }

  #due() {
    return this.#targets.flatMap((target) => this.ledger.outbox.due(target.name, this.clock.now(), 100));
  }
}
