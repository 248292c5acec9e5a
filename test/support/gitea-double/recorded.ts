// Reads what a real Gitea was recorded to answer.

import { readdirSync, readFileSync } from 'node:fs';

/** One request to a real server and its answer. */
export interface Recording {
  /** `045`, the order in which it was made. */
  readonly number: string;
  readonly case: string;
  /** Who asked, in words. */
  readonly as: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  /** Says so where a list was cut to two items. */
  readonly note?: string;
}

const folder = new URL('../../fixtures/gitea/recorded/', import.meta.url);

/** All recordings, in order. */
export const recordings: readonly Recording[] = readdirSync(folder)
  .sort()
  .map((file) => ({
    ...(JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Omit<Recording, 'number'>),
    number: file.slice(0, 3),
  }));
