// Keeps the breaker of each project: applies what happens to it and stores what it asks for, all in the caller's transaction.

import { breakerStand, breakerWakeAt, transition } from '../core/breaker/breaker.ts';
import { outboxPlace } from '../core/breaker/effect.ts';
import type { BreakerContext, BreakerEvent, Effect } from '../core/breaker/event.ts';
import { countedAgents } from '../core/breaker/policy.ts';
import { flagEvent } from '../core/breaker/flag-change.ts';
import { readBreaker } from '../core/breaker/state.ts';
import type { BreakerState } from '../core/breaker/state.ts';
import type { BreakerStand, FlagLook } from '../core/admission/snapshot.ts';
import type { Project } from '../core/fleet.ts';
import type { ProjectId } from '../core/ids.ts';
import { flagAuthor } from '../core/pause/flag-text.ts';
import { FACTORY_FLAG, flagSince, isOurs } from '../core/pause/flag.ts';
import type { FlagSignature, FlagStat } from '../core/pause/flag.ts';
import { hasClockNews, takeClockStep } from './clock-steps.ts';
import { endRun } from './end-run.ts';
import type { FlagListing } from '../ports/pause-flags.ts';
import type { House } from './house.ts';
import { incidentId } from './incident-id.ts';
import type { Intake } from './intake.ts';
import { nextSlotOf } from './next-slot.ts';
import type { Note } from './recorder.ts';

/** What breakers need of the house. */
type Needs = Pick<House, 'ledger' | 'fleet' | 'clock' | 'boot' | 'chance' | 'pauseFlags' | 'zones'>;

/** The breakers of all projects. */
export class Breakers {
  readonly #house: Needs;
  readonly #intake: Intake;

  constructor(house: Needs, intake: Intake) {
    this.#house = house;
    this.#intake = intake;
  }

  /** The stored state; throws OperationalError `breaker.unreadable` for what a newer version wrote. */
  state(project: ProjectId): BreakerState {
    return readBreaker(this.#house.ledger.states.get('breaker', project));
  }

  /** What admission is told. */
  stand(project: ProjectId): BreakerStand {
    return breakerStand(this.state(project));
  }

  /** Looks at the flag of `project` now, and says whose it is. */
  flag(project: ProjectId): FlagLook {
    return lookOf(this.#house.pauseFlags.now.stat(project), recordedFlag(this.state(project)));
  }

  /** Looks at the flag of the whole factory now. */
  factoryFlag(): FlagLook {
    return lookOf(this.#house.pauseFlags.now.stat(FACTORY_FLAG), null);
  }

  /** Takes note of flags that came or went since the last look; before any gate is asked. */
  observe(projects: Iterable<ProjectId>, note: Note): void {
    for (const project of projects) {
      const event = flagEvent(this.state(project), this.#house.pauseFlags.now.stat(project));
      if (event !== null) {
        this.apply(project, event, note);
      }
    }
  }

  /** Takes note of everything that came or went without a decision: flags, the time, probes. `listing` was read just now. */
  look(listing: FlagListing, note: Note): void {
    this.followClock(note);
    const awake = this.#awake(listing);
    this.observe(
      awake.map((project) => project.id),
      note,
    );
    for (const project of awake) {
      this.#tick(project, note);
    }
  }

  /** Whether `look` would take note of anything. */
  hasNews(listing: FlagListing): boolean {
    return hasClockNews(this.#house, 'breakers') || this.#awake(listing).some((project) => this.#isDue(project));
  }

  /** Most projects are closed and have no flag: there is nothing to see, and this is done every second. */
  #awake(listing: FlagListing): readonly Project[] {
    const listed = listing.kind === 'read' ? new Set(listing.names) : null;
    const stored = this.#house.ledger.states.all('breaker');
    return this.#house.fleet.now.projects.filter(
      ({ id }) => listed?.has(id) !== false || !isAtRest(readBreaker(stored.get(id))),
    );
  }

  #isDue(project: Project): boolean {
    const state = this.state(project.id);
    const wakeAt = breakerWakeAt(state, project.breaker);
    return (
      flagEvent(state, this.#house.pauseFlags.now.stat(project.id)) !== null ||
      this.#missedProbe(project.id) !== null ||
      // A probe that is due waits for the end of the pause, which is seen as a flag that went.
      (wakeAt !== null &&
        wakeAt <= this.#house.clock.now() &&
        !(state.kind === 'half_open' && this.#isPaused(project.id)))
    );
  }

  #isPaused(project: ProjectId): boolean {
    return this.flag(project).kind !== 'absent' || this.factoryFlag().kind !== 'absent';
  }

  /** Moves the waits of all breakers with a step of the wall clock. */
  followClock(note: Note): void {
    const byMs = takeClockStep(this.#house, 'breakers');
    for (const project of byMs === 0 ? [] : this.#house.fleet.now.projects) {
      this.#change(project.id, { kind: 'clock_stepped', byMs }, note);
    }
  }

  /** Applies `event` to the breaker of `project`: state, facts, reactions and probes are stored together. */
  apply(project: ProjectId, event: BreakerEvent, note: Note): void {
    // First: an instant of the new time must not be moved with those of the old one.
    this.followClock(note);
    this.#change(project, event, note);
  }

  #change(project: ProjectId, event: BreakerEvent, note: Note): void {
    const { ledger, fleet } = this.#house;
    const rule = fleet.project(project)?.breaker;
    if (rule === undefined) {
      return;
    }
    const before = this.state(project);
    const { state, effects } = transition(before, event, this.#context(project, rule));
    if (state !== before) {
      ledger.states.set('breaker', project, state);
    }
    for (const effect of effects) {
      this.#store(project, effect, note);
    }
  }

  /** Sends what is due by time: a probe, or the end of a pause. */
  #tick(project: Project, note: Note): void {
    const missed = this.#missedProbe(project.id);
    if (missed !== null) {
      this.apply(project.id, { kind: 'probe_ended', ...missed }, note);
    }
    const wakeAt = breakerWakeAt(this.state(project.id), project.breaker);
    if (wakeAt !== null && wakeAt <= this.#house.clock.now()) {
      this.apply(project.id, { kind: 'auto_resume' }, note);
      this.apply(project.id, this.#probeDue(project), note);
    }
  }

  /** A probe can end in many places (refused, canceled, lost); wherever it did, the breaker asks for another one. */
  #missedProbe(project: ProjectId): { readonly incident: string; readonly number: number } | null {
    const state = this.state(project);
    if (state.kind !== 'half_open' || state.probe.kind !== 'out') {
      return null;
    }
    const probe = { incident: state.incident.id, number: state.probe.number };
    const run = this.#house.ledger.runs.byKey(probeKey(project, probe));
    return run === null || run.state === 'ended' ? probe : null;
  }

  #probeDue(project: Project): BreakerEvent {
    const { fleet, ledger, clock } = this.#house;
    const candidates = countedAgents(project, fleet.now.agents);
    const running = new Set(ledger.runs.live().map((run) => run.agent));
    return {
      kind: 'probe_due',
      paused: this.#isPaused(project.id),
      countedRunning: candidates.some((key) => running.has(key)),
      nextCountedAt: earliest(
        candidates.map((key) => {
          const agent = fleet.agent(key);
          return agent === null ? null : (nextSlotOf(this.#house, agent, clock.now())?.at ?? null);
        }),
      ),
      candidates,
    };
  }

  #context(project: ProjectId, rule: Project['breaker']): BreakerContext {
    const { clock, chance, fleet } = this.#house;
    return { project, now: clock.now(), rule, freshIncident: incidentId(chance), configHash: fleet.now.hash };
  }

  #store(project: ProjectId, effect: Effect, note: Note): void {
    const { ledger, clock, fleet } = this.#house;
    const place = outboxPlace(project, effect);
    if (place !== null) {
      ledger.outbox.add({ ...place, effect: { ...effect, project }, createdAt: clock.now() });
      return;
    }
    switch (effect.kind) {
      case 'fact':
        note({ ...effect.fact, project });
        return;
      case 'start_probe': {
        const agent = fleet.agent(effect.agent);
        if (agent !== null) {
          const trigger = { kind: 'probe', incident: effect.incident, number: effect.number } as const;
          this.#intake.accept(
            { agent, trigger, key: probeKey(project, effect), input: {}, notBefore: effect.at },
            note,
          );
        }
        return;
      }
      case 'cancel_probe': {
        const run = ledger.runs.byKey(probeKey(project, effect));
        if (run?.state === 'waiting') {
          const outcome = { kind: 'canceled', by: 'replaced', reason: 'another run decided first' } as const;
          endRun(this.#house, { run, outcome }, note);
        }
        return;
      }
      case 'write_flag':
      case 'remove_flag':
      case 'open_issue':
      case 'comment':
      case 'reopen_issue':
      case 'close_issue':
        throw new Error(`${effect.kind} has no place in the outbox`);
    }
  }
}

/** Only a flag that appears, or an ended run, can change something. */
function isAtRest(state: BreakerState): boolean {
  return state.kind === 'closed' && state.mark.kind === 'none';
}

function probeKey(project: ProjectId, probe: { readonly incident: string; readonly number: number }): string {
  return `probe ${project} ${probe.incident} ${probe.number}`;
}

function earliest(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function recordedFlag(state: BreakerState): FlagSignature | null {
  const flag = state.kind === 'open' ? state.flag : state.mark;
  return flag.kind === 'written' || flag.kind === 'leaving' ? flag : null;
}

function lookOf(stat: FlagStat, recorded: FlagSignature | null): FlagLook {
  switch (stat.kind) {
    case 'absent':
      return { kind: 'absent' };
    case 'unknown':
      return { kind: 'unknown', message: stat.message };
    case 'present': {
      const isBreakers = recorded !== null && isOurs(stat, recorded);
      return {
        kind: 'present',
        path: stat.path,
        since: flagSince(stat.mtimeNs),
        owner: isBreakers ? 'breaker' : 'human',
        by: isBreakers ? 'the breaker' : flagAuthor(stat.text),
      };
    }
  }
}
