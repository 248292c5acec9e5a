// Finds out whether a process is the main one of a service, by the only one who knows: the manager that would end its group.

import { readSmall } from '../../os/read-small.ts';
import { runProgram } from '../program.ts';

const TIMEOUT_MS = 10_000;
/** Variables by which systemctl finds its manager. */
const PASSED = ['PATH', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'] as const;

/** A service and what of it decides over the other processes of its group. */
export interface RunningService {
  readonly unit: string;
  /** How its manager is asked. */
  readonly systemctl: readonly ['systemctl', ...string[]];
  readonly killMode: string;
  /** It is given a state folder: for `host = "auto"` that is what makes a factory a service. */
  readonly hasStateDirectory: boolean;
}

/** The service whose main process is `pid`; null: there is none, or its manager does not tell. `read` opens files of the kernel. */
export async function serviceOf(
  pid: number,
  environment: Readonly<Record<string, string>>,
  read: (path: string) => string | null = readSmall,
): Promise<RunningService | null> {
  const group = /^0::(.*)$/m.exec(read(`/proc/${pid}/cgroup`) ?? '')?.[1]?.split('/') ?? [];
  const unit = group.findLast((name) => name.endsWith('.service'));
  if (unit === undefined) {
    return null;
  }
  const isUsers = group.slice(0, group.lastIndexOf(unit)).some((name) => name.startsWith('user@'));
  const systemctl = ['systemctl', ...(isUsers ? ['--user'] : [])] as const;
  const env = Object.fromEntries(
    PASSED.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
  const { stdout, code } = await runProgram({
    argv: [...systemctl, 'show', '--property=MainPID,KillMode,StateDirectory', '--', unit],
    env,
    timeoutMs: TIMEOUT_MS,
  });
  const said = new Map(stdout.split('\n').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]));
  return code === 0 && said.get('MainPID') === String(pid)
    ? {
        unit,
        systemctl,
        killMode: said.get('KillMode') ?? '',
        hasStateDirectory: (said.get('StateDirectory') ?? '') !== '',
      }
    : null;
}
