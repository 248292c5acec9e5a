// Runs one call of `adf`: finds the command, loads its code alone, carries it out, and turns what happened into an exit code.

import { Command, CommanderError } from 'commander';
import { OperationalError } from '../lib/operational-error.ts';
import { VERBS } from './catalogue.ts';
import type { Run } from './command.ts';
import type { CliDeps } from './deps.ts';
import { DONE, INTERRUPTED, USAGE, exitCodeOf } from './exit-code.ts';
import { Session } from './session.ts';
import type { CommonOptions } from './session.ts';
import { errorLines } from './render/errors.ts';

/** Options that may stand before the command and take a value. */
const LEADING_VALUES = new Set(['--config', '--socket']);
const LEADING_FLAGS = new Set(['--json']);

/** Runs `adf` with `argv` (without node and script); answers the exit code. Only a mistake of ours rejects. */
export async function runCli(argv: readonly string[], deps: CliDeps): Promise<number> {
  const { verb, args } = splitArgv(argv);
  deps.typed(verb);
  let code = DONE;
  const program = createProgram(deps);
  await defineVerbs(program, verb, async (work) => {
    code = await carryOut(deps, readOptions(program), work);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? DONE : USAGE;
    }
    throw error;
  }
  return code;
}

/** Moves options that stand before the command behind it: `adf --config F status` is `adf status --config F`. */
function splitArgv(argv: readonly string[]): { readonly verb: string | null; readonly args: readonly string[] } {
  let index = 0;
  while (LEADING_VALUES.has(argv[index] ?? '') || LEADING_FLAGS.has(argv[index] ?? '')) {
    index += LEADING_VALUES.has(argv[index] ?? '') ? 2 : 1;
  }
  const verb = argv[index];
  if (verb === undefined || verb.startsWith('-')) {
    return { verb: null, args: argv.slice(index) };
  }
  return { verb, args: [verb, ...argv.slice(0, index), ...argv.slice(index + 1)] };
}

function createProgram(deps: CliDeps): Command {
  return new Command('adf')
    .description(
      'Dark Factory runs coding agents unattended: on schedules, within limits, with a record of everything.',
    )
    .version(`dark-factory ${deps.version}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => deps.stdout.write(text),
      writeErr: (text) => deps.stderr.write(text),
      getOutHelpWidth: () => deps.columns,
      getErrHelpWidth: () => deps.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError('(adf --help lists all commands)');
}

/** Puts every command's name and summary in, and the code of the one that was typed. */
async function defineVerbs(program: Command, typed: string | null, run: Run): Promise<void> {
  for (const verb of VERBS) {
    const command = program.command(verb.name).description(verb.summary).helpGroup(verb.group);
    if (verb.name === typed) {
      (await verb.load()).define(command, run);
    }
  }
}

async function loadAll(): Promise<readonly Command[]> {
  const program = new Command('adf');
  for (const { name, summary, load } of VERBS) {
    const { define } = await load();
    define(program.command(name).description(summary), async () => undefined);
  }
  return program.commands;
}

/** The options of the command that commander came to: the innermost one that was called. */
function readOptions(program: Command): CommonOptions {
  let command = program;
  for (;;) {
    const [name] = command.args;
    const inner = command.commands.find((candidate) => candidate.name() === name);
    if (inner === undefined) {
      return command.optsWithGlobals<CommonOptions>();
    }
    command = inner;
  }
}

async function carryOut(
  deps: CliDeps,
  options: CommonOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const session = new Session(deps, options, loadAll);
  try {
    const code = await work(session);
    if (session.outputError !== null) {
      throw session.outputError;
    }
    return code;
  } catch (error) {
    if (!(error instanceof OperationalError)) {
      throw error;
    }
    if (session.interrupted) {
      return INTERRUPTED;
    }
    const why = error.code === 'daemon_unreachable' && !session.json ? await session.whyThere() : null;
    for (const line of [
      ...errorLines(error, { json: session.json, socket: session.asked }),
      ...(why === null ? [] : [`  ${why}`]),
    ]) {
      session.note(line);
    }
    return exitCodeOf(error);
  }
}
