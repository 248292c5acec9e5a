// The observability document: rejection reasons, and what a run's trace tells.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { reason } from '../../src/core/admission/reasons.ts';
import { traceOf, traceOfCheckpoints } from '../../src/core/trace/event.ts';
import type { TraceAction, TraceEvent } from '../../src/core/trace/event.ts';
import { chromeTrace, mermaid } from '../../src/core/trace/export.ts';
import { leaseGraph, overlaps } from '../../src/core/trace/lease-graph.ts';
import { observe, observeTrace } from '../../src/core/trace/observability.ts';
import type { KernelObservability } from '../../src/core/trace/observability.ts';
import { capacityLimit, rejectionOf, tenantLimit } from '../../src/core/trace/rejection.ts';
import type { RejectionReason } from '../../src/core/trace/rejection.ts';
import { verifyTrace } from '../../src/core/trace/verify.ts';
import { isRejectionReason, rejectionJsonSchema } from '../../src/http/rejection-schema.ts';
import { DaemonRig } from '../support/daemon-rig.ts';
import { AT } from '../support/views.ts';
import { PLAIN, RUN, admitted, ended, factsOf, retrying, runEnded } from '../support/trace-facts.ts';
import { restored, started, starting, stopping } from '../support/trace-facts.ts';

const TOML = `
[[projects]]
id = "sandbox"
working_dir = "/repo"
max_concurrent_agents = 1

[[agents]]
name = "one"
project = "sandbox"
layer = "Growth"
cli_tool = "sh"
task = "true"

[[agents]]
name = "two"
project = "sandbox"
layer = "Growth"
cli_tool = "sh"
task = "true"
retry = { max = 1, backoff = "1s" }
`;
const ONE = 'sandbox/one';
const TWO = 'sandbox/two';

const bare = (kind: string, seq: number, rest: Partial<TraceEvent> = {}): TraceEvent => {
  const action: TraceAction = kind === 'Interrupted' ? 'interrupted' : kind === 'Resumed' ? 'resumed' : 'none';
  return { run: 'r1', seq, step: null, action, kind, at: null, mono: null, ...rest };
};
const labels = (seen: KernelObservability): readonly string[] | undefined =>
  seen.reasoningTimeline?.map((step) => step.label);

let rig: DaemonRig | null = null;
afterEach(async () => {
  await rig?.dispose();
  rig = null;
});

describe('observability: rejection reasons', () => {
  it('O1 a reason is a tenant limit, a capacity limit or something else, and a limit needs no text', () => {
    expect(tenantLimit().kind).toBe('tenant_limit');
    expect('sentence' in capacityLimit()).toBe(false);
    expect(rejectionOf(reason('slots.project', 'running 2, limit 2')).kind).toBe('tenant_limit');
    expect(rejectionOf(reason('slots.factory', 'running 9, limit 9')).kind).toBe('capacity_limit');
    expect(rejectionOf(reason('project.paused', 'a flag')).kind).toBe('other');
  });

  it('O2 (case 16) a tenant limit carries its description', () => {
    expect(tenantLimit('max concurrent runs')).toMatchObject({
      kind: 'tenant_limit',
      sentence: 'max concurrent runs',
    });
  });

  it('O3 a run that waits has the same type in the answer to who asked and in every list', async () => {
    rig = await DaemonRig.start({ toml: TOML });
    rig.script(ONE, {});
    await rig.ask(ONE);
    const reply = await rig.ask(TWO);
    const [listed] = await rig.daemon.control.runs({ state: 'waiting', limit: 1 });
    const expected: Partial<RejectionReason> = {
      kind: 'tenant_limit',
      code: 'slots.project',
      numbers: { running: 1, limit: 1 },
      retryAt: null,
    };
    expect(reply?.run.rejections).toMatchObject([expected]);
    expect(listed?.rejections).toEqual(reply?.run.rejections);
  });

  it('O4 it survives JSON, compares by value, and the committed JSON Schema says what it is', () => {
    const one = rejectionOf({ ...reason('breaker.open', '3 failures', { failures: 3 }), retryAt: 5 });
    const committed = readFileSync(join(import.meta.dirname, '../../rejection-reason.schema.json'), 'utf8');
    const schema = z.fromJSONSchema(JSON.parse(committed) as Parameters<typeof z.fromJSONSchema>[0]);
    expect(JSON.parse(JSON.stringify(one))).toEqual(one);
    expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(rejectionJsonSchema())));
    expect([one, tenantLimit(), capacityLimit('full')].every((each) => schema.safeParse(each).success)).toBe(true);
    expect(schema.safeParse({ ...one, sentence: undefined }).success).toBe(false);
    expect([isRejectionReason(one), isRejectionReason({ ...one, kind: 'bad' })]).toEqual([true, false]);
  });

  it('O5 what finds no room waits with its reason and runs when there is room', async () => {
    rig = await DaemonRig.start({ toml: TOML });
    rig.script(ONE, {});
    await rig.ask(ONE);
    const reply = await rig.ask(TWO);
    expect([reply?.decision, rig.startsOf(TWO)]).toEqual(['waiting', 0]);
    rig.host.exitAll();
    await rig.fact((fact) => fact.kind === 'run.ended' && fact.run === reply?.run.id);
    expect(rig.startsOf(TWO)).toBe(1);
  });
});

describe('observability: what a run tells', () => {
  it('O6 nothing is known of nothing', () => {
    expect(observe([], null)).toEqual({});
    expect(observeTrace([])).toEqual({});
  });

  it('O7 (case 17) timeline, replay cost and interrupt latency can be set one by one', () => {
    const each: readonly KernelObservability[] = [
      { reasoningTimeline: [] },
      { replayCost: { events: 1, attempts: 0, attemptMs: null, cpuMs: null, costMicroUsd: null } },
      { interruptLatencyMs: 5 },
      { leaseGraph: [] },
    ];
    expect(each.map((one) => Object.keys(one))).toEqual([
      ['reasoningTimeline'],
      ['replayCost'],
      ['interruptLatencyMs'],
      ['leaseGraph'],
    ]);
  });

  it('O8 each step is labelled kind#seq, and none stand where nothing happened', () => {
    expect(labels(observe(factsOf(PLAIN), null))?.slice(0, 2)).toEqual(['run.requested#1', 'run.admitted#2']);
    expect(labels(observe([], null))).toBeUndefined();
  });

  it('O8 steps have names, real durations and idle gaps', () => {
    const steps = observe(factsOf(PLAIN), null).reasoningTimeline ?? [];
    expect(steps.map((step) => [step.name, step.lastsMs, step.idle])).toEqual([
      ['waiting', 1000, true],
      ['claimed', 1000, true],
      ['starting', 1000, false],
      ['running', 1000, false],
      ['settling', 1000, true],
      ['ended', null, true],
    ]);
  });

  it('O9 the replay cost is the number of events, and with facts what the attempts took', () => {
    expect(observe(factsOf(PLAIN), 1200).replayCost).toEqual({
      events: 6,
      attempts: 1,
      attemptMs: 1000,
      cpuMs: 400,
      costMicroUsd: 1200,
    });
    expect(observe([], null).replayCost).toBeUndefined();
  });

  it('O10 (case 18) Interrupted#1, Resumed#2 give that timeline, cost 2 and a latency in true time', () => {
    const seen = observeTrace([bare('Interrupted', 1, { at: 1000 }), bare('Resumed', 2, { at: 3500 })]);
    expect(labels(seen)).toEqual(['Interrupted#1', 'Resumed#2']);
    expect(seen.replayCost?.events).toBe(2);
    expect([seen.interruptLatencyMs, seen.interruptEvents]).toEqual([2500, 1]);
  });

  it.each([
    ['a trace without times', [bare('Interrupted', 1), bare('Resumed', 2)], undefined, 1],
    ['only the first time', [bare('Interrupted', 1, { at: 1 }), bare('Resumed', 2)], undefined, 1],
    ['the reversed order', [bare('Resumed', 1, { at: 1 }), bare('Interrupted', 2, { at: 2 })], undefined, undefined],
    ['no resumption', [bare('Interrupted', 1, { at: 1 })], undefined, undefined],
    [
      'a clock that was set back',
      [bare('Interrupted', 1, { at: 9000, mono: 10 }), bare('Resumed', 2, { at: 1000, mono: 40 })],
      30,
      1,
    ],
  ])('O10 of %s', (_, trace, ...expected) => {
    const seen = observeTrace(trace);
    expect([seen.interruptLatencyMs, seen.interruptEvents]).toEqual(expected);
  });

  it('O11 the lease graph says which worker held which attempt, from when to when, and why it ended', () => {
    const facts = factsOf(PLAIN);
    expect(leaseGraph(facts)).toEqual([
      expect.objectContaining({
        what: 'slot',
        holder: RUN,
        from: facts[1]?.at,
        to: facts[5]?.at,
        endedBy: 'succeeded',
      }),
      expect.objectContaining({
        what: 'a1',
        holder: 'pid 4711',
        from: facts[3]?.at,
        to: facts[4]?.at,
        endedBy: 'succeeded',
      }),
    ]);
    expect(overlaps(leaseGraph(facts))).toEqual([]);
  });

  it('O11 two attempts held at once are an alarm', () => {
    const facts = factsOf([admitted, starting('a1'), started('a1'), starting('a2'), started('a2'), ended('a1')]);
    expect(observe(facts, null).leaseOverlaps).toMatchObject([{ first: { what: 'a1' }, second: { what: 'a2' } }]);
  });

  it('O12 (case 19) two saved checkpoints give CheckpointSaved#1 and #2, cost 2, no latency', () => {
    const seen = observeTrace(traceOfCheckpoints('r1', [null, null]));
    expect(labels(seen)).toEqual(['CheckpointSaved#1', 'CheckpointSaved#2']);
    expect([seen.replayCost?.events, seen.interruptLatencyMs]).toEqual([2, undefined]);
  });

  it('O13 an event of the trace has run, sequence, step, action, kind and time', () => {
    const [, , , , event] = traceOf(factsOf([admitted, starting(), started(), stopping(), restored]));
    expect(event).toEqual({
      run: RUN,
      seq: 5,
      step: null,
      action: 'interrupted',
      kind: 'run.restored',
      at: AT + 4000,
      mono: 54_000,
    });
  });

  it('O14 it is filled for each run, and equals its facts', async () => {
    rig = await DaemonRig.start({ toml: TOML });
    let tries = 0;
    rig.script(TWO, () => ({ endsAfterMs: 2000, code: (tries += 1) === 1 ? 1 : 0 }));
    const run = await rig.run(TWO);
    const detail = await rig.daemon.control.show(run?.id ?? '');
    if ('refused' in detail) {
      throw new Error(detail.refused.message);
    }
    const { observability: seen = {}, facts } = detail;
    const at = (kind: string, from = 0): number => facts.find((fact) => fact.seq > from && fact.kind === kind)?.at ?? 0;
    const retriedSeq = facts.find((fact) => fact.kind === 'run.retrying')?.seq ?? 0;
    expect(labels(seen)).toEqual(facts.map((fact) => `${fact.kind}#${fact.seq}`));
    expect(seen.interruptLatencyMs).toBe(at('attempt.started', retriedSeq) - at('run.retrying'));
    expect(seen.replayCost).toMatchObject({ attempts: 2, attemptMs: 4000 });
    expect(seen.leaseGraph?.map((lease) => lease.endedBy)).toEqual([
      'run.retrying',
      'failed',
      'succeeded',
      'succeeded',
    ]);
    expect(seen.leaseOverlaps).toBeUndefined();
    expect(verifyTrace(facts)).toEqual({ facts: facts.length, ended: true, problems: [] });
  });
});

describe('replay', () => {
  it.each([
    ['a run that ended well', PLAIN],
    [
      'a run that was tried twice',
      [...PLAIN.slice(0, 5), retrying, admitted, starting('a2'), started('a2'), ended('a2'), runEnded],
    ],
    ['a start that never happened', [admitted, starting('a1'), restored, admitted, starting('a2')]],
    ['a run that goes on', PLAIN.slice(0, 4)],
  ])('finds nothing wrong with %s', (_, story) => {
    expect(verifyTrace(factsOf(story)).problems).toEqual([]);
  });

  it.each([
    ['two endings', [...PLAIN, runEnded], 'run.ended#7 comes after the ending run.ended#6'],
    ['an end without a start', [admitted, ended()], 'attempt.ended#2 ends a1, which is not alive'],
    [
      'a start without an intention',
      [admitted, started()],
      'attempt.started#2 starts a1, which was not about to start',
    ],
    ['a start without an admission', [starting()], 'attempt.starting#1 begins a1 without an admission'],
    [
      'a second start',
      [admitted, starting(), started(), ended(), starting()],
      'attempt.starting#5 begins a1 a second time',
    ],
    ['two at once', [admitted, starting(), starting('a2')], 'attempt.starting#3 begins a2 while a1 has not ended'],
    ['a lost end', [admitted, starting(), started(), runEnded], 'run.ended#4 leaves a1 without an end'],
    ['two admissions', [admitted, admitted], 'run.admitted#2 admits what is admitted already'],
    ['a stop of nothing', [stopping()], 'attempt.stopping#1 stops a1, which is not alive'],
  ])('finds %s', (_, story, expected) => {
    const found = verifyTrace(factsOf(story)).problems.map(({ kind, seq, problem }) => `${kind}#${seq} ${problem}`);
    expect(found).toEqual([expected]);
  });

  it('finds facts out of order', () => {
    const [first, second, ...rest] = factsOf(PLAIN);
    const swapped = [second, first, ...rest].filter((fact) => fact !== undefined);
    expect(verifyTrace(swapped).problems.map((one) => one.problem)).toEqual(['comes after #2']);
  });
});

describe('exports', () => {
  it('Chrome trace: steps and leases as complete events in microseconds', () => {
    const facts = factsOf(PLAIN);
    const { traceEvents } = chromeTrace(observe(facts, null));
    expect(traceEvents).toHaveLength(8);
    expect(traceEvents[3]).toMatchObject({ name: 'running', ph: 'X', ts: (facts[3]?.at ?? 0) * 1000, dur: 1_000_000 });
    expect(traceEvents[7]).toMatchObject({ cat: 'lease', tid: 3, args: { holder: 'pid 4711' } });
  });

  it('Mermaid: labels cannot become syntax', () => {
    const text = mermaid('r1; click: bad\n#', observe(factsOf(PLAIN), null));
    expect(text.split('\n').slice(0, 2)).toEqual(['gantt', '  title r1_ click_ bad_ ']);
    expect(text).toContain('section leases');
    expect(text.split('\n').filter((line) => line.includes('run.admitted'))).toHaveLength(1);
  });

  it('leave out what has no time', () => {
    expect(chromeTrace(observeTrace([bare('Interrupted', 1)])).traceEvents).toEqual([]);
  });
});
