// `adf status`: what needs a person first, then projects and agents.

import { nearestFlag, sortFlagNames, unknownFlagWarning } from '../core/pause/flag.ts';
import { shellWord } from '../core/pause/flag-text.ts';
import { counted } from '../lib/counted.ts';
import type { AttemptEnforcement } from '../core/run/run.ts';
import { formatDuration } from '../lib/duration.ts';
import type { StatusView } from '../ports/control.ts';
import type { OutboxRow } from '../ports/ledger.ts';
import type { AgentViewParts, Sight } from './agent-views.ts';
import { agentView } from './agent-views.ts';
import type { DeathGuard } from './death-guard.ts';
import type { Holds } from './holds.ts';
import type { House } from './house.ts';
import { projectView } from './project-view.ts';
import type { Quarantines } from './quarantines.ts';
import type { Recorder } from './recorder.ts';

/** Files that pause nothing shown at most. */
const MOST_UNKNOWN_FLAGS = 5;

/** What the daemon knows of itself. */
export interface DaemonFacts {
  readonly startedAt: number;
  readonly configPath: string;
  readonly configLoadedAt: () => number;
  /** How limits would be held for a start now. */
  limits: AttemptEnforcement;
  readonly isDraining: () => boolean;
  /** It ends, and waits for what runs. */
  readonly isStopping: () => boolean;
}

/** What a status needs. */
export interface StatusParts extends AgentViewParts {
  readonly recorder: Recorder;
  readonly quarantines: Quarantines;
  readonly holds: Holds;
  readonly deaths: DeathGuard;
}

type Attention = StatusView['attention'][number];

/** The whole status. */
export function statusView(
  house: House,
  parts: StatusParts,
  given: { readonly sight: Sight; readonly facts: DaemonFacts },
): StatusView {
  const { sight, facts } = given;
  const { fleet, boot, ledger } = house;
  const { factory } = fleet.now;
  const projects = fleet.now.projects.map((project) => projectView(house, parts, { project, sight }));
  const agents = fleet.now.agents.map((agent) => agentView(house, parts, { agent, sight }));
  const outbox = ledger.outbox.list();
  return {
    name: factory.name,
    version: boot.version,
    pid: boot.pid,
    startedAt: facts.startedAt,
    stateDir: factory.stateDir,
    pauseDir: factory.pauseDir,
    configPath: facts.configPath,
    configHash: fleet.now.hash,
    configLoadedAt: facts.configLoadedAt(),
    draining: facts.isDraining() || facts.isStopping(),
    limits: facts.limits,
    live: sight.live.length,
    maxConcurrent: factory.maxConcurrentAgents,
    waiting: sight.waiting.length,
    outboxWaiting: outbox.length,
    attention: [
      ...storage(parts),
      ...flagTrouble(house, parts),
      ...factoryFlag(house, parts),
      ...deaths(house, parts),
      ...projects
        .filter((project) => project.todo !== null)
        .map((project): Attention => ({
          text: `project ${project.id} is ${project.state}: ${project.why ?? ''}`,
          command: project.todo,
        })),
      ...openAlerts(house),
      ...quarantined(house, parts),
      ...heldAccounts(house, parts),
      ...unknownFlags(house),
      ...draining(facts),
      ...outboxTrouble(outbox),
    ],
    projects,
    agents,
  };
}

function draining(facts: DaemonFacts): readonly Attention[] {
  if (facts.isStopping()) {
    return [{ text: 'the daemon is ending: it waits for what runs, and starts nothing', command: 'adf runs' }];
  }
  return facts.isDraining() ? [{ text: 'draining: nothing is started', command: 'adf drain --end' }] : [];
}

function storage(parts: StatusParts): readonly Attention[] {
  const failure = parts.recorder.storageFailure;
  return failure === null ? [] : [{ text: `nothing is started: ${failure}`, command: 'adf doctor' }];
}

function deaths(house: House, parts: StatusParts): readonly Attention[] {
  const hold = parts.deaths.hold();
  return hold === null
    ? []
    : [
        {
          text: `nothing is started for ${formatDuration(hold.until - house.clock.now())}: ${hold.count} runs were killed from outside within 30 s`,
          command: 'adf runs --outcome failed',
        },
      ];
}

function flagTrouble(house: House, parts: StatusParts): readonly Attention[] {
  return house.fleet.now.projects.flatMap((project): Attention[] => {
    const state = parts.breakers.state(project.id);
    return state.kind === 'open' && state.flag.kind === 'failing'
      ? [
          {
            text: `the pause flag of ${project.id} cannot be written (the breaker holds it all the same): ${state.flag.error}`,
            command: `ls -ld ${house.pauseFlags.now.dir}`,
          },
        ]
      : [];
  });
}

function factoryFlag(house: House, parts: StatusParts): readonly Attention[] {
  const look = parts.breakers.factoryFlag();
  switch (look.kind) {
    case 'absent':
      return [];
    case 'present':
      return [{ text: `everything is paused by ${look.by}`, command: `rm ${look.path}` }];
    case 'unknown':
      return [
        { text: `everything is paused to be safe: ${look.message}`, command: `ls -ld ${house.pauseFlags.now.dir}` },
      ];
  }
}

/** Alerts that nobody has taken up; what they are about is told above and below, and there with its reasons. */
function openAlerts({ ledger }: House): readonly Attention[] {
  const open = ledger.alerts.active().filter(({ state }) => state === 'open');
  const [newest] = open.toReversed();
  return newest === undefined
    ? []
    : [{ text: `${counted(open.length, 'alert')} open, the newest: ${newest.text}`, command: 'adf alerts' }];
}

/** What was refused, row by row; what fails and is tried again, as one line per target. */
export function outboxTrouble(rows: readonly OutboxRow[]): readonly Attention[] {
  const parked = rows.filter((row) => row.state === 'parked');
  const failing = Map.groupBy(
    rows.filter((row) => row.state === 'waiting'),
    (row) => row.target,
  );
  return [
    ...parked.map((row) => ({ text: `${row.target}: ${row.lastError ?? 'refused'}`, command: 'adf outbox' })),
    ...[...failing].flatMap(([target, waiting]) => {
      const last = waiting.find((row) => row.lastError !== null);
      return last === undefined
        ? []
        : [
            {
              text: `${target}: ${counted(waiting.length, 'reaction')} waiting; ${last.lastError ?? ''}`,
              command: 'adf outbox',
            },
          ];
    }),
  ];
}

/** Files in pause_dir that look like pauses and are none. */
function unknownFlags(house: House): readonly Attention[] {
  const flags = house.pauseFlags.now;
  const listing = flags.names();
  const projects = house.fleet.now.projects.map((project) => project.id);
  return sortFlagNames(listing.kind === 'read' ? listing.names : [], projects)
    .unknown.slice(0, MOST_UNKNOWN_FLAGS)
    .map((name) => ({
      text: unknownFlagWarning({ name, nearest: nearestFlag(name, projects) }),
      command: `rm ${shellWord(flags.path(name))}`,
    }));
}

/** Accounts of model providers that nobody may use, with what is left of the wait. */
function heldAccounts(house: House, parts: StatusParts): readonly Attention[] {
  return [...parts.holds.all()].map(([name, hold]): Attention => {
    const leftMs = hold.until - house.clock.now();
    const next =
      hold.canary !== null
        ? `${hold.canary} tries it`
        : leftMs > 0
          ? `again in ${formatDuration(leftMs)}`
          : 'the next run tries it';
    return { text: `account ${name} is held (${hold.class}: ${hold.evidence}): ${next}`, command: null };
  });
}

function quarantined(house: House, parts: StatusParts): readonly Attention[] {
  return house.fleet.now.agents.flatMap((agent): Attention[] => {
    const held = parts.quarantines.of(agent.key);
    return held === null
      ? []
      : [{ text: `${agent.key} is in quarantine: ${held.reason}`, command: `adf release ${agent.name}` }];
  });
}
