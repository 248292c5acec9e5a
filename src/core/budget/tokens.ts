// Adds token counts whose kinds may be unknown, as a lower bound that says so.

/** Five disjoint kinds; null: no such figure. */
export interface TokenCounts {
  readonly input: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  readonly output: number | null;
  readonly reasoning: number | null;
}

/** All kinds that are known together; null: none is. */
export function totalOf(counts: TokenCounts): number | null {
  const known = [counts.input, counts.cacheRead, counts.cacheWrite, counts.output, counts.reasoning].filter(
    (count) => count !== null,
  );
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0);
}

/** What is known of `a` and of `b` together; a kind that neither knows stays unknown. */
export function addKnown(a: TokenCounts, b: TokenCounts): TokenCounts {
  return {
    input: known(a.input, b.input),
    cacheRead: known(a.cacheRead, b.cacheRead),
    cacheWrite: known(a.cacheWrite, b.cacheWrite),
    output: known(a.output, b.output),
    reasoning: known(a.reasoning, b.reasoning),
  };
}

/** The sum of what is known; null: neither is. */
export function known(a: number | null, b: number | null): number | null {
  return a === null ? b : a + (b ?? 0);
}
