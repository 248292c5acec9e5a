// Shows a factory in the foreground: what stands, what happens, what to type next, how it ended.

import type { Foreground, StartedView } from './local.ts';
import { factLine } from './render/facts.ts';
import { drainingLine, hintLine, startedLines, stoppedLine } from './render/foreground.ts';
import { columnsOf } from './render/text.ts';
import type { Session } from './session.ts';

/** After so many runs that ended well a newcomer is told what else there is. */
const RUNS_BEFORE_HINT = 2;

/** Lines for people, or one JSON value per line with --json. A terminal that nobody reads holds nothing up. */
export function foreground(session: Session): Foreground {
  let view: StartedView | null = null;
  let dropped = 0;
  let succeeded = 0;
  const print = (text: string): void => {
    if (dropped > 0 && session.offer(`… ${dropped} lines were not shown: nobody read them\n`)) {
      dropped = 0;
    }
    if (!session.offer(`${text}\n`)) {
      dropped += 1;
    }
  };
  const say = (line: string, json: unknown): void => print(session.json ? JSON.stringify(json) : line);
  return {
    line: print,
    started(started) {
      view = started;
      say(startedLines(started, session.fresh()).join('\n'), { kind: 'factory.started', ...started });
    },
    fact(fact, trigger) {
      const look = session.fresh();
      const agent = view?.agents.find((one) => one.key === fact.agent);
      const line = factLine(fact, {
        look,
        nameColumns: Math.max(0, ...(view?.agents ?? []).map((one) => columnsOf(one.name))),
        trigger,
        limits: agent,
      });
      if (session.json || line !== null) {
        say(line ?? '', fact);
      }
      succeeded += fact.kind === 'run.ended' && fact.outcome.kind === 'succeeded' ? 1 : 0;
      if (succeeded === RUNS_BEFORE_HINT && fact.kind === 'run.ended' && view !== null && !session.json) {
        succeeded += 1;
        say(hintLine(view, { at: fact.at, look }), null);
      }
    },
    draining(draining) {
      say(drainingLine(draining), { kind: 'factory.draining', ...draining });
    },
    stopped(stopped) {
      say(stoppedLine(stopped, session), { kind: 'factory.stopped', ...stopped });
    },
  };
}
