// Holds a request while a budget that covers it is spent, or would be with what is reserved for runs under way.

import { formatUtc } from '../../../lib/utc.ts';
import { gaugeInWords } from '../../budget/budget.ts';
import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** Every budget that covers the run has room for it. */
export const budgetGate: Gate = (_request, { budgets }) =>
  budgets.map(({ key, stand, until }) => {
    if (stand.gauge === null || (stand.kind !== 'spent' && stand.kind !== 'full')) {
      return null;
    }
    const { used, reserved, limit } = stand.gauge;
    const code = stand.kind === 'spent' ? 'budget.spent' : 'budget.reserved';
    const text = `${key}: ${gaugeInWords(stand.gauge)}; begins anew ${formatUtc(until)} UTC`;
    return { kind: 'defer', reason: { ...reason(code, text, { used, reserved, limit }), retryAt: until } };
  });
