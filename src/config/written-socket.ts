// Finds the control socket that a broken agents.toml still names: whoever asks the daemon then needs its answer most.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A header, and what it opens; `[[agents]]` opens something else than `[factory]`. */
const HEADER = /^[ \t]*\[+([^\]]*)\]/;
/** `state_dir = "/var/lib/adf"`, as people write it. */
const PAIR = /^[ \t]*(?:factory\.)?(state_dir|socket)[ \t]*=[ \t]*(?:"([^"\\]*)"|'([^']*)')[ \t]*(?:#.*)?$/;

/** What can be read of a file's text, line by line. */
interface Written {
  readonly stateDir: string | null;
  readonly socket: string | null;
}

/**
 * The path that [factory] of the file at `path` seems to mean, as far as plain lines say so; null: it cannot be told. Nothing
 * is decided by it but whom to ask, and who answers there says what is in force.
 */
export function writtenSocket(path: string): string | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  const folder = dirname(path);
  const { stateDir, socket } = linesOf(text);
  if (stateDir?.includes('${') === true || socket?.includes('${') === true) {
    return null;
  }
  return socket === null ? resolve(folder, stateDir ?? '.adf', 'adf.sock') : resolve(folder, socket);
}

function linesOf(text: string): Written {
  let inFactory = true;
  let written: Written = { stateDir: null, socket: null };
  for (const line of text.split('\n')) {
    const header = HEADER.exec(line);
    const pair = PAIR.exec(line.trimEnd());
    if (header !== null) {
      inFactory = header[1]?.trim() === 'factory';
    } else if (inFactory && pair !== null) {
      const value = pair[2] ?? pair[3] ?? '';
      written = pair[1] === 'socket' ? { ...written, socket: value } : { ...written, stateDir: value };
    }
  }
  return written;
}
