// Refuses what agents.toml does not want to run: an agent that is gone or switched off, a project that is switched off.

import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** Agent and project exist and are enabled. */
export const agentGate: Gate = (request, { agent, project }) => [
  agent === null
    ? { kind: 'refuse', reason: reason('agent.removed', `${request.agent} is no longer in agents.toml`) }
    : null,
  agent?.enabled === false
    ? { kind: 'refuse', reason: reason('agent.disabled', `enabled = false for ${agent.name} in agents.toml`) }
    : null,
  project?.enabled === false
    ? { kind: 'refuse', reason: reason('project.disabled', `enabled = false for project ${project.id} in agents.toml`) }
    : null,
];
