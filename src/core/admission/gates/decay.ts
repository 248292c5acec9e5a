// Refuses a slot that comes too soon for an agent whose last runs changed nothing.

import { formatUtc } from '../../../lib/utc.ts';
import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** The slot is as far from the last run as the agent's idle runs ask for. */
export const decayGate: Gate = (_request, { decay }) => {
  if (decay === null) {
    return [];
  }
  const { streak, factor, until } = decay;
  const text = `its last ${streak} runs changed nothing, so its slots are ${factor} times as far apart; next ${formatUtc(until)} UTC, or once its task or working_dir changes`;
  return [{ kind: 'refuse', reason: { ...reason('no_effect', text, { streak, factor }), retryAt: until } }];
};
