// Remembers which tool calls of an agent are open, within a bound.

/** More open calls than this are not told apart; the oldest is forgotten. */
const MAX_OPEN = 1000;

/** Tool calls that were begun and not ended. */
export class OpenTools {
  private readonly open = new Set<string>();
  /** Calls begun so far. */
  begun = 0;

  begin(id: string): void {
    this.begun += 1;
    this.open.add(id);
    if (this.open.size > MAX_OPEN) {
      const [oldest] = this.open;
      this.open.delete(oldest ?? id);
    }
  }

  end(id: string): void {
    this.open.delete(id);
  }

  get any(): boolean {
    return this.open.size > 0;
  }
}
