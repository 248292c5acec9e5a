// The one way in which the daemon runs a short program: a time-out, a cap on its output, a clean environment.

import { execa } from 'execa';

/** Output kept of a program. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** How a short program ended. `failure`: it could not be started, was stopped by the time-out, or printed too much. */
export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly failure: string | null;
}

/** What to run. `argv[0]` is looked up on the PATH in `env`. */
export interface ProgramInput {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Runs a program to its end; every way to fail is a value. */
export async function runProgram(input: ProgramInput): Promise<ProgramResult> {
  const [file, ...args] = input.argv;
  const result = await execa(file, args, {
    ...(input.cwd === undefined ? {} : { cwd: input.cwd }),
    env: input.env,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: input.timeoutMs,
    forceKillAfterDelay: 1000,
    maxBuffer: MAX_OUTPUT_BYTES,
    stripFinalNewline: true,
  });
  const failure = result.timedOut
    ? `no answer within ${input.timeoutMs} ms`
    : result.isMaxBuffer
      ? 'printed more than 1 MiB'
      : result.exitCode === undefined
        ? (result.originalMessage ?? 'could not be started')
        : null;
  return { code: result.exitCode ?? null, stdout: result.stdout, stderr: result.stderr, failure };
}
