// adf alerts: what a person should know of, what was said about it, and what can be done.

import type { Command } from 'commander';
import type { AlertDetail } from '../../http/contract.ts';
import { MAX_ALERTS } from '../../http/contract.ts';
import type { Define, Run } from '../command.ts';
import { count, withDaemon } from '../command.ts';
import { DONE, FAILED } from '../exit-code.ts';
import { renderAlert, renderAlerts } from '../render/alerts.ts';
import type { Session } from '../session.ts';

/** The model has 30 s; the rest is for a question that is under way already. */
const ANSWER_WAIT_MS = 45_000;
const LOOK_EVERY_MS = 500;
const LISTED = 100;
const MAX_SUGGESTION = 10_000;

const MOVES = {
  ack: 'somebody sees to it; it stays open',
  dismiss: 'say nothing more of it until it is over',
  resolve: 'close it; what still holds in 10 minutes is a new alert',
} as const;

/** `adf alerts [list|show|reply|ack|dismiss|resolve|fix]` */
export const define: Define = (command, run) => {
  defineList(command, run);
  defineList(command.command('list').description('those that are open, newest first'), run);
  withDaemon(command.command('show').description('one of them with all that was said'))
    .argument('<alert>', 'id of the alert, such as a3')
    .action((id: string) => run(async (session) => print(session, await (await session.client()).alert(id))));
  defineReply(command.command('reply').description('ask or tell the model something about it'), run);
  for (const move of ['ack', 'dismiss', 'resolve'] as const) {
    withDaemon(command.command(move).description(MOVES[move]))
      .argument('<alert>', 'id of the alert')
      .option('--reason <text>', 'why, for whoever looks at it later', '')
      .action((id: string, { reason }: { readonly reason: string }) =>
        run(async (session) => {
          const client = await session.client();
          return print(session, await client.alertMove(id, move, { by: session.user, reason }));
        }),
      );
  }
  defineFix(command.command('fix').description('carry out a suggestion'), run);
};

function defineList(command: Command, run: Run): void {
  withDaemon(command)
    .option('--all', 'those that are over too')
    .option('--limit <n>', 'how many at most', count(MAX_ALERTS), LISTED)
    .action((_options: unknown, called: Command) =>
      run(async (session) => {
        // Of `alerts --all list` and `alerts list --all` the first command gets the option.
        const { all, limit } = called.optsWithGlobals<{ readonly all?: boolean; readonly limit: number }>();
        const alerts = await (await session.client()).alerts({ all: all === true, limit });
        await session.result(alerts, () => renderAlerts(alerts, session));
        return DONE;
      }),
    );
}

function defineReply(command: Command, run: Run): void {
  withDaemon(command)
    .argument('<alert>', 'id of the alert')
    .argument('<text...>', 'what to say')
    .option('--no-wait', 'do not wait for the answer')
    .action((id: string, words: readonly string[], { wait }: { readonly wait: boolean }) =>
      run(async (session) => {
        const client = await session.client();
        let detail = await client.alertReply(id, { by: session.user, text: words.join(' ') });
        const patienceMs = wait ? ANSWER_WAIT_MS : 0;
        for (let waited = 0; waited < patienceMs && isAsked(detail); waited += LOOK_EVERY_MS) {
          await session.wait(LOOK_EVERY_MS);
          detail = await client.alert(id);
        }
        return print(session, detail);
      }),
    );
}

function defineFix(command: Command, run: Run): void {
  withDaemon(command)
    .argument('<alert>', 'id of the alert')
    .argument('[suggestion]', 'its number (default: the first that was not carried out)', count(MAX_SUGGESTION))
    .action((id: string, suggestion: number | undefined) =>
      run(async (session) => {
        const client = await session.client();
        const before =
          suggestion ?? (await client.alert(id)).suggestions.find(({ state }) => state === 'offered')?.number;
        const detail = await client.alertFix(id, { by: session.user, suggestion: before ?? 0 });
        const done = detail.suggestions.find(({ number }) => number === before);
        await print(session, detail);
        return done?.state === 'done' ? DONE : FAILED;
      }),
    );
}

/** A question that failed once may take long to be asked again: nobody waits for that. */
function isAsked({ explaining }: AlertDetail): boolean {
  return explaining.kind === 'asked' && explaining.failures === 0;
}

async function print(session: Session, detail: AlertDetail): Promise<number> {
  await session.result(detail, () => renderAlert(detail, session));
  return DONE;
}
