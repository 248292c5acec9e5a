// Says of each reason whose limit it is: the tenant's, the machine's, or no limit at all; one type for verdicts, CLI and socket.

import type { Reason, ReasonCode } from '../admission/reasons.ts';

/** Whose limit was reached: a project's own share, what the whole factory has, or something that is no limit. */
export type RejectionKind = 'tenant_limit' | 'capacity_limit' | 'other';

interface Compared {
  readonly code: ReasonCode;
  /** What was compared, by name. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Epoch ms from which asking again may help; null where nobody knows. */
  readonly retryAt: number | null;
}

/** Why a request was not taken, or not yet. A limit may go without a sentence: its code and numbers say it. */
export type RejectionReason =
  | (Compared & { readonly kind: 'tenant_limit' | 'capacity_limit'; readonly sentence?: string })
  | (Compared & { readonly kind: 'other'; readonly sentence: string });

/** Every code has a kind: a new code does not compile before somebody has said whose limit it is. */
const KINDS: Readonly<Record<ReasonCode, RejectionKind>> = {
  'slots.project': 'tenant_limit',
  queue_full: 'tenant_limit',
  'slots.factory': 'capacity_limit',
  'memory.promised': 'capacity_limit',
  'memory.pressure': 'capacity_limit',
  'cpu.pressure': 'capacity_limit',
  'disk.floor': 'capacity_limit',
  'inodes.floor': 'capacity_limit',
  storage: 'capacity_limit',
  deaths: 'other',
  'enforcement.unavailable': 'capacity_limit',
  'enforcement.lost': 'capacity_limit',
  'sandbox.unavailable': 'capacity_limit',
  'agent.disabled': 'other',
  'agent.removed': 'other',
  'project.disabled': 'other',
  'project.paused': 'other',
  'factory.paused': 'other',
  'breaker.open': 'other',
  'breaker.isolated': 'other',
  'breaker.probing': 'other',
  'overlap.skip': 'other',
  'overlap.queue': 'other',
  'precheck.nothing_to_do': 'other',
  no_effect: 'other',
  duplicate: 'other',
  'duplicate.clock_step': 'other',
  late: 'other',
  superseded: 'other',
  queue_timeout: 'other',
  draining: 'other',
  quarantine: 'other',
  'budget.spent': 'tenant_limit',
  'budget.reserved': 'tenant_limit',
  'provider.held': 'other',
  'provider.probing': 'other',
  'missed.down': 'other',
  'missed.clock_step': 'other',
  'missed.cap': 'other',
};

/** A project has used up its share, for example `tenantLimit('max concurrent runs')`. */
export function tenantLimit(sentence?: string): RejectionReason {
  return { kind: 'tenant_limit', code: 'slots.project', ...described(sentence), numbers: {}, retryAt: null };
}

/** The factory has no room, whoever asks. */
export function capacityLimit(sentence?: string): RejectionReason {
  return { kind: 'capacity_limit', code: 'slots.factory', ...described(sentence), numbers: {}, retryAt: null };
}

/** `reason` as everybody outside sees it. */
export function rejectionOf(reason: Reason): RejectionReason {
  return {
    kind: KINDS[reason.code],
    code: reason.code,
    sentence: reason.text,
    numbers: reason.numbers,
    retryAt: reason.retryAt ?? null,
  };
}

function described(sentence: string | undefined): { readonly sentence?: string } {
  return sentence === undefined ? {} : { sentence };
}
