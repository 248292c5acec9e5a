// Draws one cycle of the watchdog: its sums, then a line for each agent about which there is something to say.

import type { WatchView } from '../../http/contract.ts';
import { oneLine } from './text.ts';
import { counted } from '../../lib/counted.ts';

/** The lines of `adf watchdog --once`. */
export function renderWatch(view: WatchView): readonly string[] {
  const replicas = view.reconciled.reduce((sum, each) => sum + each.replicas.length, 0);
  return [
    `${counted(view.checked, 'run')} checked, ${view.pruned.length} pruned, ${counted(replicas, 'start')} asked for`,
    ...view.pruned.map(
      ({ run, agent, found }) => `pruned    ${agent}: ${run} ${found}; what is known: adf show ${run}`,
    ),
    ...view.reconciled.map((each) => `asked     ${each.agent}: replica ${each.replicas.join(', ')}`),
    ...view.unknown.map(({ run, agent }) => `unknown   ${agent}: ${run} cannot be told alive or dead; left as it is`),
    ...view.left.map(({ agent, why, text }) => `left      ${agent}: ${why}, ${text}; more: adf why ${agent}`),
    ...view.failed.map(({ agent, message }) => `FAILED    ${agent}: ${message}`),
  ].map(oneLine);
}
