// Agents whose tokens are counted on the way: how they start, whose figures are believed, and what is left behind.

import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { writeMeterLine } from '../../src/core/metering/meter-line.ts';
import type { MeterLine } from '../../src/core/metering/meter-line.ts';
import { METER_ADDRESS } from '../../src/core/metering/order.ts';
import type { MeterOrder } from '../../src/core/metering/order.ts';
import type { RunId } from '../../src/core/ids.ts';
import type { Run } from '../../src/core/run/run.ts';
import { claudeSaid } from '../support/cli-lines.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import type { FakeBehaviour } from '../support/fake-host.ts';

const MODEL = 'claude-sonnet-4-5';
/** 10,000 tokens in: 3 cents by the list, which is what its CLI says too; the meter knows of twice as much. */
const SAID = claudeSaid({ session: 's', used: { input: 10_000, output: 0 }, costUsd: 0.03 });
const COUNTED = { input: 20_000, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: null };

const agent = (cli: string, more = ''): string =>
  `[[agents]]\nname = "one"\nlayer = "Growth"\ncli_tool = "${cli}"\ntask = "Work."\nretry = { max = 0 }\nmetering = true\n${more}\n`;

let rig: DaemonRig;
afterEach(async () => rig.dispose());

/** What the meter of the last start was told. */
function order(): MeterOrder {
  return JSON.parse(rig.host.starts.at(-1)?.spec.env['METERED'] ?? '{}') as MeterOrder;
}

/** The meter of `run`, whose file is where the next attempt of it has one, writes `lines` when it starts. */
function meter(behaviour: FakeBehaviour, lines: readonly MeterLine[]): void {
  rig.script('one', (run: Run) => {
    const file = `${rig.house.files.inputPath(rig.ledger.attempts.ofRun(run.id).at(-1)?.id ?? ('' as never))}.meter`;
    lines.forEach((line) => appendFileSync(file, writeMeterLine(line)));
    return behaviour;
  });
}

const request = (model = MODEL, tokens: object = COUNTED): readonly MeterLine[] => [
  { k: 'begun', n: 1, at: 1 },
  { k: 'counted', n: 1, model, id: 'x', tokens: { ...COUNTED, ...tokens } },
  { k: 'ended', n: 1, status: 200, whole: true },
];

describe('a metered run', () => {
  it('is started with the address of its meter, which is told where to pass requests on to', async () => {
    rig = await DaemonRig.start({ toml: agent('claude', 'env = { ANTHROPIC_BASE_URL = "http://h/x" }') });
    meter({ endsAfterMs: 1000, output: SAID }, []);
    await rig.run('one');
    const spec = rig.host.starts[0]?.spec;
    expect(spec?.env['ANTHROPIC_BASE_URL']).toBe(`${METER_ADDRESS}/0`);
    expect(order()).toEqual({ file: spec?.inputs.at(-1), upstreams: ['http://h/x'] });
  });

  it('may write what it counts also in a sandbox', async () => {
    rig = await DaemonRig.start({ toml: agent('claude', 'sandbox = "standard"') });
    meter({ endsAfterMs: 1000, output: SAID }, []);
    await rig.run('one');
    expect(rig.host.starts[0]?.spec.sandbox?.writable).toContain(order().file);
  });

  it('uses what its meter counted, whatever its CLI says, at the price of the list', async () => {
    rig = await DaemonRig.start({ toml: agent('claude') });
    meter({ endsAfterMs: 1000, output: SAID }, request());
    const run = await rig.run('one');
    expect(run?.usage).toEqual({ ...COUNTED, costMicroUsd: 60_000, price: 'listed', metered: 1 });
  });

  it('costs what its CLI says where the list has no price', async () => {
    rig = await DaemonRig.start({ toml: agent('claude') });
    meter({ endsAfterMs: 1000, output: SAID }, request('unheard-of'));
    expect((await rig.run('one'))?.usage).toMatchObject({ ...COUNTED, costMicroUsd: 30_000, metered: 1 });
  });

  it('uses at least as much where a request was in flight', async () => {
    rig = await DaemonRig.start({ toml: agent('claude') });
    meter({ endsAfterMs: 1000, output: SAID }, [...request(), { k: 'begun', n: 2, at: 2 }]);
    expect((await rig.run('one'))?.usage).toMatchObject({ ...COUNTED, partial: true, metered: 2 });
  });

  it('is believed by its CLI where no request came by its meter', async () => {
    rig = await DaemonRig.start({ toml: agent('claude') });
    meter({ endsAfterMs: 1000, output: SAID }, []);
    const usage = (await rig.run('one'))?.usage;
    expect(usage).toMatchObject({ input: 10_000, costMicroUsd: 30_000 });
    expect(usage).not.toHaveProperty('metered');
  });

  it('is not started where its model cannot be found, and says what to write', async () => {
    rig = await DaemonRig.start({ toml: agent('codex') });
    expect((await rig.run('one'))?.outcome).toMatchObject({
      kind: 'failed',
      class: 'setup',
    });
    expect(JSON.stringify(rig.factsOf('run.ended'))).toContain('codex cannot be metered: write');
    expect(rig.host.starts).toEqual([]);
  });

  it('leaves nothing behind', async () => {
    rig = await DaemonRig.start({ toml: agent('claude') });
    meter({ endsAfterMs: 1000, output: SAID }, request());
    await rig.run('one');
    await rig.until(() => !existsSync(order().file));
    expect(readdirSync(dirname(order().file))).toEqual([]);
  });
});

describe('a daemon that dies', () => {
  it.each(['transaction', 'committed'] as const)(
    'when all was read, at the moment "%s", loses nothing that a meter counted, and leaves nothing behind',
    async (last) => {
      rig = await DaemonRig.start({ toml: agent('claude') });
      meter({ endsAfterMs: 1000, output: SAID }, request());
      const run = (await rig.ask('one'))?.run.id as RunId;
      rig.killWhen((moment) => moment === last && rig.host.starts.length > 0 && rig.host.live().length === 0);
      await rig.until(() => rig.isDead);
      await rig.restart();
      await rig.until(() => rig.ledger.runs.get(run)?.state === 'ended');
      expect(rig.ledger.runs.get(run)?.usage).toMatchObject({ ...COUNTED, metered: 1 });
      await rig.until(() => !existsSync(order().file));
    },
  );
});

describe('a budget', () => {
  const cent = '[[budgets]]\nscope = "fleet"\nwindow = "day"\ncents = 1\n';

  it('of a cent stops gemini in the middle, by what its meter counts, and nothing starts after it', async () => {
    rig = await DaemonRig.start({ toml: `[factory]\nqueue_timeout = "3d"\n${cent}${agent('gemini')}` });
    meter({ codeWhenAsked: 0 }, request('gemini-2.5-pro', { input: 8000 }).slice(0, 2));
    const run = await rig.run('one');
    expect(run?.outcome).toMatchObject({ kind: 'failed', class: 'own_limit' });
    expect(run?.usage).toMatchObject({ input: 8000, costMicroUsd: 10_000, metered: 1 });
    expect((await rig.ask('one'))?.reasons.map(({ code }) => code)).toEqual(['budget.spent']);
  });

  it('leaves it alone below', async () => {
    rig = await DaemonRig.start({ toml: `${cent}${agent('gemini')}` });
    meter({ endsAfterMs: 60_000 }, request('gemini-2.5-pro', { input: 7999 }).slice(0, 2));
    await rig.run('one');
    expect(rig.host.stops).toEqual([]);
  });
});
