// A git repository of its own for one test, made by git itself and removed afterwards.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Environment that an agent of the default fleet has: nothing of the developer's own git settings. */
export function agentEnvironment(home: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8' };
}

/** A repository in a temporary folder. */
export class TempRepo implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'adf-repo-'));
  readonly #home = mkdtempSync(join(tmpdir(), 'adf-home-'));

  constructor() {
    this.git('init', '-q', '-b', 'main');
  }

  /** What an agent in this repository gets as environment. */
  get env(): Record<string, string> {
    return agentEnvironment(this.#home);
  }

  /** Runs git here as a fixed author; `date` (seconds) sets the time of a commit. */
  git(...args: string[]): string {
    return this.gitAt(null, ...args);
  }

  /** Runs git with the clock of commits at `date` (epoch seconds; null: now). */
  gitAt(date: number | null, ...args: string[]): string {
    const names = { NAME: 'Ada', EMAIL: 'ada@example.org', ...(date === null ? {} : { DATE: `${date} +0000` }) };
    const identity = Object.entries(names).flatMap(([key, value]) => [
      [`GIT_AUTHOR_${key}`, value],
      [`GIT_COMMITTER_${key}`, value],
    ]);
    const env = { ...this.env, ...(Object.fromEntries(identity) as Record<string, string>) };
    return execFileSync('git', args, { cwd: this.path, env, encoding: 'utf8' }).trim();
  }

  /** Writes a file, folders included. */
  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.path, path)), { recursive: true });
    writeFileSync(join(this.path, path), content);
  }

  /** Commits everything. */
  commit(subject: string, date: number | null = null): void {
    this.git('add', '-A');
    this.gitAt(date, 'commit', '-q', '--allow-empty', '-m', subject);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
    rmSync(this.#home, { recursive: true, force: true });
  }
}
