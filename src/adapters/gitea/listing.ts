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
 * Every item, once each by `key`. The end is an empty page, a page without anything new (a server that ignores `page`),
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
    /** The timeline counts its page, not its list (measured). */
    readonly totalIsTrue: boolean;
  },
): Promise<readonly Item[]> {
  const items = new Map<number, Item>();
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const known = items.size;
    const answer = await connection.call(
      attempt,
      (client) => list.ask(client, { page, limit: PAGE_SIZE }),
      listOf(list.item),
    );
    for (const item of answer.value) {
      items.set(list.key(item), item);
    }
    const total = list.totalIsTrue ? answer.total : null;
    if (total !== null && items.size >= total) {
      return [...items.values()];
    }
    if (items.size === known) {
      if (total !== null) {
        const why = `the list ended after ${items.size} of ${total}`;
        throw unusable(attempt, 200, { why, now: connection.now() });
      }
      return [...items.values()];
    }
  }
  throw new GiteaFailure(`could not ${attempt.what}: the list has more than ${MAX_PAGES} pages`, {
    code: 'list_too_long',
    permanent: true,
    effect: 'none',
  });
}
