// The reconciler between intent and result: the daemon dies there by kill -9, or somebody else wants to apply as well.

import { userInfo } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { verifyTrace } from '../../src/core/trace/verify.ts';
import { alwaysToml, saidBy } from '../support/crew.ts';
import { DaemonProcess } from '../support/daemon-process.ts';

const NAMES = ['one', 'two', 'three'];
const fleetOf = (word: string): string => NAMES.map((name) => alwaysToml(name, word)).join('');

let daemon: DaemonProcess;
beforeEach(async () => {
  daemon = new DaemonProcess(fleetOf('old'));
  await daemon.start();
  await said(['old']);
  daemon.configure(fleetOf('new'));
});
afterEach(() => daemon.dispose());

/** Waits until each agent has begun with these words, once each, and lives. */
async function said(words: readonly string[]): Promise<void> {
  await daemon.until(async () => {
    const live = (await daemon.runs()).filter((run) => run.state === 'running');
    const all = saidBy(daemon, NAMES).every((begun) => begun.join() === words.join());
    return all && live.length === NAMES.length ? true : null;
  });
}

async function count(kind: string): Promise<number> {
  return (await daemon.facts()).filter((fact) => fact.kind === kind).length;
}

/** Begins `adf apply`; resolves when its intent is written down. Nothing comes of it: the keeper stands still. */
async function intend(): Promise<{ readonly ended: ReturnType<DaemonProcess['adf']> }> {
  daemon.freeze();
  const ended = daemon.adf('apply', '--max-attempts', '5');
  await daemon.until(async () => ((await count('attempt.stop_asked')) === NAMES.length ? true : null));
  expect(await count('reconcile.ended')).toBe(0);
  return { ended };
}

/** What each run that ended tells of itself is what its facts say, though two daemons wrote them. */
async function expectTrueTraces(): Promise<void> {
  for (const { id } of (await daemon.runs()).filter((run) => run.state === 'ended')) {
    const { facts, observability } = await daemon.client.show(id);
    const of = (kind: string): number => facts.find((fact) => fact.kind === kind)?.at ?? 0;
    expect(verifyTrace(facts)).toEqual({ facts: facts.length, ended: true, problems: [] });
    expect(observability?.reasoningTimeline?.map(({ label }) => label)).toEqual(
      facts.map(({ kind, seq }) => `${kind}#${seq}`),
    );
    expect(observability?.leaseGraph).toMatchObject([
      { what: 'slot', from: of('run.admitted'), to: of('run.ended'), endedBy: 'canceled' },
      { from: of('attempt.started'), to: of('attempt.ended'), endedBy: 'canceled' },
    ]);
    expect([observability?.leaseOverlaps, observability?.interruptLatencyMs]).toEqual([undefined, undefined]);
  }
}

it('killed between intent and result, and asked again, does nothing twice', { timeout: 60_000 }, async () => {
  const first = await intend();
  await daemon.kill();
  expect((await first.ended).code).toBe(3);
  daemon.thaw();
  await daemon.start();

  const again = await daemon.adf('apply');

  expect([again.code, again.err]).toEqual([0, '']);
  await said(['old', 'new']);
  const { code, out } = await daemon.adf('apply', '--json');
  expect([code, JSON.parse(out)]).toMatchObject([0, { changes: [], result: { attempts: 0 } }]);
  const kinds = ['run.requested', 'attempt.started', 'attempt.stop_asked', 'attempt.ended', 'run.ended'];
  expect(await Promise.all(kinds.map(count))).toEqual([6, 6, 3, 3, 3]);
  await expectTrueTraces();
  await daemon.finish();
});

it('refuses the second of two at once with the name of the first, which goes on', { timeout: 60_000 }, async () => {
  const first = await intend();

  const [second, reload] = await Promise.all([daemon.adf('apply'), daemon.adf('reload')]);

  const holder = new RegExp(`^adf: ${userInfo().username} has begun apply at .* and is not done: look with adf drift`);
  expect([second.code, second.out, second.err]).toEqual([1, '', expect.stringMatching(holder)]);
  expect([reload.code, reload.err]).toEqual([1, expect.stringMatching(holder)]);
  daemon.thaw();
  expect((await first.ended).code).toBe(0);
  await said(['old', 'new']);
  expect(await count('run.ended')).toBe(NAMES.length);
  await daemon.finish();
});
