// Remembers which tool calls of an agent are open, within a bound.

/** More open calls than this are not told apart; the oldest is forgotten. */
const MAX_OPEN = 1000;

/** Tool calls that were begun and not ended. */
export class OpenTools {
  readonly #open = new Set<string>();
  readonly #onlyLook: ReadonlySet<string>;
  /** Calls begun so far. */
  begun = 0;
  /** Those among them that may have changed something. */
  actions = 0;

  /** `onlyLook`: names of tools that change nothing, whatever they are given. */
  constructor(onlyLook: readonly string[]) {
    this.#onlyLook = new Set(onlyLook);
  }

  begin(id: string, name: string | null): void {
    this.begun += 1;
    this.actions += name !== null && this.#onlyLook.has(name) ? 0 : 1;
    this.#open.add(id);
    if (this.#open.size > MAX_OPEN) {
      const [oldest] = this.#open;
      this.#open.delete(oldest ?? id);
    }
  }

  has(id: string): boolean {
    return this.#open.has(id);
  }

  end(id: string): void {
    this.#open.delete(id);
  }

  get any(): boolean {
    return this.#open.size > 0;
  }
}
