// The agent CLIs through a meter: what a run row says is what the server counted, to the token; and a cent stops each of them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CLI_NAMES, EXPECTATIONS } from '../../src/conformance/expectations.ts';
import type { CliName } from '../../src/conformance/expectations.ts';
import { Kit } from '../../src/conformance/kit.ts';
import type { KitAgentWish } from '../../src/conformance/kit.ts';
import { driverFor } from '../../src/drivers/registry.ts';
import type { RunDetail } from '../../src/ports/control.ts';
import type { RunWish } from '../../src/ports/run-wish.ts';
import { install } from './install.ts';
import { ProcessFactory } from './process-factory.ts';

const METERED = 'metering = true';
const CENT = { model: 'loop', budget: 'cents = 1', priced: true } as const;
const AGENTS: readonly KitAgentWish[] = [
  { name: 'tool', model: 'tool', more: METERED },
  { name: 'session', model: 'text', more: METERED },
  { name: 'kill', model: 'sleep', more: METERED },
  { name: 'cent', ...CENT, more: METERED },
  { name: 'cent-unmetered', ...CENT },
];

describe.each(CLI_NAMES)('%s, metered', (cli: CliName) => {
  const { patienceMs, forks, stopsAtBudget } = EXPECTATIONS[cli];
  const factory = new ProcessFactory();
  let kit: Kit;

  beforeAll(async () => {
    const { program } = await install(cli);
    kit = await Kit.start({ name: cli, program, capabilities: driverFor(cli).capabilities }, factory, AGENTS);
  });
  afterAll(async () => {
    await (kit ?? factory).close();
  });

  /** One run of `name`, whose row must have what the server counted meanwhile, and nothing of which may live on. */
  async function exact(name: string, wish: Parameters<Kit['run']>[1] = {}): Promise<RunDetail> {
    const before = kit.requestsOf(name).length;
    const detail = await kit.run(name, wish);
    const requests = kit.requestsOf(name).slice(before);
    const served = kit.sum(requests);
    // Anthropic's answers have no figure of reasoning: it is inside the output.
    const { input, cacheRead, cacheWrite, output, reasoning, metered, partial } = detail.run.usage ?? {};
    expect({ input, cacheRead, cacheWrite, output, reasoning, metered, partial }).toEqual({
      ...served,
      ...(cli === 'claude' && served.input > 0 ? { reasoning: null } : {}),
      metered: requests.length,
      partial: undefined,
    });
    expect(kit.left()).toEqual([]);
    return detail;
  }

  test('tells of a tool and its answer what the server counts', { timeout: 2 * patienceMs }, async () => {
    expect((await exact('tool')).run.outcome).toEqual({ kind: 'succeeded' });
  });

  test('tells of each run of a session its own, side requests too', { timeout: 6 * patienceMs }, async () => {
    let last = (await exact('session')).run;
    for (const kind of ['resume', 'resume', 'resume', ...(forks ? (['fork'] as const) : [])] as const) {
      const session: RunWish['session'] = { kind, run: last.id };
      last = (await exact('session', { session })).run;
      expect(last.outcome).toEqual({ kind: 'succeeded' });
    }
  });

  test('tells of a run that was killed in the middle all that it used', { timeout: 2 * patienceMs }, async () => {
    const { run } = await exact('kill', {
      during: async ({ id }) => {
        await kit.inTool();
        await kit.signal(id, 'SIGKILL');
      },
    });
    expect(run.outcome).toMatchObject({ kind: 'failed', class: 'killed' });
  });

  test.each(stopsAtBudget ? ['cent', 'cent-unmetered'] : ['cent'])(
    'is stopped in the middle by a budget of one cent, and not started again (%s)',
    { timeout: 3 * patienceMs },
    async (name) => {
      const { run } = await kit.run(name);
      expect(run.outcome).toMatchObject({ kind: 'failed', class: 'own_limit' });
      expect(run.usage?.costMicroUsd).toBeGreaterThanOrEqual(10_000);
      expect(kit.left()).toEqual([]);
      const again = await factory.run(name, { key: `${name}-again` });
      const { run: waiting } = await factory.show(again.id);
      expect([waiting.state, waiting.reasons?.map(({ code }) => code)]).toEqual(['waiting', ['budget.spent']]);
      await factory.cancel(again.id);
    },
  );
});
