// The next slot of every scheduled agent, soonest first: what lets 10,000 schedules rest at no cost.

import type { AgentKey } from '../core/ids.ts';

interface Entry {
  readonly key: AgentKey;
  readonly at: number;
}

/** A binary heap over (instant, agent); each agent stands in it once. */
export class SlotHeap {
  #entries: Entry[] = [];
  readonly #present = new Set<AgentKey>();

  has(key: AgentKey): boolean {
    return this.#present.has(key);
  }

  clear(): void {
    this.#entries = [];
    this.#present.clear();
  }

  push(key: AgentKey, at: number): void {
    this.#present.add(key);
    this.#entries.push({ key, at });
    this.#rise(this.#entries.length - 1);
  }

  /** Epoch ms of the soonest slot; null: none. */
  nextAt(): number | null {
    return this.#entries[0]?.at ?? null;
  }

  /** Takes out every agent whose slot is at or before `now`. */
  due(now: number): readonly AgentKey[] {
    const keys: AgentKey[] = [];
    for (let first = this.#entries[0]; first !== undefined && first.at <= now; first = this.#entries[0]) {
      keys.push(first.key);
      this.#present.delete(first.key);
      const last = this.#entries.pop();
      if (last !== undefined && this.#entries.length > 0) {
        this.#entries[0] = last;
        this.#sink();
      }
    }
    return keys;
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) {
        return;
      }
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      const left = index * 2 + 1;
      const smallest = [left, left + 1].reduce(
        (best, child) => (child < this.#entries.length && this.#isBefore(child, best) ? child : best),
        index,
      );
      if (smallest === index) {
        return;
      }
      this.#swap(index, smallest);
      index = smallest;
    }
  }

  #isBefore(a: number, b: number): boolean {
    return (this.#entries[a]?.at ?? Infinity) < (this.#entries[b]?.at ?? Infinity);
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#entries[a], this.#entries[b]];
    if (first !== undefined && second !== undefined) {
      this.#entries[a] = second;
      this.#entries[b] = first;
    }
  }
}
