// Finds the agent or run that an operator means, or says what to type instead.

import type { AgentDefinition } from '../core/fleet.ts';
import type { Run } from '../core/run/run.ts';
import { nearestName } from '../lib/nearest.ts';
import type { ControlRefusal } from '../ports/control.ts';
import type { House } from './house.ts';

/** Candidates named in a message at most. */
const SHOWN = 5;

/** A refusal of a verb. */
export function refusal(code: string, message: string): ControlRefusal {
  return { refused: { code, message } };
}

/** True for a refusal, whatever the answer otherwise would be. */
export function isRefusal(answer: unknown): answer is ControlRefusal {
  return typeof answer === 'object' && answer !== null && 'refused' in answer;
}

/** The agent called `name` (or `project/name`). */
export function findAgent(house: Pick<House, 'fleet'>, name: string): AgentDefinition | ControlRefusal {
  const { agents } = house.fleet.now;
  const found = agents.filter((agent) => agent.key === name || agent.name === name);
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    return only;
  }
  if (found.length > 1) {
    const names = found.slice(0, SHOWN).map((agent) => agent.key);
    return refusal('agent.ambiguous', `several agents are called "${name}": say ${names.join(' or ')}`);
  }
  const near = nearestName(
    name,
    agents.flatMap((agent) => [agent.name, agent.key]),
  );
  return refusal(
    'agent.unknown',
    `no agent is called "${name}"${near === null ? '' : ` (did you mean "${near}"?)`}: adf agents lists them`,
  );
}

/** The run whose id is, or begins with, `id`. */
export function findRun(house: Pick<House, 'ledger'>, id: string): Run | ControlRefusal {
  const exact = house.ledger.runs.get(id as Run['id']);
  if (exact !== null) {
    return exact;
  }
  const found = house.ledger.runs.byPrefix(id, SHOWN);
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    return only;
  }
  return found.length > 1
    ? refusal('run.ambiguous', `several runs begin with "${id}": ${found.map((run) => run.id).join(', ')}`)
    : refusal('run.unknown', `there is no run "${id}": adf runs lists the newest`);
}
