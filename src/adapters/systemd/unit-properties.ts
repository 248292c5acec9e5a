// Turns the start of one attempt into the properties of its unit: data, so that a table can show what the kernel is told.

import { dirname } from 'node:path';
import type { Limits, StartSpec } from '../../ports/execution-host.ts';
import { OOM_SCORE, OPEN_FILES } from '../../os/start-wrapper.ts';
import { sandboxProperties } from './sandbox-properties.ts';

/** All attempts lie in this slice, whose ceiling is the operator's. */
export const AGENTS_SLICE = 'adf-agents.slice';

/** By what the wrapper proves that the program never ran. */
export const PROOF_VARIABLE = 'ADF_PROOF';
/**
 * What outlives the first process is asked, then killed after this; the recorder of the end has as long. A busy machine took more
 * than five seconds for that: its end was lost.
 */
const STOP_SECONDS = 30;
/** The wall clock is held by the daemon; if it is away, the manager ends the attempt this much later than its whole stop plan. */
const SECOND_NET_SECONDS = 30;
/** A manager that is busy may take this long until the program runs. */
const START_SECONDS = 60;
const PAGE_BYTES = 4096;
/** The period over which the kernel counts a quota, as systemd sets it. */
const QUOTA_PERIOD_US = 100_000;

/** Files that unit and host share; all in folders that an attempt's user cannot write. */
export interface UnitFiles {
  /** The generated wrapper, given as a credential. */
  readonly order: string;
  /** Sets `PROOF_VARIABLE`, which only the wrapper is given. */
  readonly proof: string;
  /** The script that writes the records. */
  readonly recorder: string;
  readonly startRecord: string;
  readonly exitRecord: string;
}

/** One start for the manager. */
export interface UnitOrder {
  readonly unit: string;
  /** Null: the manager's own user. */
  readonly user: string | null;
  /** Of that user. */
  readonly home: string | null;
  readonly spec: StartSpec;
  readonly files: UnitFiles;
}

/** The arguments of systemd-run after its manager was chosen. No argument, variable or secret of the agent is among them. */
export function runArguments(order: UnitOrder): string[] {
  const { spec, unit } = order;
  return [
    `--unit=${unit}`,
    `--slice=${AGENTS_SLICE}`,
    `--description=adf ${spec.label} ${spec.attemptId}`,
    '--service-type=exec',
    '--no-ask-password',
    '--quiet',
    ...unitProperties(order).map((property) => `--property=${property}`),
    // `env -i`: nothing of the manager's own environment reaches the agent. The manager fills in the one name itself.
    '/usr/bin/env',
    '-i',
    '/bin/sh',
    '${CREDENTIALS_DIRECTORY}/start',
    `\${${PROOF_VARIABLE}}`,
  ];
}

/** The properties as `Name=value`. */
export function unitProperties({ spec, user, home, files }: UnitOrder): string[] {
  const { limits } = spec;
  const { memoryHighBytes: high = null } = limits;
  return [
    ...(user === null ? [] : [`User=${user}`]),
    // Of another user alone: against our own it takes a view of processes that a user's manager cannot give.
    ...(spec.sandbox === null || home === null
      ? []
      : sandboxProperties(spec.sandbox, { home, records: dirname(files.recorder) })),
    // Nothing of an ended unit stays: its record says how it ended, and failed agents are no failed services.
    'CollectMode=inactive-or-failed',
    'KillMode=control-group',
    `TimeoutStopSec=${STOP_SECONDS}`,
    `TimeoutStartSec=${START_SECONDS}`,
    `RuntimeMaxSec=${secondNetSeconds(spec)}`,
    // The kernel ends the whole group by itself (`memory.oom.group`). A manager told to do it, too, acts on each count of one
    // death, and the later ones find the recorder of the end in the group: systemd 252 killed it in 17 of 20 (tried).
    // A reload of the manager takes the mark away; from then on the greedy process dies alone, counted all the same.
    'OOMPolicy=continue',
    `OOMScoreAdjust=${OOM_SCORE}`,
    `LimitNOFILE=${OPEN_FILES}`,
    'LimitCORE=0',
    'CPUWeight=100',
    'IOWeight=100',
    `MemoryMax=${limits.memoryBytes ?? 'infinity'}`,
    ...(high === null ? [] : [`MemoryHigh=${high}`]),
    'MemorySwapMax=0',
    `TasksMax=${limits.pids ?? 'infinity'}`,
    ...(limits.cpuQuotaPercent === null ? [] : [`CPUQuota=${limits.cpuQuotaPercent}%`]),
    // The wrapper holds what the agent is given in secret; as one credential it is in memory, and its user's alone to read.
    `LoadCredential=start:${files.order}`,
    // The manager reads it and puts it on the command line that the program's own replaces: neither a property nor a file of
    // the unit tells the program what its wrapper would have proved itself by.
    `EnvironmentFile=-${files.proof}`,
    // These files stay root's: their user could link them to a name of its own, and rewrite what an ended run said. The price: it
    // prints to what it was given (`>&2`), and cannot open that once more (`>/dev/stderr` is refused).
    spec.stdinPath === null ? 'StandardInput=null' : `StandardInput=file:${spec.stdinPath}`,
    `StandardOutput=append:${spec.outPath}`,
    spec.errPath === null ? 'StandardError=inherit' : `StandardError=append:${spec.errPath}`,
    // With the manager's own rights, in a folder that the attempt's user cannot write: nobody forges its own end. Not by the prefix
    // `+`: systemd 252 keeps it under a key that it does not know again, so each reload of the manager lost the recorder (tried).
    'PermissionsStartOnly=yes',
    ...(limits.memoryBytes === null ? [] : [`ExecStartPre=-${recorderLine('group', files)}`]),
    `ExecStartPost=-${recorderLine('start', files)}`,
    `ExecStopPost=-${recorderLine('exit', files)}`,
  ];
}

/** Files of the unit's cgroup and what they must read, for the wrapper to look at before the program begins. */
export function limitFiles(limits: Limits): Readonly<Record<string, string>> {
  const { memoryBytes, memoryHighBytes: high = null, pids, cpuQuotaPercent } = limits;
  const quotaUs = cpuQuotaPercent === null ? 0 : Math.round((cpuQuotaPercent * QUOTA_PERIOD_US) / 100);
  return {
    ...(memoryBytes === null
      ? {}
      : { 'memory.max': inPages(memoryBytes), 'memory.swap.max': '0', 'memory.oom.group': '1' }),
    ...(high === null ? {} : { 'memory.high': inPages(high) }),
    ...(pids === null ? {} : { 'pids.max': String(pids) }),
    ...(cpuQuotaPercent === null ? {} : { 'cpu.max': `${quotaUs} ${QUOTA_PERIOD_US}` }),
  };
}

function inPages(bytes: number): string {
  return String(bytes - (bytes % PAGE_BYTES));
}

function secondNetSeconds({ limits, stopPlans }: StartSpec): number {
  const lastStepMs = stopPlans.wall.at(-1)?.afterMs ?? 0;
  return Math.ceil((limits.wallMs + lastStepMs) / 1000) + SECOND_NET_SECONDS;
}

function recorderLine(mode: 'group' | 'start' | 'exit', files: UnitFiles): string {
  const record = mode === 'exit' ? files.exitRecord : files.startRecord;
  return ['/bin/sh', files.recorder, mode, record].map(execWord).join(' ');
}

/** `text` as one word of a command line in a unit, whatever it contains: quotes, `$` and `%` all mean something there. */
function execWord(text: string): string {
  const plain = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `"${plain.replaceAll('$', '$$$$').replaceAll('%', '%%')}"`;
}
