// A model server that is down, hangs or answers rubbish: alerts open, are listed and close without it.

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AlertView } from '../../src/ports/alert-views.ts';
import { fastClock } from '../support/fast-clock.ts';
import { modelServer } from '../support/model-server.ts';
import type { ModelServer, Scenario } from '../support/model-server.ts';
import { WholeFactory } from '../support/whole-factory.ts';

/** How much faster its clock runs than ours; models are waited for by ours. */
const TIMES = 5;
/** Between two looks of the monitor, and how much longer an alert may take to be there on a busy machine. */
const LOOK_MS = 1000 / TIMES;
const SLACK_MS = 2000;
/** A list that waited for the model would take thirty seconds. */
const AT_ONCE_MS = 1000;

let server: ModelServer;
beforeAll(async () => {
  server = await modelServer();
});
afterAll(() => server.close());

const fleet = (endpoint: string): string => `
[alerts]
analysis_interval_secs = 1

[ai]
endpoint = "${endpoint}"
model = "m"

[[projects]]
id = "web"

[[agents]]
name = "steward"
project = "web"
layer = "Growth"
cli_tool = "sh"
task = "true"
`;

it.each<[string, Scenario | 'down']>([
  ['hangs', 'hang'],
  ['answers a page of a proxy', 'html'],
  ['breaks off in its answer', 'cut'],
  ['is down', 'down'],
])('a model that %s keeps no alert from opening within one look, and no list waiting', async (_, scenario) => {
  // Port 9 of loopback is nobody's.
  const endpoint = scenario === 'down' ? 'http://127.0.0.1:9/v1' : server.endpoint(scenario);
  await using factory = await WholeFactory.start(fleet(endpoint), { clock: fastClock(TIMES) });
  const before = server.asked.length;
  const trippedAt = performance.now();
  expect((await factory.adf('breaker', 'trip', 'web', '--reason', 'a test')).code).toBe(0);

  const { alert } = await factory.fact('alert.opened', (fact) => fact.rule === 'breaker_open');

  expect(performance.now() - trippedAt).toBeLessThan(LOOK_MS + SLACK_MS);
  if (scenario !== 'down') {
    await factory.until('the model to be asked', () => (server.asked.length > before ? true : null));
  }
  const askedAt = performance.now();
  const { out } = await factory.adf('alerts', 'list', '--json');
  expect(performance.now() - askedAt).toBeLessThan(AT_ONCE_MS);
  expect((JSON.parse(out) as readonly AlertView[]).map(({ id, state }) => [id, state])).toEqual([[alert, 'open']]);
});
