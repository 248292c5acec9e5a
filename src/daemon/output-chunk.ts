// Reads the output of a run's attempts as one text, piece by piece: across retries, around holes, at whole characters.

import type { Attempt } from '../core/run/run.ts';
import type { LogChunk } from '../ports/log-chunk.ts';
import type { RunFiles } from '../ports/run-files.ts';

/** Most bytes of one piece. */
const CHUNK_BYTES = 64 * 1024;

/** Most pieces of a hole that are passed over in one answer (16 MiB). */
const MAX_SKIPPED = 256;

/** The output cap frees whole blocks of a file; they read as zeros. Fewer zeros are what a program wrote. */
const HOLE_BYTES = 4096;

const HOLE_MARK = '\n… output cut here …\n';

/** The output of one attempt; `size` is its length now. */
interface Part {
  readonly attempt: string;
  readonly path: string | null;
  readonly size: number;
  /** Where it begins when all parts are laid one after the other. */
  readonly start: number;
  /** Nothing more will be written to it. */
  readonly over: boolean;
}

/** What is read, from where on. */
export interface OutputWish {
  readonly attempts: readonly Attempt[];
  /** The run has ended. */
  readonly ended: boolean;
  readonly from: number;
  readonly stream: 'out' | 'err';
}

/** The piece at `from`, and where the next one begins; see LogChunk. */
export async function outputChunk(files: Pick<RunFiles, 'size' | 'read'>, wish: OutputWish): Promise<LogChunk> {
  const { from, ended } = wish;
  const parts = await partsOf(files, wish);
  const part = parts.find((one) => from < one.start + one.size) ?? parts.at(-1);
  if (part === undefined) {
    return { text: '', next: from, ended, attempt: null };
  }
  const { text, bytes } = part.path === null ? { text: '', bytes: 0 } : await readPart(files, part, from - part.start);
  const next = from + bytes;
  const last = parts.at(-1) ?? part;
  return { text, next, ended: ended && next >= last.start + last.size, attempt: part.attempt };
}

/** A pre-check's output counts only where nothing else came of the run. */
async function partsOf(files: Pick<RunFiles, 'size'>, wish: OutputWish): Promise<readonly Part[]> {
  const mains = wish.attempts.filter((attempt) => attempt.purpose === 'main');
  const shown = mains.length === 0 && wish.ended ? wish.attempts : mains;
  const parts: Part[] = [];
  let start = 0;
  for (const attempt of shown) {
    const path = wish.stream === 'out' ? attempt.outPath : attempt.errPath;
    const size = path === null ? 0 : await files.size(path);
    parts.push({ attempt: attempt.id, path, size, start, over: attempt.state === 'ended' });
    start += size;
  }
  return parts;
}

async function readPart(
  files: Pick<RunFiles, 'read'>,
  part: Part,
  offset: number,
): Promise<{ readonly text: string; readonly bytes: number }> {
  let skipped = 0;
  for (let piece = 0; piece < MAX_SKIPPED; piece += 1) {
    const bytes = await files.read(part.path ?? '', offset + skipped, CHUNK_BYTES);
    const solid = bytes.findIndex((byte) => byte !== 0);
    if (solid === -1) {
      skipped += bytes.length;
      if (bytes.length < CHUNK_BYTES) {
        break;
      }
      continue;
    }
    const data = upToHole(bytes.subarray(solid));
    const isAtEnd = part.over && offset + skipped + solid + data.length >= part.size;
    const whole = isAtEnd ? data : data.subarray(0, wholeCharacters(data));
    const mark = skipped + solid >= HOLE_BYTES ? HOLE_MARK : '';
    const text = mark + new TextDecoder().decode(whole).replaceAll('\0', '');
    return whole.length === 0 ? { text: '', bytes: skipped } : { text, bytes: skipped + solid + whole.length };
  }
  return { text: '', bytes: skipped };
}

/** `bytes` before the zeros that may be the beginning of a hole: what they are is seen when they are read themselves. */
function upToHole(bytes: Uint8Array): Uint8Array {
  let zeros = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    zeros = bytes[at] === 0 ? zeros + 1 : 0;
    if (zeros >= HOLE_BYTES) {
      return bytes.subarray(0, at + 1 - zeros);
    }
  }
  return bytes.subarray(0, bytes.length - zeros);
}

/** Length of `bytes` without the beginning of a character whose end was not written or read yet. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) {
      const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return wanted > back ? bytes.length - back : bytes.length;
    }
    if (byte < 0x80) {
      break;
    }
  }
  return bytes.length;
}
