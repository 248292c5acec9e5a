// Holds a request while its account with the model provider is held, but for the one run that tries it again.

import { formatUtc } from '../../../lib/utc.ts';
import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** The account is free, or this request is its canary. */
export const providerGate: Gate = (_request, { account }) => {
  if (account === null || account.answer.kind !== 'wait') {
    return [];
  }
  const { name, answer, why } = account;
  if (answer.until === null) {
    const probing = reason('provider.probing', `${name}: ${why}; one run tries whether it works again`);
    return [{ kind: 'defer', reason: probing }];
  }
  // The instant, not what is left of it: a text that changes each second would be a new verdict each second.
  const held = reason('provider.held', `${name}: ${why}; asked again from ${formatUtc(answer.until)} UTC`, {
    until: answer.until,
  });
  return [{ kind: 'defer', reason: { ...held, retryAt: answer.until } }];
};
