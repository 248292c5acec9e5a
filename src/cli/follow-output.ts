// Reads a run's output from its beginning, and on while it grows, also across a restart of the daemon.

import { printable } from '../core/react/untrusted-text.ts';
import type { Client } from '../http/client/client.ts';
import type { LogChunk } from '../http/contract.ts';
import { OperationalError } from '../lib/operational-error.ts';
import type { Session } from './session.ts';

/** How often a quiet run is looked at. */
const POLL_MS = 250;

/** How often, and how many times, a daemon that went away is asked for: it is restarted, or it is gone. */
const RETURN_MS = 1000;
const MAX_RETURNS = 60;

/** Which output. `follow`: until nothing can come any more. */
export interface OutputWish {
  readonly run: string;
  readonly stream: 'out' | 'err';
  readonly follow: boolean;
  readonly print: (chunk: LogChunk) => Promise<void>;
}

/** Prints until the output's end, its end for now without `follow`, or the end of the command. */
export async function followOutput(session: Session, client: Client, wish: OutputWish): Promise<void> {
  let from = 0;
  let attempt: string | null = null;
  while (!session.ending.aborted) {
    const chunk = await readChunk(session, client, { ...wish, from, patient: from > 0 && wish.follow });
    if (chunk === null) {
      return;
    }
    if (attempt !== null && chunk.attempt !== null && chunk.attempt !== attempt) {
      session.note(`– attempt ${chunk.attempt} –`);
    }
    attempt = chunk.attempt ?? attempt;
    if (chunk.text !== '') {
      await wish.print(chunk);
    }
    const stands = chunk.next === from;
    from = chunk.next;
    if (stands && (chunk.ended || !wish.follow)) {
      return;
    }
    if (stands) {
      await session.wait(POLL_MS);
    }
  }
}

/** Prints chunks to the result: a terminal must not be steered by what an agent prints; a file or a program gets it all. */
export function outputPrinter(session: Session): OutputWish['print'] {
  return ({ text }) => session.write(session.isTerminal ? printable(text) : text);
}

/** One chunk, or null when the command is to end. A patient reader outlives a restart of the daemon. */
async function readChunk(
  session: Session,
  client: Client,
  wish: OutputWish & { readonly from: number; readonly patient: boolean },
): Promise<LogChunk | null> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await client.logs(wish.run, wish.from, wish.stream);
    } catch (error) {
      if (session.ending.aborted) {
        return null;
      }
      if (!wish.patient || tries === MAX_RETURNS || !isAway(error)) {
        throw error;
      }
      if (tries === 0) {
        session.note('the daemon went away; the run goes on without it, waiting for its return (Ctrl-C ends this)');
      }
    }
    await session.wait(RETURN_MS);
  }
}

function isAway(error: unknown): boolean {
  return error instanceof OperationalError && (error.code === 'daemon_unreachable' || error.code === 'reply_lost');
}
