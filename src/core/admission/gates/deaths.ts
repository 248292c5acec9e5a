// Holds every request while attempts die in numbers of a cause that nobody here knows.

import { formatUtc } from '../../../lib/utc.ts';
import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** Not so many attempts died lately that something of the machine must be killing them. */
export const deathsGate: Gate = (_request, { host: { deaths } }) => {
  if (deaths === null) {
    return [];
  }
  const { count, until } = deaths;
  const text = `${count} runs were killed from outside within 30 s; nothing is started before ${formatUtc(until)} UTC`;
  return [{ kind: 'defer', reason: { ...reason('deaths', text, { count, until }), retryAt: until } }];
};
