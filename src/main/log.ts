// What a factory tells as log lines: the same facts and words as in the foreground, in fields, for a collector.

import { jsonLog } from '../adapters/log/json-log.ts';
import type { LogEntry } from '../adapters/log/json-log.ts';
import type { Foreground } from '../cli/local.ts';
import { factWords } from '../cli/render/fact-words.ts';
import type { FactContext } from '../cli/render/fact-words.ts';
import type { Tone } from '../cli/render/style.ts';
import { createTimes, localCalendar } from '../cli/render/times.ts';
import { redact } from '../core/redact.ts';
import type { RecordedFact } from '../core/run/facts.ts';

/** Secrets live in files that may be replaced: they are read again after this long. */
const SECRETS_FRESH_MS = 60_000;

/** A Foreground that logs, and a way to log what is no fact. */
export interface Log {
  readonly foreground: Foreground;
  readonly problem: (level: 'warn' | 'error', message: string) => void;
}

/** Logs through `out.line`. `secrets` are read when the first line needs them. */
export function logTo(out: Pick<Foreground, 'line'>, input: { readonly secrets: () => readonly string[] }): Log {
  let known: { readonly secrets: readonly string[]; readonly until: number } | null = null;
  const log = jsonLog({
    write: out.line,
    redact: (text) => {
      const now = performance.now();
      known = known !== null && now < known.until ? known : { secrets: input.secrets(), until: now + SECRETS_FRESH_MS };
      return redact(text, known.secrets);
    },
  });
  const say = (level: LogEntry['level'], message: string, fields: LogEntry['fields']): void =>
    log({ level, at: Date.now(), message, fields });
  return {
    problem: (level, reason) => say(level, 'problem', { reason }),
    foreground: {
      line: out.line,
      started: ({ name, version, stateDir, agents, projects, limits, held, warnings }) => {
        const counts = { agents: agents.length, projects: projects.length, held };
        say('info', 'factory.started', { name, version, stateDir, ...counts, limits: limits.memory });
        for (const { file, line, key, message } of warnings) {
          say('warn', 'config.warning', { file, line, key, reason: message });
        }
      },
      fact: (fact) => log(entryOf(fact)),
      draining: (draining) => say('warn', 'factory.draining', { ...draining }),
      stopped: (stopped) => say('info', 'factory.stopped', { ...stopped }),
    },
  };
}

const LEVELS: Readonly<Record<Tone, LogEntry['level']>> = {
  plain: 'info',
  strong: 'info',
  good: 'info',
  faint: 'debug',
  care: 'warn',
  bad: 'error',
};

function entryOf(fact: RecordedFact): LogEntry {
  const { kind, at, seq, run, attempt, agent, project } = fact;
  const known: FactContext = { times: createTimes(at, localCalendar) };
  // A note is the agent's own last word, and what agents print is not logged.
  const words = factWords(kind === 'run.ended' ? { ...fact, note: null } : fact, known);
  const outcome = kind === 'run.ended' ? fact.outcome.kind : undefined;
  const said = [words.text, ...(words.below ?? [])].join(' · ');
  const reason = said === '' ? undefined : said;
  return {
    level: LEVELS[words.tone],
    at,
    message: kind,
    fields: { run, attempt, agent, project, outcome, reason, seq },
  };
}
