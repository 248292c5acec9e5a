// Refuses an agent whose sandbox cannot be had on this machine: no agent runs with less than it was promised.

import { hasAddressList } from '../../sandbox/sandbox.ts';
import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** Asks what the execution host can close. */
export const sandboxGate: Gate = (_request, { agent, host }) => {
  if (agent === null || agent.sandbox === 'off') {
    return [];
  }
  const { sandbox } = agent;
  if (host.sandboxing === null) {
    const text = 'the execution host cannot say whether it would hold a sandbox';
    return [{ kind: 'defer', reason: reason('sandbox.unavailable', text) }];
  }
  const why = host.sandboxing[sandbox] ?? (hasAddressList(agent) ? host.sandboxing.addresses : null);
  return why === null
    ? []
    : [{ kind: 'refuse', reason: reason('sandbox.unavailable', `sandbox = "${sandbox}" cannot be had here: ${why}`) }];
};
