// A factory whose agents.toml is edited, and whose host and ledger fail when they are told to.

import { onTestFinished } from 'vitest';
import type { RunId } from '../../src/core/ids.ts';
import type { Fact } from '../../src/core/run/facts.ts';
import type { ReconciliationResult } from '../../src/core/reconcile/result.ts';
import { OperationalError } from '../../src/lib/operational-error.ts';
import type { ApplyView, ApplyWish, DriftView, PlanView } from '../../src/ports/reconcile-view.ts';
import type { DaemonRig } from './daemon-rig.ts';
import { startWatchRig } from './watch-rig.ts';

type Applied = Extract<ApplyView, { kind: 'applied' }>;

/** `toml` in force until the test is over, with `count` runs alive that go on until told. */
export async function reconcileRig(toml: string, count: number): Promise<DaemonRig> {
  const rig = await startWatchRig(toml, count);
  onTestFinished(async () => rig.dispose());
  return rig;
}

/** `adf apply` by eva; fails the test when it was refused or agents.toml is broken. */
export async function apply(rig: DaemonRig, wish: Partial<ApplyWish> = {}): Promise<Applied> {
  const view = await rig.command(async (control) => control.apply({ by: 'eva', maxAttempts: 3, plan: null, ...wish }));
  if (view === null || 'refused' in view || view.kind === 'broken') {
    throw new Error(`not applied: ${JSON.stringify(view)}`);
  }
  return view;
}

/** The result of `adf apply`. */
export async function applied(rig: DaemonRig, wish: Partial<ApplyWish> = {}): Promise<ReconciliationResult> {
  return (await apply(rig, wish)).result;
}

/** `adf drift`. */
export async function drift(rig: DaemonRig): Promise<Extract<DriftView, { kind: 'drift' }>> {
  const view = await rig.command(async (control) => control.drift());
  if (view?.kind !== 'drift') {
    throw new Error('agents.toml is broken');
  }
  return view;
}

/** `adf plan`. */
export async function planNow(rig: DaemonRig): Promise<PlanView> {
  const view = await rig.command(async (control) => control.plan());
  if (view?.kind !== 'plan') {
    throw new Error('agents.toml is broken');
  }
  return view;
}

/** Live runs of `agent` that are not ending. */
export function runsOf(rig: DaemonRig, agent: string): readonly RunId[] {
  return rig.ledger.runs
    .live()
    .filter((run) => run.agent === agent && run.state === 'running')
    .map(({ id }) => id);
}

/** The next `times` stops (of `agent`, if told) fail. */
export function failStops(rig: DaemonRig, times: number, agent?: string): void {
  let left = times;
  const { host, ledger } = rig;
  const stop = Object.getPrototypeOf(host).stop.bind(host) as typeof host.stop;
  host.stop = async (id, plan, reason) => {
    const of = ledger.runs.get(ledger.attempts.get(id)?.run ?? ('' as RunId))?.agent;
    if (left > 0 && (agent === undefined || of === agent)) {
      left -= 1;
      throw new OperationalError('host', 'no line');
    }
    return stop(id, plan, reason);
  };
}

/** The next `times` facts of this kind, but for the first `after` of them, cannot be written. */
export function failOnFact(
  rig: DaemonRig,
  kind: Fact['kind'],
  { after = 0, times }: { readonly after?: number; readonly times: number },
): void {
  let left = times;
  let passing = after;
  const facts = rig.ledger.facts as { append: typeof rig.ledger.facts.append };
  const { append } = facts;
  facts.append = (fact, stamp) => {
    if (fact.kind === kind && passing > 0) {
      passing -= 1;
    } else if (fact.kind === kind && left > 0) {
      left -= 1;
      throw new OperationalError('storage', 'the disk is full');
    }
    return append(fact, stamp);
  };
}

/** agents.toml as an editor leaves it that has written half of it. */
export const BROKEN_FILE = {
  kind: 'errors',
  errors: [{ file: 'agents.toml', line: 1, column: 1, key: '', message: 'this is no TOML' }],
  warnings: [],
} as const;
