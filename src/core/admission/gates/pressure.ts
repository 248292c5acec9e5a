// Holds starts while what runs already has to stand still for want of memory or processors.

import type { Gate } from '../gate.ts';
import { reason } from '../reasons.ts';

/** Neither memory nor processors are short. */
export const pressureGate: Gate = (_request, { host }) =>
  host.shortages.map(({ resource, began, now, limit, resumeAt }) => {
    if (resource !== 'memory' && resource !== 'cpu') {
      return null;
    }
    // What it began with, not what it is now: a text that changes each second would be a new verdict each second.
    const text = `${resource} pressure reached ${shown(began)}, limit ${shown(limit)}; starts go on at ${shown(resumeAt)}`;
    return { kind: 'defer', reason: reason(`${resource}.pressure`, text, { pressure: now, limit, resumeAt }) };
  });

function shown(percent: number): string {
  return `${Math.round(percent * 10) / 10}%`;
}
