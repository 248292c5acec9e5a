// Requests that wait for a slot cost nothing while there is none, and miss nothing by that.

import { afterEach, expect, it } from 'vitest';
import type { ProjectId, RunId } from '../../src/core/ids.ts';
import type { Run } from '../../src/core/run/run.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { metaOf, sandboxFleet } from '../support/sandbox-fleet.ts';

const HOLDER = 'busy/developer-busy';
const FULL = '[factory]\nmax_concurrent_agents = 1\nqueue_timeout = "5m"\n';
const PROJECT_FULL = 'max_concurrent_agents = 1';

let rig: DaemonRig;
afterEach(() => rig.dispose());

/** A factory in which `holder` runs for an hour. */
async function start(input: {
  readonly top?: string;
  readonly extra?: string;
  readonly holder?: string;
}): Promise<void> {
  const { holder = HOLDER } = input;
  rig = await DaemonRig.start({ toml: sandboxFleet(['busy', 'web'], input) });
  rig.script(holder, { endsAfterMs: 3_600_000 });
  const asked = await rig.ask(holder);
  await rig.until(() => rig.ledger.runs.get(asked?.run.id as RunId)?.state === 'running');
}

async function waits(agent: string): Promise<RunId> {
  const id = (await rig.ask(agent))?.run.id as RunId;
  await rig.until(() => reasons(id) !== '');
  return id;
}

function reasons(id: RunId): string {
  return (rig.ledger.verdicts.ofRun(id).at(-1)?.reasons ?? []).map(({ code }) => code).join(' ');
}

function state(id: RunId): Run['state'] | undefined {
  return rig.ledger.runs.get(id)?.state;
}

/** Transactions in `ms` of quiet. */
async function written(ms: number): Promise<number> {
  const count = (): number => rig.moments.filter((moment) => moment === 'transaction').length;
  const before = count();
  await rig.pass(ms);
  return count() - before;
}

it.each([
  ['the factory', { top: FULL }, 'slots.factory'],
  ['the project', { extra: PROJECT_FULL, holder: 'web/developer-web' }, 'slots.project'],
])('requests are told once that %s has no slot, and not asked each second', async (_, input, code) => {
  await start(input);
  const quiet = await written(8000);
  const id = await waits(metaOf('web'));
  expect(reasons(id)).toBe(code);
  await rig.pass(1000);
  expect(await written(8000)).toBeLessThanOrEqual(quiet + 2);
});

it('a request that comes later is told at once, and one with another reason is told it soon', async () => {
  await start({ top: FULL });
  await waits(metaOf('web'));
  await rig.pass(3000);
  const second = await waits(metaOf('busy'));
  expect(reasons(second)).toBe('slots.factory slots.project');
  await rig.command(async (control) => control.drain({ end: false, by: 'eva' }));
  await rig.pass(11_000);
  expect(reasons(second)).toBe('slots.factory slots.project draining');
});

it('a request whose time is over while there is no slot ends in that second', async () => {
  await start({ top: FULL });
  const id = await waits(metaOf('web'));
  const until = (rig.ledger.runs.get(id)?.requestedAt ?? 0) + 300_000;
  await rig.pass(until - rig.clock.now() - 500);
  expect(state(id)).toBe('waiting');
  await rig.pass(1000);
  expect(rig.ledger.runs.get(id)?.outcome).toMatchObject({ kind: 'refused', reasons: [{ code: 'queue_timeout' }] });
});

it('what a reload changed is told at once, also while there is no slot', async () => {
  await start({ top: FULL });
  const id = await waits(metaOf('web'));
  await rig.pass(2000);
  await rig.reload(sandboxFleet(['busy', 'web'], { top: FULL, extra: 'enabled = false' }));
  await rig.pass(1000);
  expect(state(id)).toBe('ended');
});

it('of more than one pass takes, each is asked once a round, and the slot goes to whoever is first', async () => {
  await start({ top: FULL });
  const wish = {
    agent: metaOf('web') as Run['agent'],
    project: 'web' as ProjectId,
    trigger: { kind: 'operator' } as const,
  };
  const rest = { requestedAt: rig.clock.now(), notBefore: 0, input: {}, dedupeKey: null, configHash: 'c' };
  const ids = rig.ledger.transact(() =>
    Array.from({ length: 600 }, (_, index) => rig.ledger.runs.insert({ ...wish, ...rest, priority: index % 7 }).id),
  );
  rig.daemon.services.wake();
  await rig.pass(1000);
  expect(new Set(ids.map(reasons))).toEqual(new Set(['slots.factory']));

  rig.script(metaOf('web'), { endsAfterMs: 3_600_000 });
  const holder = rig.ledger.runs.live()[0]?.id;
  await rig.command(async (control) => control.cancel(holder ?? ''));
  const started = await rig.until(() => rig.ledger.runs.live().find(({ id }) => id !== holder));
  expect(started?.priority).toBe(6);
});
