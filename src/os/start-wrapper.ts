// The few shell words between fork and program: join the leaf, set limits, prove a failed exec, become the program.

import { readFileSync, rmSync } from 'node:fs';

/** Open files of an agent: enough for a large build, too few to exhaust the machine's table. */
export const OPEN_FILES = 65_536;
/** The kernel prefers an agent over daemon and keeper when memory runs out. */
export const OOM_SCORE = 300;

/** Words that start a meter beside the program, as a variable of its environment; it and the meter's order are not handed on. */
export const METER_VARIABLE = 'ADF_METER';

/** Why the wrapper gave up before the program ran. */
export type GaveUp = 'exec' | 'directory' | 'limits' | 'meter';

/**
 * The meter is told who it is for and how that is to be started; what it prints, up to the end of its output, is how to do it
 * with its address in. Behind `&` it is nobody's child: the program has no more to wait for than without it.
 */
const METER = `[ -z "\${${METER_VARIABLE}-}" ] || { ADF_START=$(eval "$${METER_VARIABLE}" '"$$" "$@" &') && [ -n "$ADF_START" ] && eval "$ADF_START"; } || { trap - EXIT; fail meter; exit 126; }`;

/**
 * Runs under dash and bash (`sh`), after `fail` was defined: it proves to the host, by a word, that the program never ran.
 * $1 is the leaf or empty, $2 processor seconds or empty, the rest is the program and its arguments: nothing needs quoting.
 * dash ends at a failed exec and runs the trap; bash drops the trap for some failures, but goes on after them when told to.
 */
const LINE = [
  `trap 'fail exec' EXIT`,
  `[ -z "$1" ] || echo $$ >"$1/cgroup.procs" || { trap - EXIT; fail limits; exit 126; }`,
  'ulimit -c 0',
  `ulimit -n ${OPEN_FILES} 2>/dev/null || :`,
  '[ -z "$2" ] || ulimit -t "$2" 2>/dev/null || :',
  `echo ${OOM_SCORE} 2>/dev/null >/proc/self/oom_score_adj || :`,
  'shift 2',
  METER,
  '[ -z "${BASH_VERSION-}" ] || shopt -s execfail',
  'exec "$@"',
  'ADF_CODE=$?',
  'fail exec',
  'exit "$ADF_CODE"',
].join('\n');

/** What the wrapper needs besides the program. */
export interface WrapperInput {
  readonly leaf: string | null;
  /** Written only when the program never ran: the word why. */
  readonly proofPath: string;
  /** Second net, per process; null: none. */
  readonly cpuSeconds: number | null;
}

const FAIL_BY_FILE = 'ADF_PROOF=$1; shift\nfail() { echo "$1" >"$ADF_PROOF"; }';

/** The complete argument list of the wrapper around `argv`; its program is /bin/sh. */
export function wrapperArgs(input: WrapperInput, argv: readonly string[]): string[] {
  const { leaf, proofPath, cpuSeconds } = input;
  const seconds = cpuSeconds === null ? '' : String(cpuSeconds);
  return ['-c', `${FAIL_BY_FILE}\n${LINE}`, 'adf', proofPath, leaf ?? '', seconds, ...argv];
}

/** What a wrapper in a file does besides: for hosts whose attempts run as somebody else, in a group made by somebody else. */
export interface WrapperFileInput {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly cpuSeconds: number | null;
  /** Files of the wrapper's own cgroup that must read so, else the program is not begun; all but `memory.swap.max` must be there. */
  readonly limits: Readonly<Record<string, string>>;
  /** Where the cgroup v2 tree is mounted. */
  readonly cgroupMount: string;
}

/**
 * Signals by which a wrapper in a file ends itself. A program may do so, too: the proof is the word that it says before, with
 * what it was given as its one argument. That is gone when the program takes its place, and is written where no agent reads.
 */
const PROOF_SIGNALS: Readonly<Record<GaveUp, number>> = { exec: 62, directory: 61, limits: 60, meter: 59 };
const FIRST_REALTIME_SIGNAL = 34;

/** A kernel without swap has no such file, and nothing to forbid. */
const NOT_EVERYWHERE = 'memory.swap.max';

const PROOF_LINE = 'adf: it was not started:';

const FAIL_BY_SIGNAL = `ADF_PROOF=\${1-}; fail() { echo "${PROOF_LINE} $1 $ADF_PROOF" >&2; case $1 in ${Object.entries(
  PROOF_SIGNALS,
)
  .map(([word, signal]) => `${word}) kill -${signal} $$ ;;`)
  .join(' ')} esac; }`;

const FIND_GROUP = (mount: string): string =>
  [
    'ADF_GROUP=',
    `while IFS= read -r ADF_LINE; do case $ADF_LINE in 0::*) ADF_GROUP=${shellWord(mount)}\${ADF_LINE#0::} ;; esac; done </proc/self/cgroup`,
    'holds() { ADF_LINE=; IFS= read -r ADF_LINE <"$ADF_GROUP/$1"; [ "$ADF_LINE" = "$2" ]; } 2>/dev/null',
  ].join('\n');

/** The text of a wrapper around `argv`, for `env -i /bin/sh FILE PROOF`. */
export function wrapperFile(input: WrapperFileInput, argv: readonly string[]): string {
  const { env, cwd, cpuSeconds, limits, cgroupMount } = input;
  const checks = Object.entries(limits).map(([file, text]) => {
    const unlessMissing = file === NOT_EVERYWHERE ? `[ ! -e "$ADF_GROUP/${file}" ] || ` : '';
    return `${unlessMissing}holds ${shellWord(file)} ${shellWord(text)} || fail limits`;
  });
  return [
    FAIL_BY_SIGNAL,
    ...(checks.length === 0 ? [] : [FIND_GROUP(cgroupMount), ...checks]),
    `cd -- ${shellWord(cwd)} || fail directory`,
    'unset OLDPWD',
    ...Object.entries(env).map(([name, value]) => `export ${name}=${shellWord(value)}`),
    `set -- '' ${shellWord(cpuSeconds === null ? '' : String(cpuSeconds))} ${argv.map(shellWord).join(' ')}`,
    LINE,
    '',
  ].join('\n');
}

/**
 * What the end by `signal` (a name as systemd has it, `RTMIN+28`) after the last words `said` proves of a wrapper that was
 * given `proof`; null: nothing, its program may have run.
 */
export function proofOfEnd(signal: string, said: string, proof: string): GaveUp | null {
  const word = wordOfSignal(signal);
  return word !== null && proof !== '' && said.split('\n').includes(`${PROOF_LINE} ${word} ${proof}`) ? word : null;
}

/** The word of a wrapper that ends by `signal`; null: none does. */
export function wordOfSignal(signal: string): GaveUp | null {
  const match = /^RTMIN\+(\d+)$/.exec(signal);
  const number = match === null ? null : FIRST_REALTIME_SIGNAL + Number(match[1]);
  const found = Object.entries(PROOF_SIGNALS).find(([, proof]) => proof === number);
  return found === undefined ? null : (found[0] as GaveUp);
}

/** Why a program never ran, for the record of its attempt. */
export interface StartProof {
  readonly cause: 'limits' | 'program' | 'directory' | 'host';
  readonly message: string;
}

/** What `word` of a wrapper around `program` says, in the words of a start that failed. */
export function startFailure(word: GaveUp, start: { readonly program: string; readonly cwd: string }): StartProof {
  switch (word) {
    case 'limits':
      return { cause: 'limits', message: 'the kernel does not hold the limits of the attempt: it did not begin' };
    case 'directory':
      return {
        cause: 'directory',
        message: `the working directory ${start.cwd} does not exist or cannot be entered; its output says why`,
      };
    case 'meter':
      return { cause: 'host', message: 'the meter of its requests did not begin; its output says why' };
    case 'exec':
      return { cause: 'program', message: `${start.program} could not be executed; its output says why` };
  }
}

/** What the wrapper proved about the start of `program`, which is used up by reading; null: the program did run. */
export function readProof(proofPath: string, program = ''): StartProof | null {
  let word: string;
  try {
    word = readFileSync(proofPath, 'utf8').trim();
    rmSync(proofPath, { force: true });
  } catch {
    // No proof: 126 and 127 were the program's own.
    return null;
  }
  return startFailure(word === 'limits' || word === 'meter' ? word : 'exec', { program, cwd: '' });
}

/** `text` as one word of the shell: nothing in single quotes means anything. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
