// Agents die while the process that holds them stands still: nobody writes their ends down, and the watchdog finds out.

import { readdirSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { readJournal } from '../../src/os/journal.ts';
import type { RunView } from '../../src/ports/control.ts';
import type { WatchView } from '../../src/ports/watch-view.ts';
import { alwaysToml, saidBy } from '../support/crew.ts';
import { DaemonProcess } from '../support/daemon-process.ts';
import { killQuietly, waitFor } from '../support/keeper-rig.ts';

const NAMES = ['one', 'two', 'three', 'four', 'five'];
const KILLED = ['one', 'three', 'five'];
/** Nobody looks but who is told to. */
const TOML = `[watchdog]\ninterval = "1d"\n${NAMES.map((name) => alwaysToml(name, 'began')).join('')}`;

let daemon: DaemonProcess;
afterEach(() => daemon.dispose());

/** The runs of all five, once all of them live and have said so. */
async function allAlive(): Promise<readonly RunView[]> {
  return daemon.until(async () => {
    const live = (await daemon.runs()).filter((run) => run.state === 'running');
    return live.length === NAMES.length && saidBy(daemon, NAMES).every((words) => words.length === 1) ? live : null;
  });
}

/** Ends that stand in the record of the keeper. */
function recordedExits(): number {
  const keepers = readdirSync(daemon.rig.path('keeper')).filter((name) => name !== 'state-id');
  const entries = keepers.flatMap((id) => readJournal(daemon.rig.path(`keeper/${id}/journal`))?.entries ?? []);
  return entries.filter(({ json }) => (JSON.parse(json) as { readonly k: string }).k === 'exit').length;
}

async function watchOnce(): Promise<WatchView> {
  const { code, out, err } = await daemon.adf('watchdog', '--once', '--json');
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as WatchView;
}

/** `kill -9` of everything that `run` started. */
async function killTree({ id }: RunView): Promise<void> {
  const [attempt] = (await daemon.client.show(id)).attempts;
  const tree = (): readonly number[] => daemon.rig.tree(attempt?.id ?? '');
  expect(tree()).not.toEqual([]);
  tree().forEach(killQuietly);
  await waitFor(() => tree().length === 0);
}

it(
  'prunes three of five that died unseen, adds three failures, and asks for three starts',
  { timeout: 60_000 },
  async () => {
    daemon = new DaemonProcess(TOML);
    await daemon.start();
    const runs = await allAlive();
    daemon.freeze();
    await Promise.all(runs.filter(({ agent }) => KILLED.includes(agent)).map(killTree));

    const view = await watchOnce();

    expect(view.checked).toBe(5);
    expect(view.pruned.map(({ agent, found }) => `${agent} ${found}`).toSorted()).toEqual(
      KILLED.map((name) => `${name} failed`).toSorted(),
    );
    // Their host does not answer, and they live: that alone ends nobody.
    expect(view.unknown.map(({ agent }) => agent).toSorted()).toEqual(['four', 'two']);
    const facts = await daemon.facts();
    const ends = facts.filter((fact) => fact.kind === 'run.ended');
    expect(ends.map(({ outcome }) => outcome.kind)).toEqual(['lost', 'lost', 'lost']);
    expect(facts.filter((fact) => fact.kind === 'run.requested')).toHaveLength(NAMES.length + KILLED.length);
    expect((await daemon.client.agents()).map(({ failures1h }) => failures1h)).toEqual([1, 0, 1, 0, 1]);

    daemon.thaw();

    await waitFor(() => recordedExits() === KILLED.length);
    expect(await watchOnce()).toMatchObject({ checked: 2, unknown: [], pruned: [], reconciled: [], failed: [] });
    const after = await daemon.facts();
    const count = (kind: string): number => after.filter((fact) => fact.kind === kind).length;
    expect([count('run.requested'), count('attempt.started'), count('attempt.ended'), count('run.ended')]).toEqual([
      8, 5, 3, 3,
    ]);
    // What kills three at once would kill the next three: admission lets them begin when a quiet minute is over.
    const waiting = await daemon.until(async () => {
      const asked = (await daemon.runs()).filter((run) => run.state === 'waiting' && run.reasons !== undefined);
      return asked.length === KILLED.length ? asked : null;
    });
    expect(waiting.flatMap(({ reasons }) => reasons?.map(({ code }) => code))).toEqual(['deaths', 'deaths', 'deaths']);
    await daemon.finish();
  },
);
