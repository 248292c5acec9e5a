// A whole day of slots that are refused for one reason, four a minute: the tables do not grow.

import { expect, it, onTestFinished } from 'vitest';
import type { AgentKey } from '../../src/core/ids.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { twoAgents, WORKER } from '../support/two-agents.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SLOTS_A_DAY = 5760;

it('holds 5,760 refused slots in one row, and writes nothing else', { timeout: 300_000 }, async () => {
  const rig = await DaemonRig.start({ toml: twoAgents({ worker: 'schedule = "*/15 * * * * *"' }) });
  onTestFinished(async () => rig.dispose());
  const agent = WORKER as AgentKey;
  rig.flags.touchByHand('web');
  await rig.pass(MINUTE_MS);
  const [first] = rig.ledger.slots.ofAgent(agent, 2);
  const facts = rig.facts().length;
  for (let hour = 0; hour < 24; hour += 1) {
    await rig.pass(HOUR_MS);
  }
  const rows = rig.ledger.slots.ofAgent(agent, 2);
  expect(rows).toMatchObject([{ verdict: 'refused', count: (first?.count ?? 0) + SLOTS_A_DAY }]);
  expect([rig.facts().length, rig.ledger.runs.list({ agent, limit: 1 }), rig.host.asked]).toEqual([facts, [], []]);
});
