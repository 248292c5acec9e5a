// What attempts used and what that costs by the list; unknown is not zero, so each sum says how much is missing from it.

import type { AgentKey, AttemptId, ProjectId, RunId } from '../ids.ts';
import type { RunUsage } from '../run/run.ts';
import { leastPrice } from './list-price.ts';
import type { ModelPrice } from './prices.ts';
import { addKnown, known } from './tokens.ts';
import type { TokenCounts } from './tokens.ts';

/** Where a price comes from: the CLI printed it, or our list gave it. */
export type PriceSource = 'printed' | 'listed';

/** Whether list prices are billed, or a plan with a fixed price covers them: then nobody pays more for more. */
export type Billing = 'billed' | 'subscription';

/** One ended attempt. */
export interface SpendRow {
  readonly attempt: AttemptId;
  readonly run: RunId;
  readonly agent: AgentKey;
  readonly project: ProjectId | null;
  /** The account that it was charged to. */
  readonly provider: string | null;
  readonly model: string | null;
  /** Epoch ms of its end. */
  readonly at: number;
  readonly busyMs: number;
  /** Null: nothing is known of its tokens. */
  readonly usage: TokenCounts | null;
  /** List price in millionths of a dollar; null: unknown. */
  readonly listMicroUsd: number | null;
  readonly price: PriceSource | null;
  /** Null: not known. */
  readonly billing: Billing | null;
  /** A meter counted the tokens: requests that it saw, and those of which it does not know all. Null: the CLI told them. */
  readonly metered: { readonly requests: number; readonly uncounted: number } | null;
}

/** Whose spend: everything (`fleet`), or that of one agent, project or provider. */
export type SpendScope =
  | { readonly kind: 'fleet' }
  | { readonly kind: 'agent' | 'project' | 'provider'; readonly name: string };

/** A sum over attempts. */
export interface Spend {
  readonly runs: number;
  readonly busyMs: number;
  readonly tokens: number;
  /** List price. */
  readonly microUsd: number;
  /** The part of it that subscriptions cover. */
  readonly subscriptionMicroUsd: number;
  /** Runs in which some attempt has no price, or no tokens at all: the sums above are without them. */
  readonly unpricedRuns: number;
  readonly uncountedRuns: number;
}

/** What a run used, model by model where that is known. */
export interface Used {
  readonly usage: TokenCounts | null;
  readonly byModel: readonly { readonly model: string; readonly usage: TokenCounts }[];
  readonly model: string | null;
  readonly printedMicroUsd: number | null;
}

/**
 * The list price of `used`. What the CLI printed is believed unless it says that tokens cost nothing, as some do of a
 * subscription: then, and where it printed none, the operator's prices (`own`) and then our list are asked for each model;
 * one unknown model makes it unknown. Of an answer that was cut it is the price of what is known.
 */
export function priceOf(used: Used, own: readonly ModelPrice[] = []): Pick<SpendRow, 'listMicroUsd' | 'price'> {
  const { usage, printedMicroUsd } = used;
  const usedTokens = usage !== null && Object.values(usage).some((count) => count !== null && count > 0);
  if (printedMicroUsd !== null && (printedMicroUsd > 0 || !usedTokens)) {
    return { listMicroUsd: printedMicroUsd, price: 'printed' };
  }
  const models = used.byModel.length > 0 ? used.byModel : usage === null ? [] : [{ model: used.model, usage }];
  const prices = models.map(({ model, usage: part }) => (model === null ? null : leastPrice(model, part, own)));
  const sum = prices.reduce<number | null>((all, price) => (all === null || price === null ? null : all + price), 0);
  return prices.length === 0 || sum === null
    ? { listMicroUsd: null, price: null }
    : { listMicroUsd: sum, price: 'listed' };
}

/** All attempts of one run as its row tells them; null: nothing is known of any. `partial`: of some nothing is known. */
export function runUsage(rows: readonly SpendRow[]): RunUsage | null {
  const [first, ...rest] = rows.map(({ usage }) => usage).filter((usage) => usage !== null);
  if (first === undefined) {
    return null;
  }
  const costMicroUsd = rows.reduce<number | null>((sum, row) => known(sum, row.listMicroUsd), null);
  const priced = rows.filter((row) => row.price !== null);
  const isCut = rows.some(({ metered, usage }) => (metered?.uncounted ?? 0) > 0 || isHalfKnown(usage));
  const partial = isCut || (rows.some((row) => row.usage === null || row.listMicroUsd === null) && rows.length > 1);
  const billing = rows.every((row) => row.billing === rows[0]?.billing) ? (rows[0]?.billing ?? null) : null;
  const requests = rows.reduce<number | null>((sum, row) => known(sum, row.metered?.requests ?? null), null);
  return {
    ...rest.reduce(addKnown, first),
    costMicroUsd,
    ...(priced.length > 0 && priced.every((row) => row.price === 'listed') ? { price: 'listed' as const } : {}),
    ...(partial ? { partial: true } : {}),
    ...(billing === null ? {} : { billing }),
    ...(requests === null ? {} : { metered: requests }),
  };
}

/** What was told of an answer before it was cut. */
function isHalfKnown(usage: TokenCounts | null): boolean {
  return usage !== null && (usage.input === null) !== (usage.output === null);
}
