// What a reader of a run's output is given at a time.

/**
 * Output from `from` on, at most 64 KiB, cut at a character; read again from `next`. Offsets count bytes over the outputs of the
 * run's main attempts, one after the other, and a chunk holds the text of one of them: so a follower never loses a retry.
 * `ended`: nothing will come any more.
 */
export interface LogChunk {
  readonly text: string;
  readonly next: number;
  readonly ended: boolean;
  readonly attempt: string | null;
}
