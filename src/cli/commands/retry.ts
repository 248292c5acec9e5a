// adf retry: asks for the same again as a run that has ended.

import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { DONE, FAILED } from '../exit-code.ts';
import { replyLine } from '../render/reply.ts';
import { askTwice } from '../twice.ts';

/** `adf retry RUN` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('<run>', 'id of a run, or its first letters')
    .option('--key <key>', 'the same key again is the same request (default: a new one)')
    .action((id: string, options: { readonly key?: string }) =>
      run(async (session) => {
        const client = await session.client();
        const reply = await askTwice(session, options.key ?? session.newKey(), (key) => client.retry(id, key));
        await session.result(reply, () => [replyLine(reply, session)]);
        return reply.decision === 'refused' ? FAILED : DONE;
      }),
    );
};
