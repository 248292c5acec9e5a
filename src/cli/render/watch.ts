// Draws one cycle of the watchdog: its sums, then a line for each agent about which there is something to say.

import type { WatchView } from '../../http/contract.ts';
import { oneLine, pad } from './text.ts';
import { counted } from '../../lib/counted.ts';

const LABEL_COLUMNS = 10;

/** The lines of `adf watchdog --once`. */
export function renderWatch(view: WatchView): readonly string[] {
  const replicas = view.reconciled.reduce((sum, each) => sum + each.replicas.length, 0);
  const lines: readonly (readonly [string, string])[] = [
    ...view.pruned.map(
      ({ run, agent, found }) => ['pruned', `${agent}: ${run} ${found}; what is known: adf show ${run}`] as const,
    ),
    ...view.reconciled.map((each) => ['asked', `${each.agent}: replica ${each.replicas.join(', ')}`] as const),
    ...view.unknown.map(
      ({ run, agent }) => ['unknown', `${agent}: ${run} cannot be told alive or dead; left as it is`] as const,
    ),
    ...view.left.map(({ agent, why, text }) => ['left', `${agent}: ${why}, ${text}; more: adf why ${agent}`] as const),
    ...view.failed.map(({ agent, message }) => ['FAILED', `${agent}: ${message}`] as const),
  ];
  return [
    `${counted(view.checked, 'run')} checked, ${view.pruned.length} pruned, ${counted(replicas, 'start')} asked for`,
    ...lines.map(([label, text]) => `${pad(label, LABEL_COLUMNS)}${oneLine(text)}`),
  ];
}
