// Decides how any program gets its task: as its script, on stdin, or where `{task}` stands in its arguments.

import { OperationalError } from '../../lib/operational-error.ts';
import type { LaunchInput } from '../../ports/agent-driver.ts';

/** Programs that run the task as their script. */
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh', 'zsh', 'fish']);

/** One argument may hold this many bytes (Linux: 128 KiB with the closing NUL). */
const MAX_ARGUMENT_BYTES = 131_071;

/** The variable that holds the path of what came with the event. */
const DATA_VARIABLE = 'ADF_DATA_FILE';

const PLACES = /\{(task|task_file|model)\}/g;

/** The parts of a launch plan that depend on program and task. */
export interface ExecStart {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | null;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/**
 * How `input.program` is started.
 * 1. Arguments that hold `{task}`, `{task_file}` or `{model}` say themselves where these go.
 * 2. A shell runs the task as its script, from a file: no limit of length, nothing of it in the process list, and its
 *    commands read an stdin of their own instead of the rest of the script.
 * 3. Any other program gets its arguments, and the task on stdin.
 * Data of an event never stands in a script or argument: it is a file, named by ADF_DATA_FILE, and stdin where that is free.
 */
export function execStart(input: LaunchInput): ExecStart {
  const { program, args, task, data } = input;
  const dataFiles = data === null ? [] : [{ path: `${input.filePrefix}.data`, text: data }];
  const env = Object.fromEntries(dataFiles.map(({ path }) => [DATA_VARIABLE, path]));
  if (args.some((argument) => argument.search(PLACES) !== -1)) {
    const asksForFile = args.some((argument) => argument.includes('{task_file}'));
    const taskFile = { path: `${input.filePrefix}.task`, text: task ?? '' };
    return {
      argv: [program, ...args.map((argument) => filled(argument, input))],
      env,
      stdin: data,
      files: asksForFile ? [taskFile, ...dataFiles] : dataFiles,
    };
  }
  if (task !== null && isShell(program)) {
    const script = { path: `${input.filePrefix}.script`, text: task };
    return { argv: [program, script.path, ...args], env, stdin: data, files: [script, ...dataFiles] };
  }
  return { argv: [program, ...args], env, stdin: task ?? data, files: dataFiles };
}

/** Whether `program`, a name or path, is a shell. */
function isShell(program: string): boolean {
  return SHELLS.has(program.slice(program.lastIndexOf('/') + 1));
}

function filled(argument: string, input: LaunchInput): string {
  const text = argument.replace(PLACES, (_, place: string) => valueOf(place, input));
  if (text.includes('\0') || new TextEncoder().encode(text).length > MAX_ARGUMENT_BYTES) {
    throw new OperationalError(
      'launch.task_not_an_argument',
      `${input.program}: the task is longer than an argument can be (128 KiB) or holds a NUL; write {task_file} instead of {task}`,
    );
  }
  return text;
}

function valueOf(place: string, input: LaunchInput): string {
  switch (place) {
    case 'task':
      return input.task ?? '';
    case 'task_file':
      return `${input.filePrefix}.task`;
    default:
      return modelOf(input);
  }
}

function modelOf(input: LaunchInput): string {
  if (input.model === null) {
    throw new OperationalError(
      'launch.model_missing',
      `${input.program}: args ask for {model} but the agent has none; set model`,
    );
  }
  return input.model;
}
