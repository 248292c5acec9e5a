// `adf why NAME`: when it would next run, what every gate says, what was skipped, and what to type.

import type { Reason, ReasonCode } from '../core/admission/reasons.ts';
import type { AgentDefinition } from '../core/fleet.ts';
import { formatBytes } from '../lib/bytes.ts';
import type { SlotView, WhyView } from '../ports/control.ts';
import type { OutboxRow } from '../ports/ledger.ts';
import type { AgentViewParts, Sight } from './agent-views.ts';
import { agentView, heldBy, wouldSay } from './agent-views.ts';
import type { House } from './house.ts';
import { nextSlotOf } from './next-slot.ts';
import { outboxTrouble } from './status.ts';
import { rejectionsOf, slotView } from './views.ts';
import { promisableBytes } from '../core/admission/gates/capacity.ts';
import { FACTORY_FLAG } from '../core/pause/flag.ts';

/** Skipped stretches shown. */
const SKIPPED = 5;
/** Refused runs looked at to find them. */
const SKIPPED_RUNS = 50;

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
  const skipped = skippedOf(house, agent);
  const missing = warningsOf(house, agent);
  const untold = outboxTrouble(house.ledger.outbox.list().filter((row) => isAbout(row, agent)));
  const waiting = (given.sight.waitingOf.get(agent.key) ?? []).flatMap(
    (run) => house.ledger.verdicts.ofRun(run.id).at(-1)?.reasons ?? [],
  );
  return {
    agent: agentView(house, parts, given),
    nextAt: next?.at ?? null,
    nextNote: next?.note ?? null,
    verdict: verdict.kind,
    reasons,
    ...rejectionsOf(reasons),
    passing: passing(house, given, reasons),
    skipped,
    warnings: [...missing, ...untold.map(({ text }) => text)],
    commands: [
      ...(missing.length > 0 ? ['adf doctor'] : []),
      ...(untold.length > 0 ? ['adf outbox'] : []),
      ...commandsFor(house, agent, [...reasons, ...waiting, ...(skipped[0]?.reasons ?? [])]),
    ],
  };
}

/** What the gates do not see: a program that cannot be found is a failure of the run, and better known before. */
function warningsOf(house: House, agent: AgentDefinition): readonly string[] {
  const path = agent.env['PATH'] ?? house.fleet.project(agent.project)?.env['PATH'] ?? house.environment['PATH'];
  return house.machine.findProgram(agent.cliTool, path) === null
    ? [`${agent.cliTool} is not on PATH of this agent: install it, or set env.PATH; adf doctor shows what is found`]
    : [];
}

/** A reaction that concerns the agent's project: until it is carried out, people may not know what holds it. */
function isAbout(row: OutboxRow, agent: AgentDefinition): boolean {
  const { project } = row.effect as { readonly project?: string | null };
  return project !== undefined && project === agent.project;
}

/** The newest slots that did not run, also those that were refused only after they had been admitted (pre-check, last look). */
function skippedOf(house: House, agent: AgentDefinition): readonly SlotView[] {
  const { slots, runs } = house.ledger;
  const late = runs
    .list({ agent: agent.key, outcome: 'refused', limit: SKIPPED_RUNS })
    .flatMap(({ outcome, trigger, requestedAt }): SlotView[] => {
      const at = trigger.kind === 'slot' ? trigger.slotAt : requestedAt;
      return outcome?.kind === 'refused'
        ? [
            {
              from: at,
              to: at,
              count: 1,
              verdict: 'refused',
              reasons: outcome.reasons,
              ...rejectionsOf(outcome.reasons),
            },
          ]
        : [];
    });
  const all = [...slots.skipped(agent.key, SKIPPED).map(slotView), ...late].sort((a, b) => b.to - a.to);
  return all.reduce<readonly SlotView[]>(joined, []).slice(0, SKIPPED);
}

/** `slot` behind `newer`, or as part of the last of them where the answer is the same. */
function joined(newer: readonly SlotView[], slot: SlotView): readonly SlotView[] {
  const last = newer.at(-1);
  return last?.verdict === slot.verdict && codes(last) === codes(slot)
    ? [...newer.slice(0, -1), { ...last, from: slot.from, count: last.count + slot.count }]
    : [...newer, slot];
}

function codes(slot: SlotView): string {
  return slot.reasons
    .map((reason) => reason.code)
    .toSorted()
    .join(' ');
}

function passing(
  house: House,
  given: { readonly agent: AgentDefinition; readonly sight: Sight },
  reasons: readonly Reason[],
): readonly string[] {
  const { agent, sight } = given;
  const live = sight.counts;
  const project = house.fleet.project(agent.project);
  const { factory } = house.fleet.now;
  const memoryLimit = promisableBytes(sight.machine.totalMemoryBytes);
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
  const commands = reasons.flatMap(({ code }) =>
    commandsAgainst(house, { name: agent.name, project: agent.project ?? '' }, code),
  );
  return [...new Set([...commands, `adf runs --agent ${agent.name}`])];
}

/** An agent by the words that commands take. */
interface Named {
  readonly name: string;
  readonly project: string;
}

/** What to type against one objection; nothing where only time helps. */
function commandsAgainst(house: House, { name, project }: Named, code: ReasonCode): readonly string[] {
  switch (code) {
    case 'project.paused':
      return [`rm ${house.pauseFlags.now.path(project)}`, `adf resume ${project}`];
    case 'factory.paused':
      return [`rm ${house.pauseFlags.now.path(FACTORY_FLAG)}`];
    case 'breaker.open':
    case 'breaker.probing':
      return [`adf breaker show ${project}`, `adf resume ${project}`];
    case 'breaker.isolated':
      return [`adf breaker reset ${project}`];
    case 'quarantine':
      return [`adf release ${name}`];
    case 'budget.spent':
    case 'budget.reserved':
      return ['adf budget', 'adf explain budgets'];
    case 'provider.held':
    case 'provider.probing':
      return ['adf explain agents.fallback_provider', 'adf status'];
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
    case 'deaths':
    case 'enforcement.unavailable':
    case 'enforcement.lost':
    case 'sandbox.unavailable':
    case 'memory.pressure':
    case 'cpu.pressure':
    case 'disk.floor':
    case 'inodes.floor':
    case 'storage':
      return ['adf doctor'];
    case 'late':
    case 'superseded':
    case 'queue_timeout':
      return ['adf explain agents.misfire'];
    case 'no_effect':
      return ['adf explain agents.decay', `adf run ${name}`];
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
