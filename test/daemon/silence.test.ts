// Silence of a model CLI: first output, stall with and without an open tool, and a CLI that is finished and does not exit.

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { AttemptId, RunId } from '../../src/core/ids.ts';
import { DaemonRig } from '../support/daemon-rig.ts';

const WORKER = 'web/worker';
/** A look comes twice a second; what is said of a limit is said at the next one. */
const LOOK_MS = 1000;
const FIRST_OUTPUT_MS = 120_000;
const IDLE_MS = 600_000;
const IDLE_WITH_TOOL_MS = 7_200_000;
const FINISHED_MS = 10_000;
/** Processor time is looked at this long before the limit; a clock that leaps over it would see nothing of it. */
const LEAD_MS = 35_000;

const transcript = new URL('../transcripts/claude-tool.jsonl', import.meta.url);
const LINES = readFileSync(transcript, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => `${line}\n`);
const UP_TO_TOOL_USE = LINES.slice(0, 2).join('');
const UP_TO_TOOL_RESULT = LINES.slice(0, 3).join('');
const ALL = LINES.join('');

let rig: DaemonRig;
afterEach(() => rig.dispose());

async function running(agent = '', cli = 'claude'): Promise<{ readonly id: RunId; readonly attempt: AttemptId }> {
  rig = await DaemonRig.start({
    toml: `
[[projects]]
id = "web"
working_dir = "/repo"

[[agents]]
name = "worker"
project = "web"
layer = "Growth"
cli_tool = "${cli}"
task = "count"
timeout = "12h"
retry = { max = 0 }
${agent}
`,
  });
  rig.script(WORKER, { codeWhenAsked: 0 });
  const asked = await rig.ask(WORKER);
  const [attempt] = (await rig.until(() => (rig.host.live().length > 0 ? rig.host.live() : null))) ?? [];
  if (attempt === undefined) {
    throw new Error('nothing was started');
  }
  return { id: asked?.run.id as RunId, attempt };
}

async function shown(id: RunId): Promise<object | undefined> {
  const detail = await rig.command(async (control) => control.show(id));
  return detail !== null && 'attempts' in detail ? detail.attempts[0] : undefined;
}

interface Row {
  readonly what: string;
  readonly agent: string;
  readonly printed: string;
  readonly limitMs: number;
  readonly reason: string;
}

const ROWS: readonly Row[] = [
  {
    what: 'says nothing at all',
    agent: '',
    printed: '',
    limitMs: FIRST_OUTPUT_MS,
    reason: 'no output within 2 min',
  },
  {
    what: 'falls silent between two tools',
    agent: '',
    printed: UP_TO_TOOL_RESULT,
    limitMs: IDLE_MS,
    reason: 'silent for',
  },
  {
    what: 'falls silent while a tool works',
    agent: '',
    printed: UP_TO_TOOL_USE,
    limitMs: IDLE_WITH_TOOL_MS,
    reason: 'silent for',
  },
  {
    what: 'falls silent for stall_timeout',
    agent: 'stall_timeout = "5m"',
    printed: UP_TO_TOOL_USE,
    limitMs: 300_000,
    reason: 'silent for 5',
  },
];

describe('a claude agent that', () => {
  it.each(ROWS)('$what is stopped then, and not before', async ({ agent, printed, limitMs, reason }) => {
    const { id, attempt } = await running(agent);
    await rig.pass(LOOK_MS);
    if (printed !== '') {
      rig.host.write(attempt, printed);
      await rig.pass(LOOK_MS);
    }
    await rig.leap(limitMs - LEAD_MS);
    await rig.pass(LEAD_MS - 2 * LOOK_MS);
    expect(rig.ledger.runs.get(id)?.state).toBe('running');
    await rig.pass(3 * LOOK_MS);
    const outcome = rig.ledger.runs.get(id)?.outcome;
    expect(outcome).toMatchObject({ kind: 'stalled', reason: expect.stringContaining(reason) as string });
    expect(rig.host.stops).toHaveLength(1);
  });

  it('goes on printing is left alone', async () => {
    const { id, attempt } = await running();
    for (let word = 0; word < 5; word += 1) {
      rig.host.write(attempt, UP_TO_TOOL_RESULT);
      await rig.pass(LOOK_MS);
      await rig.leap(IDLE_MS - 3 * LOOK_MS);
    }
    expect([rig.ledger.runs.get(id)?.state, rig.host.stops]).toEqual(['running', []]);
  });

  it('is finished and does not exit is stopped, and has succeeded', async () => {
    const { id, attempt } = await running();
    rig.host.write(attempt, ALL);
    await rig.pass(FINISHED_MS - LOOK_MS);
    expect(rig.ledger.runs.get(id)?.state).toBe('running');
    await rig.pass(3 * LOOK_MS);
    const run = rig.ledger.runs.get(id);
    expect([run?.outcome?.kind, run?.usage?.costMicroUsd, rig.host.stops.map(({ reason }) => reason.kind)]).toEqual([
      'succeeded',
      14_646,
      ['finished'],
    ]);
  });

  it('is silent is given its whole time again by a new daemon, which knows no more than that it lives', async () => {
    const { id } = await running();
    await rig.leap(FIRST_OUTPUT_MS - 2 * LOOK_MS);
    await rig.restart();
    await rig.leap(FIRST_OUTPUT_MS - LEAD_MS);
    await rig.pass(LEAD_MS - 2 * LOOK_MS);
    expect(rig.ledger.runs.get(id)?.state).toBe('running');
    await rig.pass(5 * LOOK_MS);
    expect(rig.ledger.runs.get(id)?.outcome?.kind).toBe('stalled');
  });
});

describe('a silent agent whose processes compute', () => {
  const STEP_MS = 30_000;

  /** Lets time pass in which its tree uses so much of one processor. */
  async function compute(attempt: AttemptId, share: number, forMs: number): Promise<void> {
    const before = (await rig.host.usage()).get(attempt)?.cpuMs ?? 0;
    for (let ms = STEP_MS; ms <= forMs; ms += STEP_MS) {
      rig.host.use(attempt, { cpuMs: before + ms * share });
      await rig.pass(STEP_MS);
    }
  }

  it('lives on after its limit, and is stopped soon after they have come to rest', async () => {
    const { id, attempt } = await running();
    rig.host.write(attempt, UP_TO_TOOL_RESULT);
    await rig.pass(LOOK_MS);
    await rig.leap(IDLE_MS - LEAD_MS);
    await compute(attempt, 0.5, 10 * STEP_MS);
    expect([rig.ledger.runs.get(id)?.state, rig.host.stops]).toEqual(['running', []]);
    await rig.pass(3 * STEP_MS);
    expect(rig.ledger.runs.get(id)?.outcome?.kind).toBe('stalled');
  });

  it('is stopped at its limit when they only wait', async () => {
    const { id, attempt } = await running();
    rig.host.write(attempt, UP_TO_TOOL_RESULT);
    await rig.pass(LOOK_MS);
    await rig.leap(IDLE_MS - LEAD_MS);
    await compute(attempt, 0.01, 2 * STEP_MS);
    expect(rig.ledger.runs.get(id)?.outcome?.kind).toBe('stalled');
  });

  it('is stopped in the end, however busy it is', async () => {
    const { id, attempt } = await running();
    rig.host.write(attempt, UP_TO_TOOL_RESULT);
    await rig.pass(LOOK_MS);
    await rig.leap(IDLE_WITH_TOOL_MS - LEAD_MS);
    await compute(attempt, 1, 2 * STEP_MS);
    expect(rig.ledger.runs.get(id)?.outcome?.kind).toBe('stalled');
  });

  it('is not stopped for its silence alone while its host cannot be asked', async () => {
    const { id, attempt } = await running();
    rig.host.write(attempt, UP_TO_TOOL_RESULT);
    await rig.pass(LOOK_MS);
    rig.host.usage = async () => Promise.reject(new Error('the host does not answer'));
    await rig.leap(IDLE_MS - LEAD_MS);
    await rig.pass(3 * STEP_MS);
    expect([rig.ledger.runs.get(id)?.state, rig.host.stops]).toEqual(['running', []]);
  });

  it('is stopped at a stall_timeout of its operator, busy or not', async () => {
    const { id, attempt } = await running('stall_timeout = "5m"');
    rig.host.write(attempt, UP_TO_TOOL_RESULT);
    await rig.pass(LOOK_MS);
    await rig.leap(300_000 - LEAD_MS);
    await compute(attempt, 1, 2 * STEP_MS);
    expect(rig.ledger.runs.get(id)?.outcome?.kind).toBe('stalled');
  });
});

describe('an agent whose process waits for input that nobody writes', () => {
  const MINUTE_MS = 60_000;
  const READS = { processes: 1, onInput: { pid: 7, name: 'codex' }, connections: 0 };

  it('is found and stopped within a minute, with the proofs', async () => {
    const { id } = await running();
    rig.machine.waitsFor = READS;
    await rig.pass(MINUTE_MS);
    const [attempt] = rig.ledger.attempts.ofRun(id);
    expect(attempt?.stop?.kind).toBe('parked');
    const outcome = rig.ledger.runs.get(id)?.outcome;
    expect(outcome).toMatchObject({ kind: 'stalled' });
    expect(outcome).toHaveProperty('reason', expect.stringContaining('codex (pid 7) waits to read its standard input'));
  });

  it.each([
    ['has a connection', { ...READS, connections: 1 }, '', 'waiting'],
    ['has a tool open', READS, UP_TO_TOOL_USE, 'working'],
    ['cannot be looked at', null, UP_TO_TOOL_RESULT, undefined],
  ])('is left alone and shown as what it does while it %s', async (...[, waits, printed, state]) => {
    const { id, attempt } = await running();
    rig.machine.waitsFor = waits;
    rig.host.write(attempt, printed);
    await rig.pass(1.5 * MINUTE_MS);
    expect(rig.host.stops).toEqual([]);
    expect(await shown(id)).toMatchObject({
      state: 'running',
      ...(state === undefined ? {} : { activity: { state } }),
    });
    expect('activity' in ((await shown(id)) ?? {})).toBe(state !== undefined);
  });

  it('is left alone when it is a program of the operator, which may wait for what it likes', async () => {
    const { id } = await running('', 'sh');
    rig.machine.waitsFor = READS;
    await rig.pass(1.5 * MINUTE_MS);
    expect([rig.ledger.runs.get(id)?.state, rig.host.stops]).toEqual(['running', []]);
  });
});

describe('a compiler that says nothing for 40 minutes', () => {
  const STEP_MS = 30_000;

  it.each([
    ['in a tool call that is open', UP_TO_TOOL_USE],
    ['in no tool call that we know of', UP_TO_TOOL_RESULT],
  ])('lives %s', async (_where, printed) => {
    const { id, attempt } = await running();
    rig.host.write(attempt, printed);
    await rig.pass(LOOK_MS);
    for (let step = 1; step <= 80; step += 1) {
      rig.host.use(attempt, { cpuMs: (step * STEP_MS) / 2 });
      await rig.leap(STEP_MS);
    }
    expect([rig.ledger.runs.get(id)?.state, rig.host.stops]).toEqual(['running', []]);
    expect(await shown(id)).toMatchObject({ activity: { state: 'working' } });
  });
});
