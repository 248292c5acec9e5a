// What a gate is, and what the gates together answer.

import type { Run } from '../run/run.ts';
import type { Reason } from './reasons.ts';
import type { Snapshot } from './snapshot.ts';

/** One gate's answer: nothing against it, or an objection that ends (`refuse`) or keeps (`defer`) the request. */
export type Objection = { readonly kind: 'refuse' | 'defer'; readonly reason: Reason } | null;

/** A pure gate. */
export type Gate = (request: Run, snapshot: Snapshot) => readonly Objection[];

/** The answer to one request. `until`: epoch ms from which asking again may help, null when a wake will come. */
export type Verdict =
  | { readonly kind: 'admit' }
  | { readonly kind: 'defer'; readonly reasons: readonly Reason[]; readonly until: number | null }
  | { readonly kind: 'refuse'; readonly reasons: readonly Reason[] };
