// What is known of an agent and its project now: state, next slot, and why it is held.

import { admit } from '../core/admission/admit.ts';
import { FAILURE_WINDOW_MS, RESTART_WINDOW_MS } from '../core/watch/windows.ts';
import type { Reason } from '../core/admission/reasons.ts';
import type { LiveCounts } from '../core/admission/snapshot.ts';
import type { Verdict } from '../core/admission/gate.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import type { AgentKey, RunId } from '../core/ids.ts';
import type { Run } from '../core/run/run.ts';
import type { AgentView } from '../ports/control.ts';
import type { Breakers } from './breakers.ts';
import type { House } from './house.ts';
import { LiveIndex } from './live-index.ts';
import type { Look, MachineFacts } from './look.ts';
import type { Supervisor } from './supervisor.ts';
import { nextSlotOf } from './next-slot.ts';
import { rejectionsOf, runView } from './views.ts';

/** What was looked at once for a whole answer. */
export interface Sight {
  readonly machine: MachineFacts;
  readonly live: readonly Run[];
  readonly waiting: readonly Run[];
  readonly counts: LiveCounts;
  /** The runs above by their agents. */
  readonly liveOf: ReadonlyMap<AgentKey, readonly Run[]>;
  readonly waitingOf: ReadonlyMap<AgentKey, readonly Run[]>;
}

/** What agent views need. */
export interface AgentViewParts {
  readonly look: Look;
  readonly supervisor: Pick<Supervisor, 'activity'>;
  readonly breakers: Breakers;
}

type Needs = Pick<House, 'ledger' | 'fleet' | 'clock' | 'zones' | 'pauseFlags'>;

/** Looks at everything that an answer about agents needs. */
export async function sight(house: Needs, parts: AgentViewParts): Promise<Sight> {
  const machine = await parts.look.machineFacts();
  const live = house.ledger.runs.live();
  const waiting = house.ledger.runs.waiting();
  return {
    machine,
    live,
    waiting,
    counts: LiveIndex.of(live, waiting).counts(),
    liveOf: Map.groupBy(live, (run) => run.agent),
    waitingOf: Map.groupBy(waiting, (run) => run.agent),
  };
}

/** What admission would say to a slot of `agent` now. */
export function wouldSay(
  house: Needs,
  parts: AgentViewParts,
  given: { readonly agent: AgentDefinition; readonly sight: Sight },
): Verdict {
  const { agent, sight: seen } = given;
  const run = imagined(house, agent);
  const facts = parts.look.hostFacts(seen.machine, [run]);
  return admit(run, parts.look.snapshot(run, facts, seen.counts));
}

/** One line of `agents`. */
export function agentView(
  house: Needs,
  parts: AgentViewParts,
  given: { readonly agent: AgentDefinition; readonly sight: Sight },
): AgentView {
  const { agent, sight: seen } = given;
  const { ledger, clock } = house;
  const now = clock.now();
  const last = ledger.runs.last(agent.key);
  const verdict = wouldSay(house, parts, given);
  const running = (seen.liveOf.get(agent.key) ?? []).map((run) => run.id);
  return {
    key: agent.key,
    name: agent.name,
    project: agent.project,
    layer: agent.layer,
    enabled: agent.enabled,
    cliTool: agent.cliTool,
    schedule: agent.schedule?.text ?? null,
    nextAt: nextSlotOf(house, agent, now)?.at ?? null,
    running,
    ...activityOf(ledger, parts, running),
    waiting: (seen.waitingOf.get(agent.key) ?? []).map((run) => {
      const reasons = ledger.verdicts.ofRun(run.id).at(-1)?.reasons ?? [];
      return { run: run.id, reasons, ...rejectionsOf(reasons) };
    }),
    last: last === null ? null : runView(ledger, last),
    held: heldBy(verdict),
    ...rejectionsOf(heldBy(verdict)),
    failures1h: ledger.runs.ends({ agent: agent.key }, now - FAILURE_WINDOW_MS, now).failed,
    restarts24h: ledger.runs.restarts(agent.key, now - RESTART_WINDOW_MS, now),
  };
}

/** What the oldest of its running runs does, as far as it can be told. */
function activityOf(
  ledger: Pick<Needs['ledger'], 'attempts'>,
  parts: Pick<AgentViewParts, 'supervisor'>,
  [oldest]: readonly RunId[],
): Pick<AgentView, 'activity'> {
  const attempt = oldest === undefined ? undefined : ledger.attempts.ofRun(oldest).at(-1);
  const activity = attempt === undefined ? null : parts.supervisor.activity(attempt.id);
  return activity === null ? {} : { activity };
}

/** The reasons of a verdict; none for admit. */
export function heldBy(verdict: Verdict): readonly Reason[] {
  return verdict.kind === 'admit' ? [] : verdict.reasons;
}

/** What usually asks for a run of `agent`. */
function triggerOf(agent: AgentDefinition, now: number): Run['trigger'] {
  if (agent.layer === 'Safety') {
    return { kind: 'safety', replica: 0 };
  }
  return agent.schedule === null || agent.layer === 'Growth' || agent.eventOnly
    ? { kind: 'operator' }
    : { kind: 'slot', slotAt: now, epoch: 0 };
}

function imagined(house: Needs, agent: AgentDefinition): Run {
  const now = house.clock.now();
  return {
    id: 'r0' as Run['id'],
    agent: agent.key,
    project: agent.project,
    trigger: triggerOf(agent, now),
    state: 'waiting',
    priority: agent.priority,
    requestedAt: now,
    notBefore: now,
    startedAt: null,
    endedAt: null,
    attempts: 0,
    input: {},
    memoryPromisedBytes: 0,
    outcome: null,
    exit: null,
    cpuMs: null,
    peakMemoryBytes: null,
    enforcement: null,
    usage: null,
    configHash: house.fleet.now.hash,
  };
}
