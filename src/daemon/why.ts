// `adf why NAME`: when it would next run, what every gate says, what was skipped, and what to type.

import type { Reason, ReasonCode } from '../core/admission/reasons.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import { formatBytes } from '../lib/bytes.ts';
import type { WhyView } from '../ports/control.ts';
import type { AgentViewParts, Sight } from './agent-views.ts';
import { agentView, heldBy, wouldSay } from './agent-views.ts';
import type { House } from './house.ts';
import { LiveIndex } from './live-index.ts';
import { nextSlotOf } from './next-slot.ts';
import { slotView } from './views.ts';

/** Skipped stretches shown. */
const SKIPPED = 5;

/** The whole answer about one agent. */
export function whyView(
  house: House,
  parts: AgentViewParts,
  given: { readonly agent: AgentDefinition; readonly sight: Sight },
): WhyView {
  const { agent } = given;
  const next = nextSlotOf(house, agent, house.clock.now());
  const verdict = wouldSay(house, parts, given);
  const reasons = heldBy(verdict);
  const skipped = house.ledger.slots.skipped(agent.key, SKIPPED);
  return {
    agent: agentView(house, parts, given),
    nextAt: next?.at ?? null,
    nextNote: next?.note ?? null,
    verdict: verdict.kind,
    reasons,
    passing: passing(house, given, reasons),
    skipped: skipped.map(slotView),
    warnings: [],
    commands: commandsFor(house, agent, [...reasons, ...(skipped[0]?.reasons ?? [])]),
  };
}

function passing(
  house: House,
  given: { readonly agent: AgentDefinition; readonly sight: Sight },
  reasons: readonly Reason[],
): readonly string[] {
  const { agent, sight } = given;
  const live = LiveIndex.of(sight.live).counts();
  const project = house.fleet.project(agent.project);
  const { factory } = house.fleet.now;
  const memoryLimit = Math.floor(sight.machine.totalMemoryBytes * 0.8);
  const said = new Set(reasons.map((reason) => reason.code));
  return [
    project === null || said.has('slots.project')
      ? null
      : `slots.project ${live.byProject.get(project.id) ?? 0} of ${project.maxConcurrentAgents}`,
    said.has('slots.factory') ? null : `slots.factory ${live.total} of ${factory.maxConcurrentAgents}`,
    said.has('memory.promised')
      ? null
      : `memory ${formatBytes(agent.maxMemoryBytes)} of ${formatBytes(memoryLimit - live.promisedMemoryBytes)} free`,
    `pre-check ${agent.preCheck.kind === 'always' ? 'none' : agent.preCheck.kind}`,
  ].filter((line) => line !== null);
}

function commandsFor(house: House, agent: AgentDefinition, reasons: readonly Reason[]): readonly string[] {
  const commands = reasons.flatMap((reason) => commandsAgainst(house, agent, reason.code));
  return [...new Set([...commands, `adf runs --agent ${agent.name}`])];
}

/** What to type against one objection; nothing where only time helps. */
function commandsAgainst(house: House, agent: AgentDefinition, code: ReasonCode): readonly string[] {
  const project = agent.project ?? '';
  switch (code) {
    case 'project.paused':
      return [`rm ${house.pauseFlags.now.path(project)}`, `adf resume ${project}`];
    case 'factory.paused':
      return [`rm ${house.pauseFlags.now.path('__all__')}`];
    case 'breaker.open':
    case 'breaker.probing':
      return [`adf breaker show ${project}`, `adf resume ${project}`];
    case 'breaker.isolated':
      return [`adf breaker reset ${project}`];
    case 'quarantine':
      return [`adf release ${agent.name}`];
    case 'agent.disabled':
      return ['adf explain agents.enabled', 'adf reload'];
    case 'project.disabled':
      return ['adf explain projects.enabled', 'adf reload'];
    case 'draining':
      return ['adf drain --end'];
    case 'slots.factory':
    case 'slots.project':
    case 'memory.promised':
    case 'overlap.skip':
    case 'overlap.queue':
      return ['adf runs --state running'];
    case 'enforcement.unavailable':
    case 'enforcement.lost':
    case 'disk.floor':
    case 'storage':
      return ['adf doctor'];
    case 'late':
    case 'superseded':
    case 'queue_timeout':
      return ['adf explain agents.misfire'];
    case 'precheck.nothing_to_do':
      return ['adf explain agents.pre_check'];
    case 'agent.removed':
      return ['adf reload'];
    case 'duplicate':
    case 'duplicate.clock_step':
    case 'queue_full':
    case 'missed.down':
    case 'missed.clock_step':
    case 'missed.cap':
      return [];
  }
}
