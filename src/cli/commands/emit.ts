// adf emit: tells an event, which starts the agents that wait for it, once per key.

import type { Define } from '../command.ts';
import { readText, withDaemon } from '../command.ts';
import { DONE, FAILED } from '../exit-code.ts';
import { oneLine } from '../render/text.ts';
import { replyLine } from '../render/reply.ts';
import { askTwice } from '../twice.ts';

interface Options {
  readonly project?: string;
  readonly data?: string;
  readonly key?: string;
}

/** `adf emit EVENT` */
export const define: Define = (command, run) => {
  withDaemon(command)
    .argument('<event>', 'name of the event, as agents.toml writes it in events')
    .option('--project <id>', 'only agents of this project')
    .option('--data <file>', 'what the agents are given with their task; - reads stdin')
    .option('--key <key>', 'the same key again is the same event (default: a new one)')
    .action((event: string, { project, data, key }: Options) =>
      run(async (session) => {
        const text = data === undefined ? undefined : await readText(data, 'data');
        const client = await session.client();
        const replies = await askTwice(session, key ?? session.newKey(), (key) =>
          client.emit(event, {
            key,
            ...(project === undefined ? {} : { project }),
            ...(text === undefined ? {} : { data: text }),
          }),
        );
        await session.result(replies, () => replies.map((reply) => replyLine(reply, session)));
        if (replies.length === 0) {
          session.note(`no agent waits for "${oneLine(event)}"; see what they wait for: adf explain agents.events`);
        }
        const allTaken = replies.length > 0 && replies.every((reply) => reply.decision !== 'refused');
        return allTaken ? DONE : FAILED;
      }),
    );
};
