// Asks again once when a reply was lost: the same key makes it the same request, so nothing happens twice.

import { OperationalError } from '../lib/operational-error.ts';
import type { Session } from './session.ts';

/** What a daemon that is being restarted is given before it is asked again. */
const PAUSE_MS = 1000;

/** `ask(key)`, and once more with the same key if its reply was lost. */
export async function askTwice<Reply>(
  session: Session,
  key: string,
  ask: (key: string) => Promise<Reply>,
): Promise<Reply> {
  try {
    return await ask(key);
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'reply_lost') {
      throw error;
    }
  }
  session.note('the reply was lost; asking again with the same key');
  await session.wait(PAUSE_MS);
  try {
    return await ask(key);
  } catch (error) {
    if (error instanceof OperationalError && (error.code === 'reply_lost' || error.code === 'daemon_unreachable')) {
      const message = `${error.message}; whether it was taken is not known: repeat it with --key ${key}, it will not happen twice`;
      throw new OperationalError(error.code, message, error);
    }
    throw error;
  }
}
