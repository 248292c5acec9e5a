// The lines that a meter writes: numbers of requests, their tokens and how they ended; never what was said, and no key.

import type { TokenCounts } from '../budget/tokens.ts';
import type { WireUsage } from './wire-usage.ts';

/** The status of a request that was never sent, because there was no connection. */
export const REACHED_NOBODY = 0;

/** One line. A request is begun before it is passed on, and counted before the model's figures are passed back. */
export type MeterLine =
  | { readonly k: 'begun'; readonly n: number; readonly at: number }
  /** Said anew when figures grow: the last one counts. */
  | ({ readonly k: 'counted'; readonly n: number } & WireUsage)
  /** `status` null: it was sent, and not answered. Not `whole`: the answer was broken off, by whomever. */
  | { readonly k: 'ended'; readonly n: number; readonly status: number | null; readonly whole: boolean }
  /** So many lines could not be written (a full disk). */
  | { readonly k: 'lost'; readonly lines: number };

/** `line` as it is written, with its break. */
export function writeMeterLine(line: MeterLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** The line in `text`, or null: it is none, or was cut. The file is written by the agent's user: nothing in it is trusted to have a form. */
export function readMeterLine(text: string): MeterLine | null {
  const line = parsed(text);
  const n = numberIn(line, 'n');
  switch (line['k']) {
    case 'begun':
      return n === null ? null : { k: 'begun', n, at: numberIn(line, 'at') ?? 0 };
    case 'counted':
      return n === null ? null : { k: 'counted', n, model: textIn(line, 'model'), id: null, tokens: tokensIn(line) };
    case 'ended':
      return n === null ? null : { k: 'ended', n, status: numberIn(line, 'status'), whole: line['whole'] === true };
    case 'lost': {
      const lines = numberIn(line, 'lines');
      return lines === null ? null : { k: 'lost', lines };
    }
    default:
      return null;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : {};
  } catch {
    return {};
  }
}

function numberIn(fields: Fields, key: string): number | null {
  const value = fields[key];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function textIn(fields: Fields, key: string): string | null {
  const value = fields[key];
  return typeof value === 'string' ? value : null;
}

function tokensIn(fields: Fields): TokenCounts {
  const value = fields['tokens'];
  const tokens = typeof value === 'object' && value !== null ? (value as Fields) : {};
  return {
    input: numberIn(tokens, 'input'),
    cacheRead: numberIn(tokens, 'cacheRead'),
    cacheWrite: numberIn(tokens, 'cacheWrite'),
    output: numberIn(tokens, 'output'),
    reasoning: numberIn(tokens, 'reasoning'),
  };
}
