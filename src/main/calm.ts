// Tells the same trouble once in a while, however often it comes.

/** Between two tellings of one message. */
const AGAIN_MS = 60_000;
/** Messages remembered; the oldest is forgotten first. */
const MOST_KNOWN = 32;

/** `tell`, but each message at most once a minute; the next telling says how often it came meanwhile. */
export function calmed(tell: (message: string) => void, now: () => number): (message: string) => void {
  const known = new Map<string, { readonly until: number; more: number }>();
  return (message) => {
    const before = known.get(message);
    if (before !== undefined && now() < before.until) {
      before.more += 1;
      return;
    }
    const more = before?.more ?? 0;
    known.delete(message);
    known.set(message, { until: now() + AGAIN_MS, more: 0 });
    for (const oldest of [...known.keys()].slice(0, -MOST_KNOWN)) {
      known.delete(oldest);
    }
    tell(more === 0 ? message : `${message} (${more} more like it before)`);
  };
}
