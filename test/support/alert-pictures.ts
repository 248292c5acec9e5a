// Pictures for the rules of alerts: a quiet factory, of which each test changes what it is about.

import type { Alert } from '../../src/core/alert/alert.ts';
import type { AgentPicture, BreakerPicture, Picture } from '../../src/core/alert/picture.ts';
import type { AlertSettings } from '../../src/core/alert/settings.ts';

/** 21 November 2026, 10:30:45 UTC. */
export const NOW = Date.UTC(2026, 10, 21, 10, 30, 45);

/** What a configuration without [alerts] says. */
export const SETTINGS: AlertSettings = {
  enabled: true,
  intervalMs: 30_000,
  channels: null,
  agentDownMs: 120_000,
  restarts: 5,
  errors: 5,
  budgetPercent: 80,
  driftMs: 900_000,
  lagMs: 5000,
};

export function agentPicture(rest: Partial<AgentPicture> = {}): AgentPicture {
  return {
    key: 'web/steward' as AgentPicture['key'],
    project: 'web' as AgentPicture['project'],
    layer: 'Safety',
    desired: 0,
    running: 0,
    excused: null,
    quarantine: null,
    failures: 0,
    restarts: 0,
    failed: [],
    ...rest,
  };
}

export function breakerPicture(rest: Partial<BreakerPicture> = {}): BreakerPicture {
  return {
    project: 'web' as BreakerPicture['project'],
    state: 'closed',
    reason: '3 failures in a row, limit 3: agent_failure (web/steward)',
    flagError: null,
    runs: [],
    ...rest,
  };
}

export function picture(rest: Partial<Picture> = {}): Picture {
  return {
    now: NOW,
    settings: SETTINGS,
    agents: [agentPicture()],
    breakers: [breakerPicture()],
    budgets: [],
    disk: { freeBytes: 100 * 1024 ** 3, floorBytes: 1024 ** 3 },
    drift: 'none',
    late: [],
    ...rest,
  };
}

/** web/steward is down, told already. */
export const ALERT: Alert = {
  id: 'a1',
  rule: 'agent_down',
  subject: { kind: 'agent', name: 'web/steward' as AgentPicture['key'] },
  severity: 'critical',
  state: 'open',
  text: 'web/steward is stopped: 0 of 1 alive',
  numbers: { running: 0, desired: 1 },
  command: 'adf why web/steward',
  runs: [],
  openedAt: NOW,
  clearSince: null,
  closedAt: null,
  end: null,
  by: null,
  reason: null,
};
