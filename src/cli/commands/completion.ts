// adf completion: a script that lets bash, zsh or fish complete commands, options, agents, runs and projects.

import { Argument, Option } from 'commander';
import { OperationalError } from '../../lib/operational-error.ts';
import type { Client } from '../../http/client/client.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Define } from '../command.ts';
import { withDaemon } from '../command.ts';
import { SHELLS, WORD_KINDS, completionScript, wordsOf } from '../completion.ts';
import type { Shell, WordKind } from '../completion.ts';
import { DONE, usageError } from '../exit-code.ts';

/** Runs offered for completion: the newest. */
const MAX_RUNS_OFFERED = 50;

interface Options {
  readonly words?: WordKind;
}

/** `adf completion bash|zsh|fish`; `--words KIND` is what the scripts ask. */
export const define: Define = (command, run) => {
  withDaemon(command)
    .addArgument(new Argument('[shell]', 'bash, zsh or fish').choices(SHELLS))
    .addOption(new Option('--words <kind>', 'names of agents, runs or projects').choices(WORD_KINDS).hideHelp())
    .action((shell: Shell | undefined, options: Options) =>
      run(async (session) => {
        if (options.words !== undefined) {
          const words = await namesOf(options.words, () => session.client());
          await session.result(words, () => words);
          return DONE;
        }
        if (shell === undefined) {
          throw usageError('for which shell? bash: eval "$(adf completion bash)"; or zsh, fish');
        }
        const script = completionScript(shell, wordsOf(await session.commands()));
        await session.result({ shell, script }, () => [script.trimEnd()]);
        return DONE;
      }),
    );
};

/** Names that a shell can take without quoting: bash would carry out what it finds in others. */
const PLAIN = /^[A-Za-z0-9._/@:+-]{1,200}$/;

/** Without a daemon there is nothing to offer, and nothing to say in the middle of somebody's typing. */
async function namesOf(kind: WordKind, connect: () => Promise<Client>): Promise<readonly string[]> {
  try {
    return (await askFor(kind, await connect())).filter((name) => PLAIN.test(name));
  } catch (error) {
    if (error instanceof OperationalError) {
      return [];
    }
    throw error;
  }
}

async function askFor(kind: WordKind, client: Client): Promise<readonly string[]> {
  switch (kind) {
    case 'agents':
      return [...new Set((await client.agents()).flatMap((agent) => [agent.name, agent.key]))];
    case 'runs':
      return (await client.runs({ limit: MAX_RUNS_OFFERED })).map((run) => run.id);
    case 'projects':
      return (await client.breakers()).map((breaker) => breaker.project);
    default:
      return unreachable(kind);
  }
}
