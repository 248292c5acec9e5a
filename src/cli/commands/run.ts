// adf run: asks for a run of an agent now; with --wait streams its output and ends as it ends.

import type { RequestReply } from '../../http/contract.ts';
import type { Client } from '../../http/client/client.ts';
import type { Define } from '../command.ts';
import { readText, withDaemon } from '../command.ts';
import { DONE, FAILED, INTERRUPTED, usageError } from '../exit-code.ts';
import { followOutput, outputPrinter } from '../follow-output.ts';
import { endLine, replyLine } from '../render/reply.ts';
import type { Session } from '../session.ts';
import { askTwice } from '../twice.ts';

interface Options {
  readonly task?: string;
  readonly taskFile?: string;
  readonly wait?: boolean;
  readonly key?: string;
  readonly resume?: string;
  readonly fork?: string;
}

/** `adf run NAME` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('<name>', 'name of an agent, or project/name')
    .argument('[args...]', 'appended to its args; write -- before them')
    .option('--task <text>', 'what it is to do, instead of its own task')
    .option('--task-file <file>', 'the same, from a file; - reads stdin')
    .option('--wait', 'print its output, and exit 0 only if it succeeds')
    .option('--resume <run>', 'go on with the session of that run')
    .option('--fork <run>', 'branch off the session of that run')
    .option('--key <key>', 'the same key again is the same request (default: a new one)')
    .action((name: string, args: readonly string[], options: Options) =>
      run(async (session) => {
        const task = await readTask(options);
        const client = await session.client();
        const earlier = sessionOf(options);
        const input = {
          ...(task === null ? {} : { task }),
          ...(args.length === 0 ? {} : { args }),
          ...(earlier === null ? {} : { session: earlier }),
        };
        const reply = await askTwice(session, options.key ?? session.newKey(), (key) =>
          client.run(name, { key, ...input }),
        );
        if (options.wait !== true || reply.decision === 'refused') {
          await session.result(reply, () => [replyLine(reply, session)]);
          return reply.decision === 'refused' ? FAILED : DONE;
        }
        return waitFor(session, client, reply);
      }),
    );
};

function sessionOf({ resume, fork }: Options): { readonly kind: 'resume' | 'fork'; readonly run: string } | null {
  if (resume !== undefined && fork !== undefined) {
    throw usageError('give --resume or --fork, not both');
  }
  if (resume !== undefined) {
    return { kind: 'resume', run: resume };
  }
  return fork === undefined ? null : { kind: 'fork', run: fork };
}

async function readTask({ task, taskFile }: Options): Promise<string | null> {
  if (task !== undefined && taskFile !== undefined) {
    throw usageError('give --task or --task-file, not both');
  }
  if (taskFile === undefined) {
    return task ?? null;
  }
  return readText(taskFile, 'task');
}

/** Streams the output of a run that was taken, and answers as it ended. With --json only the last word is printed. */
async function waitFor(session: Session, client: Client, reply: RequestReply): Promise<number> {
  const id = reply.run.id;
  session.note(replyLine(reply, session));
  const print = session.json ? async (): Promise<void> => undefined : outputPrinter(session);
  await followOutput(session, client, { run: id, stream: 'out', follow: true, print });
  if (session.interrupted) {
    session.note(`${id} goes on without us: adf logs -f ${id} · adf cancel ${id}`);
    return INTERRUPTED;
  }
  const { run } = await client.show(id);
  const ended: RequestReply = { ...reply, run };
  if (session.json) {
    await session.result(ended, () => []);
  }
  session.note(endLine(run, session));
  return run.outcome?.kind === 'succeeded' ? DONE : FAILED;
}
