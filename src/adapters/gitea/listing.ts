// Reads a list to its end, whatever page size the server really uses.

import type { HttpResponse } from 'gitea-js';
import type { z } from 'zod';
import { listOf } from './answers.ts';
import type { GiteaClient, GiteaConnection } from './connection.ts';
import { GiteaFailure, unusable, type Attempt } from './failure.ts';

/** Gitea's own cap; asking for more gives 50 and a `Link` header that does not say so. */
const PAGE_SIZE = 50;
/** 20,000 items; a repository with more changes within an incident is not one for escalations. */
const MAX_PAGES = 400;

/** One page of a list. */
export interface Page {
  readonly page: number;
  readonly limit: number;
}

/**
 * Every item that `keep` wants, once each by `key`; the others are let go at once, so that a repository full of long
 * issues does not have to fit into memory. The end is an empty page, a page without anything new (a server that ignores `page`),
 * or as many items as X-Total-Count says: never a short page, because a server may page shorter than it was asked to.
 * A list that ends before its announced total is a failure: on half a list an issue would be opened twice.
 */
export async function listAll<Item>(
  connection: GiteaConnection,
  attempt: Attempt,
  list: {
    readonly ask: (client: GiteaClient, page: Page) => Promise<HttpResponse<unknown>>;
    readonly item: z.ZodType<Item>;
    readonly key: (item: Item) => number;
    readonly keep: (item: Item) => boolean;
    /** The timeline counts its page, not its list (measured). */
    readonly totalIsTrue: boolean;
  },
): Promise<readonly Item[]> {
  const kept: Item[] = [];
  const seen = new Set<number>();
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const seenBefore = seen.size;
    const answer = await connection.call(
      attempt,
      (client) => list.ask(client, { page, limit: PAGE_SIZE }),
      listOf(list.item),
    );
    const fresh = answer.value.filter((item) => !seen.has(list.key(item)));
    fresh.forEach((item) => seen.add(list.key(item)));
    kept.push(...fresh.filter(list.keep));
    const total = list.totalIsTrue ? answer.total : null;
    if (total !== null && seen.size >= total) {
      return kept;
    }
    if (seen.size === seenBefore) {
      if (total !== null) {
        throw unusable(attempt, 200, { why: `the list ended after ${seen.size} of ${total}`, now: connection.now() });
      }
      return kept;
    }
  }
  throw new GiteaFailure(`could not ${attempt.what}: the list has more than ${MAX_PAGES} pages`, {
    code: 'list_too_long',
    permanent: true,
    effect: 'none',
  });
}
