// Finds out whether an attempt that ended did so before its program began, by what only its wrapper could say.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { proofOfEnd, wordOfSignal, type GaveUp } from '../../os/start-wrapper.ts';
import type { StartSpec } from '../../ports/execution-host.ts';
import type { ExitRecord } from './record-script.ts';

/** The wrapper's word is the last line, or nearly: a shell may add why a program could not be executed. */
const LAST_BYTES = 4096;

/** Why the program of an attempt whose wrapper was given `proof` never ran; null: it may have. */
export function provedBy(
  exit: ExitRecord | null,
  proof: string,
  outputs: Pick<StartSpec, 'outPath' | 'errPath'> | null,
): GaveUp | null {
  const signal = exit?.signal ?? null;
  // Nobody writes so by chance: nearly all ends are known by their signal not to be proofs, and no file is read.
  return signal === null || wordOfSignal(signal) === null || outputs === null
    ? null
    : proofOfEnd(signal, endOf(outputs.errPath ?? outputs.outPath), proof);
}

function endOf(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // What cannot be read proves nothing.
    return '';
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, LAST_BYTES));
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8', 0, read);
  } finally {
    closeSync(file);
  }
}
