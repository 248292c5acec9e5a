// Asks a pre-check of kind `gitea-issue`: did anything happen on the issue since the agent's last run that succeeded?

import type { AgentDefinition } from '../core/fleet.ts';
import { isNews, readSeen, writeSeen } from '../core/trigger/issue-news.ts';
import type { House } from './house.ts';
import { placeOf } from './issue-links.ts';
import type { PrecheckAnswer } from './precheck.ts';

/** What others did on issue `number` says whether `agent` has something to do; what we posted ourselves does not count. */
export async function askIssue(
  house: Pick<House, 'tracker' | 'ledger' | 'fleet'>,
  agent: AgentDefinition,
  number: number,
): Promise<PrecheckAnswer> {
  const { tracker, ledger } = house;
  const { place } = placeOf(house, agent.project);
  const seen = readSeen(ledger.states.get('schedule', agent.key) as string | null, number);
  const reply = await tracker.activity(place, number, seen?.at ?? 0);
  if (reply.kind === 'failed') {
    return { kind: reply.permanent ? 'broken' : 'unreachable', text: reply.message };
  }
  const { latest } = reply.value;
  return latest === null || !isNews(seen, latest)
    ? { kind: 'nothing', text: `nothing happened on issue #${number} since the last run that succeeded` }
    : { kind: 'go', seen: writeSeen({ issue: number, moment: latest }), findings: null };
}
