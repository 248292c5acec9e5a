// A measuring process of its own: what it has in memory would change what a spawn costs, so each way gets a fresh one.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/** One process that answers questions, one at a time. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #name: string;

  /** Starts `test/bench/<file>` with `args`; its complaints are ours. */
  constructor(file: string, args: readonly string[]) {
    this.#name = file;
    this.#child = fork(join(import.meta.dirname, file), [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Asks `question`; rejects when the process ends instead of answering. */
  async ask<Answer>(question: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => {
        this.#child.off('message', onMessage);
        reject(new Error(`${this.#name} ended (${code}) instead of answering ${JSON.stringify(question)}`));
      };
      const onMessage = (answer: unknown): void => {
        this.#child.off('exit', onExit);
        const given = answer as { readonly failed: string } | { readonly answer: Answer };
        if ('failed' in given) {
          reject(new Error(`${this.#name}: ${given.failed}`));
        } else {
          resolve(given.answer);
        }
      };
      this.#child.once('exit', onExit);
      this.#child.once('message', onMessage);
      this.#child.send(question, (error) => {
        if (error !== null) {
          this.#child.off('exit', onExit);
          this.#child.off('message', onMessage);
          reject(error);
        }
      });
    });
  }

  /** Hangs up, and waits until the process has gone. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return;
    }
    const gone = new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
    });
    this.#child.disconnect();
    await gone;
  }
}

/** In the worker: answers each question with what `answer` makes of it, until the asker hangs up. */
export function answerQuestions(answer: (question: unknown) => Promise<unknown>): void {
  process.on('message', (question) => {
    // An asker that has gone wants no answer any more.
    const tell = (message: object): unknown => process.connected && process.send?.(message);
    answer(question).then(
      (given) => tell({ answer: given ?? null }),
      (error: unknown) => tell({ failed: String(error) }),
    );
  });
}
