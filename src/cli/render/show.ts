// Draws everything about one run: when what happened, limits against use, what came of it, and the end of its output.

import type { AttemptView, RunDetail, RunView } from '../../http/contract.ts';
import { formatBytes } from '../../lib/bytes.ts';
import { formatDuration } from '../../lib/duration.ts';
import { printable } from '../../core/react/untrusted-text.ts';
import { consequence } from './consequences.ts';
import type { Look } from './look.ts';
import { columnsOf, oneLine, pad } from './text.ts';
import type { Times } from './times.ts';
import { counted } from '../../lib/counted.ts';
import { activityText, exitWord, outcomeWord, runReason, runWord, wallText } from './words.ts';

/** Most lines of output that `show` repeats; `logs` prints them all. */
const MAX_OUTPUT_LINES = 20;

const LABEL_COLUMNS = 8;

const STEP_LABELS = { main: 'attempt', precheck: 'check', workspace: 'made', tidy: 'tidied' } as const;

/** The lines of `adf show`. */
export function renderShow(detail: RunDetail, look: Look): readonly string[] {
  const { run, attempts } = detail;
  const mains = attempts.filter((attempt) => attempt.purpose === 'main');
  const last = mains.at(-1);
  const lines: [string, string][] = [];
  const reason = runReason(run, look.times);
  if (reason !== '' && (run.exit === null || reason !== exitWord(run.exit))) {
    lines.push(['why', reason]);
  }
  if (last?.activity !== undefined) {
    lines.push(['does', activityText(last.activity)]);
  }
  if (last !== undefined) {
    lines.push(['limits', limitsText(last, run)]);
    const counts = countsText(last.kernel);
    if (counts !== '') {
      lines.push(['kernel', counts]);
    }
  }
  if (run.workspace !== undefined) {
    lines.push(['folder', workspaceText(run.workspace)]);
  }
  if (run.usage !== undefined) {
    lines.push(['usage', usageText(run.usage)]);
  }
  for (const attempt of attempts) {
    const text = attemptText(attempt, attempts.length);
    if (text !== '') {
      lines.push([STEP_LABELS[attempt.purpose], text]);
    }
  }
  const then = detail.facts.map((fact) => consequence(fact, look.times)).filter((text) => text !== null);
  if (then.length > 0) {
    lines.push(['then', then.join(' → ')]);
  }
  return [
    headline(run, look),
    `  ${momentsText(detail, look.times)}`,
    ...lines.map(([label, text]) => `  ${look.style('faint', pad(label, LABEL_COLUMNS))}${oneLine(text)}`),
    ...outputLines(detail, look),
    `  ${look.style('faint', pad('next', LABEL_COLUMNS))}${commands(run, attempts.length > 0).join(' · ')}`,
  ];
}

function headline(run: RunView, look: Look): string {
  const word = runWord(run);
  const name = run.project === null ? run.agent : run.agent.slice(run.project.length + 1);
  const parts = [
    oneLine(name),
    ...(run.project === null ? [] : [oneLine(run.project)]),
    look.style(word.tone, word.text),
    ...(run.exit === null ? [] : [exitWord(run.exit)]),
  ];
  return `${look.style('strong', run.id)}  ${parts.join(' · ')}`;
}

/** What happened when, each with its word; instants of one run stand together, so they carry milliseconds and no date. */
function momentsText(detail: RunDetail, times: Times): string {
  const { run, attempts, facts } = detail;
  const pid = attempts.find((attempt) => attempt.purpose === 'main')?.pid ?? null;
  const admitted = facts.find((fact) => fact.kind === 'run.admitted')?.at;
  const slotAt = run.trigger.slotAt;
  const moments: (string | null)[] = [
    slotAt === undefined ? null : `${times.exact(slotAt)} due`,
    slotAt !== undefined && Math.abs(run.requestedAt - slotAt) < 1000
      ? null
      : `${times.exact(run.requestedAt)} asked for by ${run.trigger.event ?? run.trigger.kind}`,
    admitted === undefined ? null : `${times.exact(admitted)} admitted`,
    run.startedAt === null ? null : `${times.exact(run.startedAt)} started${pid === null ? '' : ` (pid ${pid})`}`,
    run.endedAt === null ? null : `${times.exact(run.endedAt)} ${run.exit === null ? 'ended' : 'exited'}`,
    run.startedAt === null || run.endedAt === null ? null : seconds(run.endedAt - run.startedAt),
  ];
  return moments.filter((moment) => moment !== null).join('   ');
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(3)} s` : formatDuration(ms);
}

function limitsText(attempt: AttemptView, run: RunView): string {
  const { limits } = attempt;
  const how = run.enforcement;
  const peak = run.peakMemoryBytes === null ? '' : ` (peak ${formatBytes(run.peakMemoryBytes)})`;
  const used = run.cpuMs === null ? '' : ` (used ${formatCpu(run.cpuMs)})`;
  const parts = [
    limits.memoryBytes === null ? null : `${formatBytes(limits.memoryBytes)}${held(how?.memory)}${peak}`,
    wallText(limits.wallMs, ' wall'),
    limits.cpuMs === null
      ? run.cpuMs === null
        ? null
        : `no cpu limit${used}`
      : `${formatDuration(limits.cpuMs)} cpu${held(how?.cpu)}${used}`,
    limits.pids === null ? null : `${limits.pids} processes${held(how?.pids)}`,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

/** What the kernel counted where a limit was met, by the names of its files. */
function countsText(kernel: AttemptView['kernel']): string {
  if (kernel === undefined) {
    return '';
  }
  const { oomKills, ownLimitHits, sharedLimitHits, sharedLimit, pidsRefused, atLimit = 0, throttledMs = 0 } = kernel;
  const memory = [
    oomKills === 0 ? null : `oom_kill ${oomKills}`,
    ownLimitHits === 0 ? null : `oom ${ownLimitHits}`,
    atLimit === 0 ? null : `max ${atLimit}`,
  ].filter((part) => part !== null);
  const parts = [
    memory.length === 0 ? null : `memory.events ${memory.join(', ')}`,
    sharedLimitHits === 0 ? null : `${sharedLimit ?? 'shared limit'} oom ${sharedLimitHits}`,
    pidsRefused === 0 ? null : `pids.events max ${pidsRefused}`,
    throttledMs === 0 ? null : `cpu.stat throttled ${seconds(throttledMs)}`,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

function workspaceText({ kind, path, branch, state, bytes }: NonNullable<RunView['workspace']>): string {
  const words = { preparing: 'being made', ready: 'there', kept: 'kept', gone: 'gone' };
  const size = state === 'kept' && bytes !== null ? ` (${formatBytes(bytes)})` : '';
  const work = branch === null ? [] : [`branch ${branch}`];
  return [`${kind} ${path}`, `${words[state]}${size}`, ...work].join(' · ');
}

function held(how: string | undefined): string {
  return how === undefined ? '' : ` ${how}`;
}

function formatCpu(ms: number): string {
  return ms < 1000 ? `${(ms / 1000).toFixed(2)} s` : formatDuration(ms);
}

const BILLING = { billed: 'billed', subscription: 'on a subscription, not billed' } as const;

function usageText(usage: NonNullable<RunView['usage']>): string {
  const tokens = (count: number | null, noun: string): string => `${count ?? 'unknown'} ${noun}`;
  const dollars = usage.costMicroUsd === null ? 'cost unknown' : `$${(usage.costMicroUsd / 1_000_000).toFixed(4)}`;
  const cost = [
    dollars,
    ...(usage.price === 'listed' ? ['(list price)'] : []),
    ...(usage.partial ? ['or more'] : []),
    ...(usage.billing === undefined ? [] : [BILLING[usage.billing]]),
  ].join(' ');
  return [
    tokens(usage.input, 'input'),
    tokens(usage.cacheRead, 'cache read'),
    tokens(usage.cacheWrite, 'cache write'),
    tokens(usage.output, 'output'),
    tokens(usage.reasoning, 'reasoning'),
    cost,
    ...(usage.metered === undefined ? [] : [`metered, ${counted(usage.metered, 'request')}`]),
  ].join(' · ');
}

/** An attempt has a line of its own where it is one of several, or has something to say. */
function attemptText(attempt: AttemptView, of: number): string {
  const exit = attempt.exit === null ? null : exitWord(attempt.exit);
  const note = attempt.note === exit ? null : attempt.note;
  if (of === 1 && note === null && attempt.stop === null) {
    return '';
  }
  const parts = [
    attempt.id,
    attempt.outcome === null ? attempt.state : outcomeWord(attempt.outcome.kind, classOf(attempt.outcome)),
    ...(exit === null ? [] : [exit]),
    ...(attempt.stop === null ? [] : [`stopped for ${attempt.stop.kind}`]),
    ...(note === null ? [] : [note]),
  ];
  return parts.join(' · ');
}

function classOf(outcome: NonNullable<AttemptView['outcome']>): string | undefined {
  switch (outcome.kind) {
    case 'failed':
      return outcome.class;
    case 'timed_out':
      return outcome.limit;
    case 'canceled':
      return outcome.by;
    case 'lost':
      return outcome.cause;
    case 'succeeded':
    case 'stalled':
    case 'refused':
      return undefined;
  }
}

function outputLines(detail: RunDetail, look: Look): readonly string[] {
  const { output, attempts } = detail;
  const path = attempts.findLast((attempt) => attempt.purpose === 'main')?.outPath;
  if (path === undefined) {
    return [];
  }
  const label = `  ${look.style('faint', pad('output', LABEL_COLUMNS))}${oneLine(path)}`;
  if (output.bytes === 0) {
    return [`${label} (empty)`];
  }
  const all = printable(output.tail).replace(/\n$/, '').split('\n');
  const shown = all.slice(-MAX_OUTPUT_LINES);
  const whole = new TextEncoder().encode(output.tail).length >= output.bytes;
  const size =
    whole && shown.length === all.length
      ? counted(all.length, 'line')
      : `${formatBytes(output.bytes)}; the last ${counted(shown.length, 'line')}, all: adf logs ${detail.run.id}`;
  const room = look.width === null ? Infinity : look.width - columnsOf('    | ');
  return [`${label} (${size})`, ...shown.map((line) => `    ${look.style('faint', '|')} ${cut(line, room)}`)];
}

function cut(line: string, room: number): string {
  const flat = line.replaceAll('\t', '    ');
  if (columnsOf(flat) <= room) {
    return flat;
  }
  let end = 0;
  let columns = 1;
  for (const character of flat) {
    columns += columnsOf(character);
    if (columns > room) {
      break;
    }
    end += character.length;
  }
  return `${flat.slice(0, end)}…`;
}

function commands(run: RunView, hasOutput: boolean): readonly string[] {
  const logs = hasOutput ? [`adf logs ${run.id}`] : [];
  if (run.outcome === null) {
    return run.state === 'waiting'
      ? [`adf why ${run.agent}`, `adf cancel ${run.id}`]
      : [`adf logs -f ${run.id}`, `adf cancel ${run.id}`];
  }
  if (run.outcome.kind === 'succeeded') {
    return [...logs, `adf why ${run.agent}`];
  }
  return [...logs, `adf retry ${run.id}`, `adf why ${run.agent}`];
}
