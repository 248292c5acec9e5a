// A door at which work waits until the test opens it.

/** One door for one visitor. */
export class Gate {
  readonly #arrived = Promise.withResolvers<void>();
  readonly #open = Promise.withResolvers<void>();

  /** Settles when somebody stands at the door. */
  get arrived(): Promise<void> {
    return this.#arrived.promise;
  }

  release(): void {
    this.#open.resolve();
  }

  /** For the visitor: goes on when the door is open. */
  async pass(): Promise<void> {
    this.#arrived.resolve();
    await this.#open.promise;
  }
}
