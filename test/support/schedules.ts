// Schedules and zones for tests, from text.

import { zoneTable } from '../../src/adapters/clock/zone-table.ts';
import { parseCron } from '../../src/config/cron.ts';
import type { AgentKey } from '../../src/core/ids.ts';
import type { ScheduledAgent } from '../../src/core/trigger/pass.ts';
import type { Schedule } from '../../src/core/trigger/schedule-fields.ts';

/** One table for all tests of a file. */
export const zones = zoneTable();

/** The schedule of `text`, which must be one. */
export function cron(text: string): Schedule {
  const parsed = parseCron(text);
  if (parsed.kind === 'error') {
    throw new Error(`${text}: ${parsed.message}`);
  }
  return parsed.schedule;
}

/** An agent with `text` as its schedule in UTC, misfire skip, 5 min late allowed, no jitter. */
export function scheduledAgent(
  text: string,
  over: Partial<Omit<ScheduledAgent, 'key'>> & { key?: string } = {},
): ScheduledAgent {
  return {
    schedule: cron(text),
    zone: zones('UTC'),
    jitterMs: 0,
    misfire: { policy: 'skip', lateOkMs: 300_000 },
    since: null,
    ...over,
    key: (over.key ?? 'steward') as AgentKey,
  };
}
