// adf replay: checks the facts of a run and shows them again, at any speed and without any effect.

import { InvalidArgumentError } from 'commander';
import type { RecordedFact } from '../../core/run/facts.ts';
import { verifyTrace } from '../../core/trace/verify.ts';
import type { TraceCheck } from '../../core/trace/verify.ts';
import { withDaemon } from '../command.ts';
import type { Define } from '../command.ts';
import { DONE, FAILED, INTERRUPTED } from '../exit-code.ts';
import { factLine } from '../render/facts.ts';
import { counted } from '../../lib/counted.ts';
import type { Session } from '../session.ts';

/** Most times as fast as it happened; from here on one may as well see all at once. */
const MAX_SPEED = 1_000_000;
/** Longest wait in one piece: a timer cannot hold more. */
const MAX_WAIT_MS = 86_400_000;

/** `adf replay RUN [--speed 10]` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('<run>', 'id of a run, or its first letters')
    .option('--speed <times>', 'show it this many times as fast as it happened (default: all at once)', speed)
    .action((id: string, options: { readonly speed?: number }) =>
      run(async (session) => {
        const { facts, run: view } = await (await session.client()).show(id);
        const check = verifyTrace(facts);
        if (session.json) {
          await session.result({ run: view.id, ...check }, () => []);
        } else {
          await show(session, facts, options.speed ?? null);
          await session.result(check, () => verdictLines(check));
        }
        return session.interrupted ? INTERRUPTED : check.problems.length === 0 ? DONE : FAILED;
      }),
    );
};

async function show(session: Session, facts: readonly RecordedFact[], times: number | null): Promise<void> {
  let before: number | null = null;
  for (const fact of facts) {
    const gapMs = before === null || times === null ? 0 : (fact.at - before) / times;
    if (gapMs > 0) {
      await session.wait(Math.min(gapMs, MAX_WAIT_MS));
    }
    if (session.ending.aborted) {
      return;
    }
    before = fact.at;
    const line = factLine(fact, { look: session.fresh(), everything: true });
    await session.write(line === null ? '' : `${line}\n`);
  }
}

function verdictLines(check: TraceCheck): readonly string[] {
  if (check.problems.length === 0) {
    return [
      `${counted(check.facts, 'fact')}: in order, all that began has ended${check.ended ? ', one ending' : ' or goes on'}`,
    ];
  }
  return check.problems.map(({ seq, kind, problem }) => `BROKEN: ${kind}#${seq} ${problem}`);
}

function speed(text: string): number {
  const value = /^\d{1,7}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (value <= 0 || value > MAX_SPEED) {
    throw new InvalidArgumentError(`Write a number above 0, at most ${MAX_SPEED}.`);
  }
  return value;
}
