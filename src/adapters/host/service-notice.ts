// Tells the service manager that started us that we are ready and still at work, and leaves the heartbeat for the dead-man.

import { closeSync, futimesSync, openSync } from 'node:fs';
import { runProgram } from '../program.ts';

const TIMEOUT_MS = 10_000;
/** Signs of life per time that the manager allows between two. */
const SIGNS_PER_LIMIT = 3;
/** Variables by which systemd-notify finds the manager. */
const PASSED = ['PATH', 'NOTIFY_SOCKET'] as const;

/** What a daemon tells of itself; outside of a service only the heartbeat is kept. */
export interface ServiceNotice {
  /** It stands and decides. */
  ready(): Promise<void>;
  /** A pass of the scheduler was completed. */
  readonly passed: () => void;
}

/** Tells `environment`'s manager, and touches `heartbeat`. `failed` hears what could not be told; `now` is monotonic, in ms. */
export function serviceNotice(input: {
  readonly environment: Readonly<Record<string, string>>;
  readonly heartbeat: string;
  readonly failed: (message: string) => void;
  readonly now?: () => number;
}): ServiceNotice {
  const { environment, heartbeat, failed, now = () => performance.now() } = input;
  const isService = environment['NOTIFY_SOCKET'] !== undefined;
  const limitMs = Number(environment['WATCHDOG_USEC'] ?? 0) / 1000;
  const everyMs = limitMs === 0 ? Number.POSITIVE_INFINITY : limitMs / SIGNS_PER_LIMIT;
  let signedAt = Number.NEGATIVE_INFINITY;
  const say = async (message: string): Promise<void> => {
    const env = Object.fromEntries(
      PASSED.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
    );
    const { code, failure, stderr } = await runProgram({
      argv: ['systemd-notify', message],
      env,
      timeoutMs: TIMEOUT_MS,
    });
    if (code !== 0) {
      failed(`the service manager was not told ${message}: ${failure ?? stderr}`);
    }
  };
  return {
    ready: async () => {
      touch(heartbeat, failed);
      if (isService) {
        await say('READY=1');
      }
    },
    passed: () => {
      const passedAt = now();
      touch(heartbeat, failed);
      if (isService && passedAt - signedAt >= everyMs && everyMs !== Number.POSITIVE_INFINITY) {
        signedAt = passedAt;
        void say('WATCHDOG=1');
      }
    },
  };
}

function touch(path: string, failed: (message: string) => void): void {
  try {
    const fd = openSync(path, 'a', 0o600);
    try {
      const now = Date.now() / 1000;
      futimesSync(fd, now, now);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    failed(`the heartbeat ${path} cannot be written: ${(error as Error).message}`);
  }
}
