// adf logs: a run's output; without a run, what happens in the factory.

import { MAX_PAST_FACTS } from '../../http/contract.ts';
import { OperationalError } from '../../lib/operational-error.ts';
import type { Define } from '../command.ts';
import { count, withDaemon } from '../command.ts';
import { DONE, INTERRUPTED } from '../exit-code.ts';
import { followOutput, outputPrinter } from '../follow-output.ts';
import type { OutputWish } from '../follow-output.ts';
import { factLine } from '../render/facts.ts';
import type { Session } from '../session.ts';

const DEFAULT_FACTS = 50;

interface Options {
  readonly follow?: boolean;
  readonly err?: boolean;
  readonly lines: number;
  readonly all?: boolean;
}

/** `adf logs [RUN]` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('[run]', 'id of a run, or its first letters; without it: what happens in the factory')
    .option('-f, --follow', 'go on while something comes')
    .option('--err', "the run's stderr, where its driver keeps that apart")
    .option('-n, --lines <count>', 'without a run: how many lines of the past', count(MAX_PAST_FACTS), DEFAULT_FACTS)
    .option('--all', 'without a run: every fact, also those that only matter to us')
    .action((id: string | undefined, options: Options) =>
      run(async (session) => {
        if (id === undefined) {
          await followFacts(session, options);
        } else {
          const stream = options.err === true ? 'err' : 'out';
          const print: OutputWish['print'] = session.json
            ? ({ attempt, text }) => session.jsonLine({ run: id, attempt, text })
            : outputPrinter(session);
          const wish = { run: id, stream, follow: options.follow === true, print } as const;
          await followOutput(session, await session.client(), wish);
        }
        return session.interrupted ? INTERRUPTED : DONE;
      }),
    );
};

async function followFacts(session: Session, options: Options): Promise<void> {
  const client = await session.client();
  const wish = { last: options.lines, follow: options.follow === true };
  for await (const fact of client.facts(wish, session.ending)) {
    if (session.json) {
      await session.jsonLine(fact);
      continue;
    }
    const line = factLine(fact, { look: session.fresh(), everything: options.all === true });
    if (line !== null) {
      await session.write(`${line}\n`);
    }
  }
  if (wish.follow && !session.ending.aborted) {
    throw new OperationalError('daemon_ended', 'the daemon ended, and with it what it told');
  }
}
