// What the rules say of agents: down, started again and again, failing again and again.

import { counted } from '../../../lib/counted.ts';
import type { AlertRule, Sign } from '../alert.ts';
import { MAX_ALERT_RUNS } from '../alert.ts';
import type { AgentPicture, Picture } from '../picture.ts';
import { standingOf } from '../picture.ts';

/** Signs of every agent. */
export function agentSigns({ agents, settings }: Picture): readonly Sign[] {
  return agents.flatMap((agent) => [
    ...down(agent),
    ...storm(agent, settings.restarts),
    ...burst(agent, settings.errors),
  ]);
}

/** Held after repeated failure, or always wanted and not here. Who is held on purpose is not down. */
function down(agent: AgentPicture): readonly Sign[] {
  if (agent.quarantine !== null) {
    const text = `${agent.key} is held: ${agent.quarantine}`;
    return [{ ...sign(agent, 'agent_down'), severity: 'critical', text, command: `adf release ${agent.key}` }];
  }
  const standing = standingOf(agent);
  if (agent.excused !== null || agent.running >= agent.desired || standing === 'idle') {
    return [];
  }
  const { running, desired } = agent;
  return [
    {
      ...sign(agent, 'agent_down'),
      severity: standing === 'stopped' ? 'critical' : 'warning',
      text: `${agent.key} is ${standing}: ${running} of ${desired} alive`,
      numbers: { running, desired },
      command: `adf why ${agent.key}`,
    },
  ];
}

function storm(agent: AgentPicture, limit: number): readonly Sign[] {
  const level = levelOf(agent.restarts, limit);
  const { restarts } = agent;
  return level === null
    ? []
    : [
        {
          ...sign(agent, 'restart_storm'),
          level,
          text: `${agent.key} was started again ${counted(restarts, 'time')} within the last hour`,
          numbers: { restarts, limit },
          command: `adf runs --agent ${agent.key}`,
        },
      ];
}

/** Who is always wanted is started again after each failure: of that the storm tells. */
function burst(agent: AgentPicture, limit: number): readonly Sign[] {
  const level = agent.desired > 0 ? null : levelOf(agent.failures, limit);
  const { failures } = agent;
  const last = agent.failed[0];
  const ending = last === undefined ? '' : `; the last, ${last.run}: ${last.text}`;
  return level === null
    ? []
    : [
        {
          ...sign(agent, 'error_burst'),
          level,
          text: `${agent.key} failed ${counted(failures, 'time')} within the last hour${ending}`,
          numbers: { failures, limit },
          command: last === undefined ? `adf runs --agent ${agent.key}` : `adf show ${last.run}`,
        },
      ];
}

/** Over from `limit` on; well again at half of it or less. Example: limit 5: 5 opens, 3 keeps it, 2 closes. */
function levelOf(count: number, limit: number): Sign['level'] | null {
  if (count >= limit) {
    return 'over';
  }
  return count > Math.floor(limit / 2) ? 'between' : null;
}

function sign(agent: AgentPicture, rule: AlertRule): Omit<Sign, 'text' | 'command'> {
  return {
    rule,
    subject: { kind: 'agent', name: agent.key },
    severity: 'warning',
    level: 'over',
    numbers: {},
    runs: agent.failed.slice(0, MAX_ALERT_RUNS).map(({ run }) => run),
  };
}
