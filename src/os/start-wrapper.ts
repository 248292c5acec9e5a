// The few shell words between fork and program: join the leaf, set limits, prove a failed exec, become the program.

import { readFileSync, rmSync } from 'node:fs';

/** Open files of an agent: enough for a large build, too few to exhaust the machine's table. */
const OPEN_FILES = 65_536;
/** The kernel prefers an agent over daemon and keeper when memory runs out. */
const OOM_SCORE = 300;

/**
 * Runs under dash and bash (`sh`). Everything that is not constant comes as a parameter, so nothing needs quoting: $1 is
 * the leaf or empty, $2 the file of the proof, $3 processor seconds or empty, the rest is the program and its arguments.
 * dash ends at a failed exec and runs the trap; bash drops the trap for some failures, but goes on after them when told to.
 */
const LINE = [
  'ADF_PROOF=$2',
  `trap 'echo exec >"$ADF_PROOF"' EXIT`,
  `[ -z "$1" ] || echo $$ >"$1/cgroup.procs" || { trap - EXIT; echo limits >"$2"; exit 126; }`,
  'ulimit -c 0',
  `ulimit -n ${OPEN_FILES} 2>/dev/null || :`,
  '[ -z "$3" ] || ulimit -t "$3" 2>/dev/null || :',
  `echo ${OOM_SCORE} 2>/dev/null >/proc/self/oom_score_adj || :`,
  'shift 3',
  '[ -z "${BASH_VERSION-}" ] || shopt -s execfail',
  'exec "$@"',
  'ADF_CODE=$?',
  'echo exec >"$ADF_PROOF"',
  'exit "$ADF_CODE"',
].join('\n');

/** What the wrapper needs besides the program. */
export interface WrapperInput {
  readonly leaf: string | null;
  /** Written only when the program never ran: the word `exec` or `limits`. */
  readonly proofPath: string;
  /** Second net, per process; null: none. */
  readonly cpuSeconds: number | null;
}

/** The complete argument list of the wrapper around `argv`; its program is /bin/sh. */
export function wrapperArgs(input: WrapperInput, argv: readonly string[]): string[] {
  const { leaf, proofPath, cpuSeconds } = input;
  return ['-c', LINE, 'adf', leaf ?? '', proofPath, cpuSeconds === null ? '' : String(cpuSeconds), ...argv];
}

/** What the wrapper proved about the start of `program`, which is used up by reading; null: the program did run. */
export function readProof(
  proofPath: string,
  program = '',
): { readonly cause: 'limits' | 'program'; readonly message: string } | null {
  let word: string;
  try {
    word = readFileSync(proofPath, 'utf8').trim();
    rmSync(proofPath, { force: true });
  } catch {
    // No proof: 126 and 127 were the program's own.
    return null;
  }
  return word === 'limits'
    ? { cause: 'limits', message: 'the attempt could not join its cgroup' }
    : { cause: 'program', message: `${program} could not be executed; its output says why` };
}
