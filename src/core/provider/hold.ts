// Decides how long an account of a model provider is held, and when one run may try whether it works again.
//
//            failure of the account                     its time has come: one canary, and nobody else
//   free ─────────────────────────► held(until) ───────────────────────────────► probing(canary)
//    ▲                                  ▲                                              │
//    │                                  └────────── the same failure, or no proof ─────┤
//    └────────────────────────────── the provider answered ───────────────────────────┘

import { OperationalError } from '../../lib/operational-error.ts';
import type { FailureClass } from '../run/outcome.ts';

/** Failures of an account: whoever uses it would meet the same. */
export type AccountFailure = Extract<FailureClass, 'auth' | 'billing' | 'quota' | 'rate'>;

/** First and longest wait before an account is tried whose reset nobody announced. */
const FIRST_PROBE_MS = 300_000;
const LONGEST_PROBE_MS = 3_600_000;
/** A rate limit without a time is short. */
const FIRST_RATE_MS = 10_000;
/** Accounts with the same reset are not all tried in the same second. */
const JITTER_MS = 30_000;
/** Longest announced reset that is believed: providers have windows of a week and a month. */
const LONGEST_RESET_MS = 32 * 86_400_000;

/** One held account, as stored (plain JSON). Instants are epoch ms. */
export interface Hold {
  readonly version: 1;
  readonly class: AccountFailure;
  /** What proves it, in our words. */
  readonly evidence: string;
  readonly since: number;
  /** From here on one run may try. */
  readonly until: number;
  /** The provider named the time; else we try again and again, later each time. */
  readonly announced: boolean;
  /** Tries that met the same failure. */
  readonly probes: number;
  /** The run that tries now. */
  readonly canary: string | null;
  /** How the files of its login looked; absent: nobody has looked yet. */
  readonly credential?: string;
}

/** What an attempt proved about its account. */
export interface AccountEvidence {
  readonly class: AccountFailure;
  readonly evidence: string;
  /** Epoch ms, as the provider named it. */
  readonly resetAt: number | null;
  readonly retryAfterMs: number | null;
}

/** What the wait depends on beside the evidence. */
export interface HoldContext {
  readonly now: number;
  /** In [0, 1). */
  readonly chance: number;
  /** Added to announced resets: clocks differ, and windows open late. */
  readonly skewMs: number;
}

/** An account after `failure`. Runs that were under way already meet the same wall: they never shorten a hold. */
export function holdAfter(
  before: Hold | null,
  failure: AccountEvidence & { readonly run: string },
  context: HoldContext,
): Hold {
  const { now } = context;
  const wasCanary = before !== null && before.canary === failure.run;
  if (before !== null && !wasCanary && before.canary !== null) {
    return before;
  }
  const probes = before === null ? 0 : before.probes + (wasCanary ? 1 : 0);
  const end = endOf(failure, probes, context);
  const later = before !== null && !wasCanary && before.until > end.until ? before : null;
  return {
    version: 1,
    class: later?.class ?? failure.class,
    evidence: later?.evidence ?? failure.evidence,
    since: before?.since ?? now,
    until: later?.until ?? end.until,
    announced: later?.announced ?? end.announced,
    probes,
    canary: null,
    ...(before?.credential === undefined ? {} : { credential: before.credential }),
  };
}

/** What `run` may do: `go` (the account is free), `probe` (it is the canary), or wait until then (null: for the canary). */
export type HoldAnswer = { readonly kind: 'go' | 'probe' } | { readonly kind: 'wait'; readonly until: number | null };

/** May `run` start under `hold` at `now`? */
export function mayStart(hold: Hold | null, run: string, now: number): HoldAnswer {
  if (hold === null) {
    return { kind: 'go' };
  }
  if (hold.canary !== null) {
    return hold.canary === run ? { kind: 'probe' } : { kind: 'wait', until: null };
  }
  return now < hold.until ? { kind: 'wait', until: hold.until } : { kind: 'probe' };
}

/** `run` tries whether the account works again. */
export function withCanary(hold: Hold, run: string): Hold {
  return { ...hold, canary: run };
}

/** The files of its login look like this at `now`: once they are other ones, whoever asks next may try at once. */
export function withCredential(hold: Hold, credential: string, now: number): Hold {
  const isOther = hold.credential !== undefined && hold.credential !== credential;
  return { ...hold, credential, until: isOther ? Math.min(hold.until, now) : hold.until };
}

/** The canary `run` ended without proof for or against the account: somebody else may try, `waitMs` from now at the earliest. */
export function withoutProof(hold: Hold, run: string, at: { readonly now: number; readonly waitMs: number }): Hold {
  return hold.canary === run ? { ...hold, canary: null, until: Math.max(hold.until, at.now + at.waitMs) } : hold;
}

/** The hold in `stored` (a JSON value; null: none). Throws OperationalError `hold.unreadable` for a newer version's. */
export function readHold(stored: unknown): Hold | null {
  if (stored === null || stored === undefined) {
    return null;
  }
  if (typeof stored === 'object' && 'version' in stored && stored.version === 1) {
    return stored as Hold;
  }
  throw new OperationalError(
    'hold.unreadable',
    'the ledger holds the hold of an account that this version cannot read: start the version that wrote it',
  );
}

/** Example: a reset at 12:00, skew 60 s, chance 0.5: 12:01:15. Third probe without one: 5 min × 2² = 20 min. */
function endOf(
  failure: AccountEvidence,
  probes: number,
  { now, chance, skewMs }: HoldContext,
): Pick<Hold, 'until' | 'announced'> {
  const jitter = Math.round(chance * JITTER_MS);
  const asked = failure.resetAt ?? (failure.retryAfterMs === null ? null : now + failure.retryAfterMs);
  if (asked !== null && asked > now) {
    // A few seconds of retry-after need no skew of a minute.
    const skew = failure.resetAt === null ? 0 : skewMs;
    const spread =
      failure.resetAt === null ? Math.round(chance * Math.min(JITTER_MS, (failure.retryAfterMs ?? 0) / 4)) : jitter;
    return { until: Math.min(asked, now + LONGEST_RESET_MS) + skew + spread, announced: true };
  }
  const first = failure.class === 'rate' ? FIRST_RATE_MS : FIRST_PROBE_MS;
  const waitMs = Math.min(LONGEST_PROBE_MS, first * 2 ** Math.min(probes, 20));
  return { until: now + waitMs + Math.round(chance * Math.min(JITTER_MS, waitMs / 4)), announced: false };
}
