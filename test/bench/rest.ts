// A daemon at rest, as `adf start` makes it: its share of a core, its memory, and what it writes.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listKeepers } from '../../src/adapters/keeper-client/folders.ts';
import { cpuMs, memoryMb, writes } from './lanes.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** What one daemon with its keeper used while nothing was due. */
export interface Rest {
  readonly sharePercent: number;
  readonly daemonMb: number;
  readonly keeperMb: number;
  /** Daemon and keeper, pages that they share counted once. */
  readonly togetherMb: number;
  readonly bytesPerSecond: number;
}

/** One `adf start` on a fleet in which nothing is due. */
export class RestingDaemon {
  readonly #child: ChildProcess;
  readonly #stateDir: string;
  readonly #up: Promise<void>;
  readonly #gone: Promise<void>;

  /** Starts the daemon in `dir` on `toml`. */
  constructor(dir: string, toml: string) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'agents.toml'), toml);
    this.#stateDir = join(dir, 'state');
    this.#child = spawn(process.execPath, [MAIN, 'start', '--config', join(dir, 'agents.toml')], {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#gone = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
    });
    // Its first words come when it stands.
    this.#up = new Promise((resolve, reject) => {
      this.#child.stdout?.on('data', () => resolve());
      this.#child.once('exit', (code) => reject(new Error(`adf start ended with ${code}`)));
    });
  }

  /** Resolves when it says that it has started. */
  async started(): Promise<void> {
    await this.#up;
  }

  /** What it uses while `wait` passes. */
  async measure(wait: () => Promise<void>): Promise<Rest> {
    const pid = this.#child.pid ?? 0;
    const keeper = listKeepers(this.#stateDir).flatMap(({ lock }) => lock ?? [])[0]?.pid;
    if (keeper === undefined) {
      throw new Error('the daemon at rest has no keeper');
    }
    const look = (): { readonly cpu: number; readonly bytes: number } => ({
      cpu: cpuMs(pid) + cpuMs(keeper),
      bytes: writes(pid).bytes + writes(keeper).bytes,
    });
    const before = look();
    const began = performance.now();
    await wait();
    const tookMs = performance.now() - began;
    const after = look();
    const [daemon, held] = [memoryMb(pid), memoryMb(keeper)];
    return {
      sharePercent: ((after.cpu - before.cpu) / tookMs) * 100,
      daemonMb: daemon.rss,
      keeperMb: held.rss,
      togetherMb: daemon.pss + held.pss,
      bytesPerSecond: ((after.bytes - before.bytes) / tookMs) * 1000,
    };
  }

  /** One Ctrl-C; resolves when it has gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGINT');
    }
    await this.#gone;
  }
}
