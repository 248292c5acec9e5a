// Files of attempts, and what else the daemon reads and makes beside the ledger.

import type { AttemptId } from '../core/ids.ts';

/** A file that is written for an attempt. */
export interface InputFile {
  readonly path: string;
  readonly text: string;
}

/** A place in the file, and what is to stand there. */
export interface Cover {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Files of attempts: output that is followed, prompts that become stdin. */
export interface RunFiles {
  outPath(attempt: AttemptId, stream: 'out' | 'err'): string;
  /** Absolute path of the attempt's stdin file; other input files of it begin with this. */
  inputPath(attempt: AttemptId): string;
  /** Writes files with mode 0600. */
  writeInputs(files: readonly InputFile[]): Promise<void>;
  /** Removes all input files of `attempt`, whoever wrote them: it has ended and they were read, or it never began. */
  removeInputs(attempt: AttemptId): Promise<void>;
  /** Removes input files of attempts that are not in `open`: leftovers of a crash. */
  sweepInputs(open: ReadonlySet<AttemptId>): Promise<void>;
  /** Removes output last written before `before` (epoch ms), whoever wrote it, but for attempts in `open`. */
  sweepOutputs(before: number, open: ReadonlySet<AttemptId>): Promise<void>;
  /** Bytes of the file now; 0 when it does not exist. */
  size(path: string): Promise<number>;
  /** At most `limit` bytes from `from`. */
  read(path: string, from: number, limit: number): Promise<Uint8Array>;
  /** Overwrites these places of the file; what lies behind them stays. */
  cover(path: string, covers: readonly Cover[]): Promise<void>;
  /** A file below `folder` whose name ends so and that can be read; null: there is none. */
  findBelow(folder: string, endsWith: string): Promise<string | null>;
  /** Text of a file that `key` of agents.toml names; throws OperationalError when it cannot be read. */
  readText(path: string, key: string): Promise<string>;
  /** Another text once one of `paths` is another file, or comes or goes; never throws. */
  filesPrint(paths: readonly string[]): Promise<string>;
  /** Another text once one of the `texts`, the commit in the folder or an entry of the folder itself is another one; never throws. */
  inputsPrint(texts: readonly string[], folder: string): Promise<string>;
  /** Makes the folder of a project's workspaces, which belongs to `user` alone. Throws OperationalError `workspace`. */
  makeHome(path: string, user: string | null): Promise<void>;
}
