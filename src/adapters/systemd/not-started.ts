// Says why the manager's own steps before a program kept it from running, by the status that it documents for each.

import type { ExitReport } from '../../ports/execution-host.ts';
import type { ExitRecord } from './record-script.ts';

type Failure = NonNullable<ExitReport['didNotStart']>;

/** From systemd.exec(5), "Process exit codes": those that a unit of ours can end by, and in whose words it is told. */
const STEPS: Readonly<Record<number, readonly [name: string, cause: Failure['cause'], said: string]>> = {
  200: ['CHDIR', 'directory', 'its working directory does not exist or cannot be entered'],
  203: ['EXEC', 'host', '/usr/bin/env or /bin/sh cannot be executed where it runs'],
  204: ['MEMORY', 'host', 'there was no memory left to begin it'],
  205: ['LIMITS', 'limits', 'its resource limits cannot be set'],
  208: ['STDIN', 'host', 'its input file cannot be opened'],
  209: ['STDOUT', 'host', 'its output file cannot be opened'],
  216: ['GROUP', 'user', 'the groups of its user cannot be taken'],
  217: ['USER', 'user', 'its user does not exist or cannot be become'],
  218: ['CAPABILITIES', 'host', 'its capabilities cannot be set'],
  219: ['CGROUP', 'limits', 'it cannot join the group that holds its limits'],
  222: ['STDERR', 'host', 'its error file cannot be opened'],
  224: ['PAM', 'user', 'no session could be opened for its user'],
  225: ['NETWORK', 'host', 'its network cannot be closed off'],
  226: ['NAMESPACE', 'host', 'its sandbox cannot be made: a path in it is missing, or the kernel does not allow it'],
  227: ['NO_NEW_PRIVILEGES', 'host', 'its sandbox cannot be made: privileges cannot be given up'],
  228: ['SECCOMP', 'host', 'its sandbox cannot be made: the kernel filters no system calls'],
  243: ['CREDENTIALS', 'host', 'its start order cannot be handed over'],
};

/**
 * Why an attempt of which no start was recorded, and which ended so, never ran; null: it did. A status that is none of the manager's
 * is the program's own, whatever kept its start from being recorded (systemd 252 forgets to when it is replaced just then).
 */
export function notStarted(exit: ExitRecord): Failure | null {
  const { code, result, signal } = exit;
  if (code !== null) {
    return failureOf(code);
  }
  const how = signal ?? 'before its first process';
  return { cause: 'host', message: `the service manager could not start it: ${result}, ${how}` };
}

/** The same from what the manager wrote into its journal of the unit: a step may keep the recorder of the end from running, too. */
export function failureIn(journal: string): Failure | null {
  const status = /: Main process exited, code=exited, status=(\d+)\//.exec(journal)?.[1];
  return status === undefined ? null : failureOf(Number(status));
}

function failureOf(status: number | null): Failure | null {
  const step = STEPS[status ?? 0];
  if (step === undefined) {
    return null;
  }
  const [name, cause, said] = step;
  return { cause, message: `${said} (${status}/${name})` };
}
