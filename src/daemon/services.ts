// Makes the services of one daemon and hands each what it needs; daemon.ts names the order in which they work.

import { makeAlerting } from './alerting.ts';
import type { Alerting } from './alerting.ts';
import { driftLook } from './drift-look.ts';
import type { RemedyVerbs } from './remedies.ts';
import type { House } from './house.ts';
import { Breakers } from './breakers.ts';
import { CredentialWatch } from './credential-watch.ts';
import { ConfigWatch } from './config-watch.ts';
import { Budgets } from './budgets.ts';
import { DeathGuard } from './death-guard.ts';
import { Decays } from './decays.ts';
import { Decision } from './decision.ts';
import { Dispatcher } from './dispatcher.ts';
import { Ending } from './ending.ts';
import { FlagWatch } from './flag-watch.ts';
import { flagTarget } from './flag-target.ts';
import { FleetSwitch } from './fleet-switch.ts';
import type { FleetSwitchParts } from './fleet-switch.ts';
import { Holds } from './holds.ts';
import { Hearing } from './hearing.ts';
import { HostEvents } from './host-events.ts';
import { Intake } from './intake.ts';
import { IssueWatch } from './issue-watch.ts';
import type { JanitorParts } from './janitor.ts';
import { Janitor } from './janitor.ts';
import { Launcher } from './launcher.ts';
import { Look } from './look.ts';
import { observe } from './observe.ts';
import { Outbox } from './outbox.ts';
import type { ReactionTarget } from './outbox.ts';
import { Preparation } from './preparation.ts';
import { Quarantines } from './quarantines.ts';
import { Reactor } from './reactor.ts';
import { Reconciler } from './reconciler.ts';
import type { LoadedFleet } from './reconciler.ts';
import { Recorder } from './recorder.ts';
import { Recovery } from './recovery.ts';
import { ReplicaStops } from './replica-stops.ts';
import { ResultPosts, resultTarget } from './results.ts';
import { Scheduler } from './scheduler.ts';
import { Sessions } from './sessions.ts';
import { Silences, silenceTarget } from './silences.ts';
import { StandingWishes } from './standing-wishes.ts';
import { Stops } from './stops.ts';
import { Supervisor } from './supervisor.ts';
import { Upkeep } from './upkeep.ts';
import { trackerTarget } from './tracker-target.ts';
import { Watchdog } from './watchdog.ts';

/** What the services need that is not in the house. */
export interface ServicesInput {
  readonly house: House;
  readonly hostName: string;
  /** Values that never leave the house. */
  readonly secrets: () => readonly string[];
  readonly isDraining: () => boolean;
  /** The verbs of an operator, for what was suggested about an alert. */
  readonly verbs: () => RemedyVerbs;
  /** agents.toml as it is now. */
  readonly load: () => Promise<LoadedFleet>;
  /** As `ConfigWatchParts` says. */
  readonly fingerprint: () => string | null;
  /** A pass of the scheduler was completed. */
  readonly passed: () => void;
  /** A service failed in a way that it cannot answer itself. */
  readonly fail: (error: unknown) => void;
}

/** The services of one daemon. */
export interface Services extends Alerting {
  readonly recorder: Recorder;
  readonly intake: Intake;
  readonly breakers: Breakers;
  readonly quarantines: Quarantines;
  readonly holds: Holds;
  readonly deaths: DeathGuard;
  readonly decays: Decays;
  readonly sessions: Sessions;
  readonly budgets: Budgets;
  readonly wishes: StandingWishes;
  readonly reactor: Reactor;
  readonly look: Look;
  readonly supervisor: Supervisor;
  readonly stops: Stops;
  readonly launcher: Launcher;
  readonly dispatcher: Dispatcher;
  readonly events: HostEvents;
  readonly recovery: Recovery;
  readonly scheduler: Scheduler;
  readonly outbox: Outbox;
  readonly flagWatch: FlagWatch;
  readonly issueWatch: IssueWatch;
  readonly credentialWatch: CredentialWatch;
  readonly results: ResultPosts;
  readonly silences: Silences;
  readonly upkeep: Upkeep;
  readonly janitor: Janitor;
  readonly watchdog: Watchdog;
  readonly fleetSwitch: FleetSwitch;
  readonly reconciler: Reconciler;
  readonly configWatch: ConfigWatch;
  /** Something changed that admission or the outbox may care about. */
  readonly wake: () => void;
}

/** All services, idle. */
export function makeServices(input: ServicesInput): Services {
  const { house, fail, isDraining } = input;
  const recorder = new Recorder(house);
  const intake = new Intake(house);
  const breakers = new Breakers(house, intake);
  const memories = memoriesOf(house);
  const { quarantines, holds, budgets, sessions, decays } = memories;
  const look = new Look(house, { recorder, breakers, ...memories, isDraining });
  const supervisor = new Supervisor(house, new Hearing({ recorder, holds, budgets, wake: () => wake() }), fail);
  const wishes = new StandingWishes(house, { intake, quarantines, node: input.hostName });
  const reactor = new Reactor(house, { breakers, quarantines, wishes });
  const outbox = new Outbox(house, { recorder, fail }, targetsOf(input, { breakers, quarantines }));
  const wake = (): void => {
    dispatcher.wake();
    outbox.wake();
    alerting.analyst.wake();
  };
  const ending = new Ending(house, { recorder, reactor, ...memories, wake });
  const stops = new Stops(house, { recorder, ending, supervisor, fail });
  const preparation = new Preparation(house, { sessions, holds, budgets });
  const launcher = new Launcher(house, { recorder, look, preparation, ending, decays, fail });
  const decision = new Decision(house, look);
  const deciders = { recorder, intake, look, decision, breakers, launcher, stops, fail };
  const dispatcher: Dispatcher = new Dispatcher(house, deciders);
  const scheduler = new Scheduler(house, { recorder, intake, wake, passed: input.passed, fail });
  const reconciling = reconcilerOf(input, { recorder, breakers, quarantines, wishes, scheduler, stops, wake, fail });
  const alerting = alertingOf(input, { recorder, outbox, look, wishes, budgets, wake, ...reconciling });
  const upkeep = new Upkeep(house, { recorder, fail });
  const committed = upkeep.committed.bind(upkeep);
  const told = { recorder, ending, supervisor, launcher, stops, sessions, committed, wake, fail };
  const events = new HostEvents(house, told);
  return {
    recorder,
    intake,
    breakers,
    ...memories,
    wishes,
    reactor,
    look,
    supervisor,
    stops,
    launcher,
    dispatcher,
    events,
    recovery: new Recovery(house, { recorder, ending, events, supervisor, stops }),
    scheduler,
    ...reconciling,
    ...alerting,
    outbox,
    watchdog: new Watchdog(house, { recorder, ending, events, supervisor, look, wishes, wake, fail }),
    ...watchersOf(house, { recorder, breakers, quarantines, holds, stops, preparation, ending, wake, fail }),
    upkeep,
    wake,
  };
}

/** What is remembered from run to run; all of it lies in the ledger. */
function memoriesOf(
  house: House,
): Pick<Services, 'quarantines' | 'holds' | 'budgets' | 'sessions' | 'decays' | 'deaths'> {
  return {
    quarantines: new Quarantines(house),
    holds: new Holds(house),
    budgets: new Budgets(house),
    sessions: new Sessions(house),
    decays: new Decays(house),
    deaths: new DeathGuard(house),
  };
}

/** Those that look outside, again and again. */
function watchersOf(
  house: House,
  parts: Pick<Services, 'recorder' | 'breakers' | 'quarantines' | 'holds' | 'stops' | 'wake'> &
    Pick<ServicesInput, 'fail'> &
    JanitorParts,
): Pick<Services, 'flagWatch' | 'issueWatch' | 'credentialWatch' | 'results' | 'silences' | 'janitor'> {
  return {
    flagWatch: new FlagWatch(house, parts),
    issueWatch: new IssueWatch(house, parts),
    credentialWatch: new CredentialWatch(house, parts),
    results: new ResultPosts(house, parts),
    silences: new Silences(house, parts),
    janitor: new Janitor(house, parts),
  };
}

function alertingOf(
  input: ServicesInput,
  parts: Pick<Services, 'recorder' | 'outbox' | 'look' | 'wishes' | 'budgets' | 'wake' | 'reconciler'>,
): Alerting {
  const drift = driftLook(input.house, {
    ask: async () => parts.reconciler.drift(),
    fingerprint: input.fingerprint,
  });
  return makeAlerting(input.house, {
    ...input,
    ...parts,
    budgets: () => parts.budgets.pictures(),
    host: input.hostName,
    drift,
  });
}

function reconcilerOf(
  { house, hostName, load, fingerprint }: ServicesInput,
  parts: FleetSwitchParts & { readonly stops: Stops },
): Pick<Services, 'fleetSwitch' | 'reconciler' | 'configWatch'> {
  const fleetSwitch = new FleetSwitch(house, parts);
  const replicas = new ReplicaStops(house, parts.stops);
  const reconciler = new Reconciler(house, {
    recorder: parts.recorder,
    load,
    observe: () => observe(house, hostName),
    fleetSwitch,
    stop: async (run) => replicas.stop(run),
    fail: parts.fail,
  });
  const reload = reconciler.reload.bind(reconciler);
  return { fleetSwitch, reconciler, configWatch: new ConfigWatch(house, { fingerprint, reload, fail: parts.fail }) };
}

function targetsOf(
  input: ServicesInput,
  parts: { readonly breakers: Breakers; readonly quarantines: Quarantines },
): readonly ReactionTarget[] {
  const { house, hostName, secrets } = input;
  return [
    flagTarget(house, parts.breakers),
    trackerTarget(house, { ...parts, host: hostName, secrets }),
    resultTarget(house, secrets),
    silenceTarget(house, hostName),
  ];
}
