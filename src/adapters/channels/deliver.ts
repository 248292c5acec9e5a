// Delivers one notice by a POST, and says whether trying again makes sense.

import { OperationalError } from '../../lib/operational-error.ts';
import type { ChannelReply } from '../../ports/channel.ts';
import type { Post } from '../post.ts';
import { isTransient, post, retryAfter } from '../post.ts';

/** Shorter than the 5 s within which the daemon ends: a delivery under way is waited for. */
const TIMEOUT_MS = 4000;
const MAX_ANSWER_BYTES = 4096;

/** Posts what `draft` makes; it may reject with what a person has to put right (a missing file). `now`: epoch ms. */
export async function deliver(
  draft: () => Promise<Pick<Post, 'url' | 'headers' | 'body'>>,
  now: () => number,
): Promise<ChannelReply> {
  let wish: Pick<Post, 'url' | 'headers' | 'body'>;
  try {
    wish = await draft();
  } catch (error) {
    if (error instanceof OperationalError) {
      return { kind: 'failed', permanent: true, message: error.message, retryAt: null };
    }
    throw error;
  }
  const posted = await post({ ...wish, timeoutMs: TIMEOUT_MS, maxAnswerBytes: MAX_ANSWER_BYTES });
  if (posted.kind === 'lost') {
    return { kind: 'failed', permanent: false, message: `not delivered: ${posted.why}`, retryAt: null };
  }
  const { status, headers } = posted;
  if (status >= 200 && status < 300) {
    return { kind: 'done', note: String(status) };
  }
  // What it says beside its status stays there: it is not ours to trust or to show.
  const hint = status >= 300 && status < 400 ? ', a redirect, which is not followed: name the final address' : '';
  return {
    kind: 'failed',
    permanent: !isTransient(status),
    message: `not delivered: it answered ${status}${hint}`,
    retryAt: retryAfter(headers, now()),
  };
}
