// Says why a call to Gitea failed: whether trying again can help, whether a write may have happened, and what to do.

import { OperationalError } from '../../lib/operational-error.ts';
import type { TrackerFailure } from '../../ports/tracker.ts';

/** A write whose answer is missing may still be under way (measured: up to 6 s on a busy server). */
export const WRITE_SETTLE_MS = 10_000;
/** A longer Retry-After is taken for a mistake and cut. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
/** Characters of a server's own words that are passed on. */
const MAX_QUOTE = 300;

/** What was attempted, for the message. */
export interface Attempt {
  /** Continues "could not": `open an issue`. */
  readonly what: string;
  /** `owner/repository`; null where no repository is concerned. */
  readonly repository: string | null;
  readonly writes: boolean;
}

/** A failed call; `code` is `gitea.<status>` or `gitea.<why>`. Its message is redacted by who throws it. */
export class GiteaFailure extends OperationalError {
  readonly status: number | null;
  readonly permanent: boolean;
  readonly effect: TrackerFailure['effect'];
  readonly retryAt: number | null;

  constructor(
    message: string,
    why: {
      readonly code: string;
      readonly status?: number;
      readonly permanent: boolean;
      readonly effect: TrackerFailure['effect'];
      readonly retryAt?: number | null;
      readonly cause?: unknown;
    },
  ) {
    super(`gitea.${why.code}`, message, why.cause);
    this.status = why.status ?? null;
    this.permanent = why.permanent;
    this.effect = why.effect;
    this.retryAt = why.retryAt ?? null;
  }

  /** As the port's value. */
  toReply(): TrackerFailure {
    const { permanent, effect, status, message, retryAt } = this;
    return { kind: 'failed', permanent, effect, status, message, retryAt };
  }
}

/** An answer that was no success, as a failure. `quote` is the server's own message. */
export function refused(
  attempt: Attempt,
  response: Response,
  context: { readonly quote: string; readonly now: number },
): GiteaFailure {
  const { status } = response;
  const permanent = status < 500 && ![408, 409, 425, 429].includes(status);
  const effect = attempt.writes && status >= 500 ? 'unknown' : 'none';
  const settled = effect === 'unknown' ? context.now + WRITE_SETTLE_MS : null;
  const asked = retryAfter(response.headers.get('retry-after'), context.now);
  const said = context.quote === '' ? `HTTP ${status}` : `HTTP ${status}: ${quoted(context.quote)}`;
  return new GiteaFailure(`could not ${attempt.what}${inRepository(attempt)} (${said}); ${advice(attempt, response)}`, {
    code: String(status),
    status,
    permanent,
    effect,
    retryAt: settled === null || asked === null ? (settled ?? asked) : Math.max(settled, asked),
  });
}

/** A connection that could not be made, broke or was too slow, as a failure. */
export function disconnected(attempt: Attempt, thrown: unknown, now: number): GiteaFailure {
  const code = causeCode(thrown);
  const effect = attempt.writes && !NEVER_CONNECTED.has(code) ? 'unknown' : 'none';
  return new GiteaFailure(`could not ${attempt.what}${inRepository(attempt)}: no answer (${code}); it is tried again`, {
    code: 'no_answer',
    permanent: false,
    effect,
    retryAt: effect === 'unknown' ? now + WRITE_SETTLE_MS : null,
    cause: thrown,
  });
}

/** A success whose content cannot be used, as a failure: the write was probably done, its own check will tell. */
export function unusable(
  attempt: Attempt,
  status: number,
  context: { readonly why: string; readonly now: number },
): GiteaFailure {
  return new GiteaFailure(
    `could not ${attempt.what}${inRepository(attempt)}: HTTP ${status}, but ${quoted(context.why)}; is there a proxy in between?`,
    {
      code: 'unusable',
      status,
      permanent: false,
      effect: attempt.writes ? 'unknown' : 'none',
      retryAt: attempt.writes ? context.now + WRITE_SETTLE_MS : null,
    },
  );
}

const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function advice(attempt: Attempt, response: Response): string {
  const { status } = response;
  if (status >= 300 && status < 400) {
    return movedAdvice(attempt, response.headers.get('location'));
  }
  switch (status) {
    case 401:
      return 'the token is not accepted: create one with the scope write:issue and write it to the token file';
    case 403:
      return "give the token's account write access to the repository, and the token the scope its message names";
    case 404:
      return "it does not exist or the token's account cannot see it: check owner and repository, and whether issues are switched on";
    case 409:
      return 'somebody else changed it at the same time; it is tried again';
    case 413:
      return 'it is too large for this server or a proxy before it';
    case 423:
      return 'the repository is archived: unarchive it or name another one';
    case 429:
      return 'the server asks for patience; it is tried again';
    default:
      return status >= 500 ? 'it is tried again' : 'the server will not take it as it is: see its message';
  }
}

/** Gitea answers 301 for a renamed repository; following it would turn a create into a list. */
function movedAdvice(attempt: Attempt, location: string | null): string {
  const [, owner, name] = /\/api\/v1\/repos\/([^/?#]+)\/([^/?#]+)/.exec(location ?? '') ?? [];
  if (owner === undefined || name === undefined) {
    return `the address moved${location === null ? '' : ` to ${quoted(location)}`}: set it in [gitea] url`;
  }
  return `${attempt.repository ?? 'the repository'} is now ${quoted(`${owner}/${name}`)}: set owner = ${tomlText(owner)} and repository = ${tomlText(name)}`;
}

function tomlText(text: string): string {
  return JSON.stringify(quoted(text));
}

/** Seconds or an HTTP date, as epoch ms. */
function retryAfter(header: string | null, now: number): number | null {
  if (header === null) {
    return null;
  }
  const waitMs = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(waitMs) ? now + Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS) : null;
}

function inRepository(attempt: Attempt): string {
  return attempt.repository === null ? '' : ` in ${attempt.repository}`;
}

/** Foreign words on one line, without controls, of bounded length. */
function quoted(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE)}…` : line;
}

/** The system's code for a broken connection; `fetch` hides it one or two causes deep. */
function causeCode(thrown: unknown): string {
  let current = thrown;
  for (let depth = 0; depth < 4 && current instanceof Error; depth += 1) {
    if (current.name === 'TimeoutError') {
      return 'timed out';
    }
    if ('code' in current && typeof current.code === 'string') {
      return current.code;
    }
    current = current.cause;
  }
  return 'connection broken';
}
