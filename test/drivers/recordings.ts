// Plays recorded runs of real agent CLIs to their drivers.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { StopReason } from '../../src/core/supervise/stop-plan.ts';
import { driverFor } from '../../src/drivers/registry.ts';
import type { DriverVerdict, EndInput, StreamReader, TokenUsage } from '../../src/ports/agent-driver.ts';

const FOLDER = join(import.meta.dirname, '..', 'transcripts');
const HUGE = '0'.repeat(2_000_000);

/** One entry of expected.json. */
export interface Recording {
  readonly name: string;
  readonly cli: string;
  readonly argv: readonly string[];
  readonly recordedAt: number;
  readonly stdoutFile: string;
  readonly stderrFile?: string;
  readonly exit: { readonly code: number | null; readonly signal: string | null };
  readonly stopReason?: 'operator' | 'advice' | 'limit';
  readonly previous?: string;
  readonly expected: {
    readonly outcome: 'succeeded' | 'failed' | 'canceled';
    readonly class: string | null;
    readonly sessionId: string | null;
    readonly usage: TokenUsage;
    readonly costMicroUsd: number | null;
    readonly printedTotal?: TokenUsage;
    readonly printedCostMicroUsd?: number;
    readonly resumable: boolean | null;
    readonly retryAfterMs: number | null;
    readonly resetAt: number | null;
    readonly denials?: number;
  };
}

/** All recordings, by name. */
export const RECORDINGS: ReadonlyMap<string, Recording> = new Map(
  (JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Recording[]).map((entry) => [entry.name, entry]),
);

/** The recordings of one CLI. */
export function recordingsOf(cli: string): readonly Recording[] {
  return [...RECORDINGS.values()].filter((entry) => entry.cli === cli);
}

/** The lines of stdout and stderr. */
export function linesOf(entry: Recording): { readonly out: readonly string[]; readonly err: readonly string[] } {
  return { out: lines(entry.stdoutFile), err: entry.stderrFile === undefined ? [] : lines(entry.stderrFile) };
}

/** A reader that was given `out` and `err`. */
export function play(entry: Recording, { out, err }: ReturnType<typeof linesOf> = linesOf(entry)): StreamReader {
  const reader = driverFor(entry.cli).reader();
  for (const line of err) {
    reader.pushError(line);
  }
  for (const line of out) {
    reader.push(line);
  }
  return reader;
}

/** The end of `entry` as a host and the ledger would tell it, with what came before in its session. */
export function endOf(entry: Recording): EndInput {
  const previous = entry.previous === undefined ? undefined : RECORDINGS.get(entry.previous);
  return {
    ...entry.exit,
    stop: entry.stopReason === undefined ? null : STOPS[entry.stopReason],
    previousTotal: previous === undefined ? null : (verdictOf(previous).sessionTotal ?? 'unknown'),
    endedAt: entry.recordedAt,
    args: entry.argv.slice(1),
  };
}

/** The verdict of the driver on the whole recording. */
export function verdictOf(entry: Recording): DriverVerdict {
  return play(entry).verdict(endOf(entry));
}

const STOPS: Readonly<Record<NonNullable<Recording['stopReason']>, StopReason>> = {
  operator: { kind: 'operator', note: 'asked' },
  advice: { kind: 'driver', advice: 'as the driver asked' },
  limit: { kind: 'stall', silentMs: 60_000, limitMs: 60_000 },
};

function lines(file: string): readonly string[] {
  const path = join(FOLDER, file);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text === '' ? [] : text.replaceAll('@HUGE@', HUGE).replace(/\n$/, '').split('\n');
}
