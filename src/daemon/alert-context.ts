// Gathers what the model is shown about one alert, and the names that a suggestion may reach.

import type { Alert } from '../core/alert/alert.ts';
import type { AlertContext, NodeSummary, RunSummary, ServiceSummary } from '../core/alert/context.ts';
import { memoryPercent } from '../core/alert/context.ts';
import { standingOf } from '../core/alert/picture.ts';
import type { Reach } from '../core/alert/remedy.ts';
import { reachOf } from '../core/alert/remedy.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import type { RunId } from '../core/ids.ts';
import { failureName, failureReason } from '../core/react/outcome-text.ts';
import type { RecordedFact } from '../core/run/facts.ts';
import { FAILURE_WINDOW_MS, RESTART_WINDOW_MS } from '../core/watch/windows.ts';
import type { House } from './house.ts';
import { logTail } from './issue-scene.ts';
import type { Look } from './look.ts';
import type { StandingWishes } from './standing-wishes.ts';

/** Agents, runs with their log, past facts looked at, and events that are shown at most. */
const MOST_AGENTS = 20;
const MOST_RUNS = 3;
const FACTS_LOOKED_AT = 300;
const MOST_EVENTS = 25;
const LOG_BYTES = 8 * 1024;

/** What the context needs beside the house. */
export interface ContextParts {
  readonly host: string;
  readonly look: Look;
  readonly wishes: StandingWishes;
  readonly isDraining: () => boolean;
  /** Values that never leave the house. */
  readonly secrets: () => readonly string[];
}

type Needs = Pick<House, 'clock' | 'ledger' | 'fleet' | 'machine' | 'files'>;

/** Everything about `alert` as it is now. */
export async function contextOf(house: Needs, parts: ContextParts, alert: Alert): Promise<AlertContext> {
  const { fleet, ledger } = house;
  const agents = concerned(house, alert);
  return {
    factory: fleet.now.factory.name,
    nodes: [nodeOf(house, parts)],
    services: agents.slice(0, MOST_AGENTS).map((agent) => serviceOf(house, parts, agent)),
    runs: await Promise.all(alert.runs.slice(0, MOST_RUNS).map(async (run) => runOf(house, parts, run))),
    events: eventsOf(house, alert, new Set(agents.map(({ key }) => key as string))),
    activeAlerts: ledger.alerts
      .active()
      .filter(({ id }) => id !== alert.id)
      .map(({ id, rule, text }) => ({ id, rule, text }))
      .slice(0, MOST_AGENTS),
  };
}

/** What a suggestion for `alert` may name now. */
export function reachNow(house: Pick<House, 'ledger' | 'fleet'>, alert: Alert): Reach {
  const { agents, projects } = house.fleet.now;
  const own = alert.runs.map((run) => house.ledger.runs.get(run)).filter((run) => run !== null);
  const runs = new Map([...own, ...house.ledger.runs.live()].map((run) => [run.id, run]));
  return reachOf(alert.subject, { agents, projects: projects.map(({ id }) => id), runs: [...runs.values()] });
}

/** The subject's agents; of a factory all of them. */
function concerned(house: Pick<House, 'fleet'>, { subject }: Alert): readonly AgentDefinition[] {
  return house.fleet.now.agents.filter((agent) =>
    subject.kind === 'factory'
      ? true
      : subject.kind === 'agent'
        ? agent.key === subject.name
        : agent.project === subject.name,
  );
}

function nodeOf({ machine }: Pick<House, 'machine'>, { host, isDraining }: ContextParts): NodeSummary {
  const { cpuPercent, memoryUsedBytes } = machine.load();
  return {
    id: host,
    address: host,
    status: isDraining() ? 'draining' : 'healthy',
    cpuPercent,
    memoryPercent: memoryPercent(memoryUsedBytes, machine.totalMemoryBytes),
  };
}

function serviceOf(house: Needs, parts: ContextParts, agent: AgentDefinition): ServiceSummary {
  const { ledger, clock } = house;
  const now = clock.now();
  const desired = parts.wishes.wanted(agent);
  const running = ledger.runs.live().filter((run) => run.agent === agent.key && run.state === 'running').length;
  const { quarantine, paused } = parts.look.standing(agent);
  return {
    name: agent.key,
    runtime: agent.cliTool,
    replicasRunning: running,
    replicasDesired: desired,
    status: standingOf({ desired, running }),
    heldBecause: quarantine ?? paused,
    errorCount1h: ledger.runs.ends({ agent: agent.key }, now - FAILURE_WINDOW_MS, now).failed,
    restartCount24h: ledger.runs.restarts(agent.key, now - RESTART_WINDOW_MS, now),
  };
}

async function runOf(house: Needs, parts: ContextParts, id: RunId): Promise<RunSummary> {
  const run = house.ledger.runs.get(id);
  const outcome = run?.outcome ?? null;
  return {
    run: id,
    agent: run?.agent ?? 'unknown',
    ending: outcome === null ? 'has not ended' : failureName(outcome),
    reason: outcome === null ? '' : failureReason(outcome),
    endedAt: run?.endedAt ?? null,
    recentLog: await logTail(house, parts.secrets(), { run: id, maxBytes: LOG_BYTES }),
  };
}

function eventsOf(
  house: Pick<House, 'ledger'>,
  { subject }: Alert,
  agents: ReadonlySet<string>,
): AlertContext['events'] {
  const concerns = (fact: RecordedFact): boolean =>
    fact.agent !== undefined
      ? subject.kind !== 'factory' && agents.has(fact.agent)
      : fact.project !== undefined
        ? subject.kind === 'project' && fact.project === subject.name
        : fact.run === undefined;
  return house.ledger.facts
    .latest(FACTS_LOOKED_AT)
    .filter(concerns)
    .slice(0, MOST_EVENTS)
    .toReversed()
    .map(({ at, seq: _seq, mono: _mono, actor: _actor, configHash: _hash, ...rest }) => ({
      at: new Date(at).toISOString(),
      what: JSON.stringify(rest),
    }));
}
