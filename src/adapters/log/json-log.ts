// Writes what happens as one JSON object per line, for a collector of logs; nothing secret passes.

import { pino } from 'pino';

/** One thing that happened. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Epoch ms. */
  readonly at: number;
  /** Always the same words for the same kind of thing; what differs stands in `fields`. */
  readonly message: string;
  /** Fields that are undefined are left out. */
  readonly fields: Readonly<Record<string, string | number | undefined>>;
}

/** A log whose finished lines go to `write`; every text passes `redact` first. `debug` entries are not written. */
export function jsonLog(input: {
  readonly write: (line: string) => void;
  readonly redact: (text: string) => string;
}): (entry: LogEntry) => void {
  const { write, redact } = input;
  // Neither our pid nor our host: a collector knows both. The time is the entry's own, not that of its writing.
  const logger = pino(
    { base: null, timestamp: false, formatters: { level: (label) => ({ level: label }) } },
    { write: (line) => write(line.trimEnd()) },
  );
  return ({ level, at, message, fields }) => {
    const clean = Object.entries(fields).map(
      ([name, value]) => [name, typeof value === 'string' ? redact(value) : value] as const,
    );
    logger[level]({ time: new Date(at).toISOString(), ...Object.fromEntries(clean) }, redact(message));
  };
}
