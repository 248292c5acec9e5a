// The keeper dies by kill -9 under twenty live agents: they run on, are still limited, stopped and recorded, each once.

import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunView } from '../../src/ports/control.ts';
import {
  agentToml,
  nameOf,
  CREW,
  CREW_TOML,
  crewOf,
  ended,
  expectWholeOutput,
  printedChance,
  release,
  startCrew,
  timesBegun,
} from '../support/crew.ts';
import { DaemonProcess } from '../support/daemon-process.ts';
import { waitFor } from '../support/keeper-rig.ts';

/** Its fork ignores TERM, and it would run for ever. */
const FORKER = '(trap "" TERM; while :; do sleep 1; done) & echo began >>began.$1; wait';
const BRIEF = 'echo began >>began.$1; exec sleep 60';
const TOML = `${CREW_TOML}${agentToml('forker', FORKER)}${agentToml('brief', BRIEF, 'timeout = "6s"')}`;

let daemon: DaemonProcess;
beforeEach(async () => {
  daemon = new DaemonProcess(TOML);
  await daemon.start();
});
afterEach(() => daemon.dispose());

/** Every run ended once, as lost or by its driver's verdict, its lines whole, its script begun once. */
async function expectOneEndEach(numbers: readonly number[], runs: readonly RunView[]): Promise<void> {
  const facts = await daemon.facts();
  expect(runs.map((run) => run.outcome?.kind)).toEqual(runs.map(() => 'lost'));
  expect(runs.map((run) => facts.filter((fact) => fact.kind === 'run.ended' && fact.run === run.id).length)).toEqual(
    runs.map(() => 1),
  );
  expect(numbers.map((number) => timesBegun(daemon, number))).toEqual(numbers.map(() => 1));
  await Promise.all(runs.map(async (run) => expectWholeOutput(daemon, run.id)));
  expect(daemon.rig.agents()).toEqual([]);
}

/** Time from each agent's last word, which it says directly before its end, to the row that says so. */
async function delaysOf(runs: readonly RunView[]): Promise<readonly number[]> {
  const facts = await daemon.facts();
  return Promise.all(
    runs.map(async ({ id }) => {
      const recordedAt = facts.find((fact) => fact.kind === 'run.ended' && fact.run === id)?.at ?? Infinity;
      const [attempt] = (await daemon.client.show(id)).attempts;
      return recordedAt - statSync(attempt?.outPath ?? '').mtimeMs;
    }),
  );
}

async function started(name: string, number: number): Promise<string> {
  const { run } = await daemon.client.run(name, { key: `${name}-${number}`, args: [String(number)] });
  await waitFor(() => timesBegun(daemon, number) === 1);
  return run.id;
}

describe('kill -9 of the keeper', () => {
  it(
    'leaves twenty agents running; each ends in one row, and a new keeper takes the next',
    { timeout: 60_000 },
    async () => {
      const numbers = crewOf(0);
      const ids = await startCrew(daemon, numbers);
      const forker = await started('forker', 901);
      const brief = await started('brief', 902);
      await daemon.killKeepers();
      // A start that a dying keeper is still asked for fails for good where agents are not tried again, as here.
      await daemon.until(async () => (await daemon.facts()).find((fact) => fact.kind === 'host.died') ?? null);
      const after = CREW + 1;
      const next = await daemon.client.run(nameOf(after), { key: 'after', args: [String(after)] });
      await waitFor(() => timesBegun(daemon, after) === 1);

      await daemon.client.cancel(forker);
      expect((await ended(daemon, [forker]))[0]?.outcome).toMatchObject({ kind: 'canceled' });
      expect(daemon.rig.tree(`${forker}.1`)).toEqual([]);
      expect((await ended(daemon, [brief]))[0]?.outcome).toMatchObject({ kind: 'timed_out' });

      release(daemon, [...numbers, after]);
      const runs = await ended(daemon, ids);
      expect(Math.max(...(await delaysOf(runs)))).toBeLessThan(2000);
      const [held] = await ended(daemon, [next.run.id]);
      expect(held?.exit).toEqual({ code: 0, signal: null });
      await expectOneEndEach(numbers, runs);
      await daemon.finish();
    },
  );

  it(
    'together with the daemon loses no agent: the next daemon watches them to their end',
    { timeout: 60_000 },
    async () => {
      const numbers = crewOf(0);
      const ids = await startCrew(daemon, numbers);
      await Promise.all([daemon.kill(), daemon.killKeepers()]);
      await daemon.start();
      const facts = await daemon.facts();
      expect(facts.findLast((fact) => fact.kind === 'daemon.started')).toMatchObject({ held: CREW });
      release(daemon, numbers);
      await expectOneEndEach(numbers, await ended(daemon, ids));
      await daemon.finish();
    },
  );

  it.each([
    ['the keeper', false],
    ['both', true],
  ] as const)(
    'with twenty starts in flight starts none of them twice (%s)',
    { timeout: 60_000 },
    async (_who, both) => {
      const random = printedChance('kill -9 of the keeper while twenty start');
      const numbers = crewOf(0);
      const asked = Promise.allSettled(
        numbers.map(async (number) =>
          daemon.client.run(nameOf(number), { key: `crew-${number}`, args: [String(number)] }),
        ),
      );
      // No fact is waited for: the moment of the death is the chance.
      await delay(Math.round(random() * 300));
      await Promise.all([daemon.killKeepers(), both ? daemon.kill() : null]);
      await asked;
      if (both) {
        await daemon.start();
      }
      release(daemon, numbers);
      const runs = await daemon.until(async () => {
        const all = await daemon.runs();
        return all.every((run) => run.state === 'ended') ? all : null;
      });
      expect(numbers.every((number) => timesBegun(daemon, number) <= 1)).toBe(true);
      expect(runs.length).toBeLessThanOrEqual(CREW);
      expect(runs.map((run) => run.outcome?.kind)).not.toContain('refused');
      expect(daemon.rig.agents()).toEqual([]);
      await daemon.finish();
    },
  );
});
