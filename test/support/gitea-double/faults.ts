// What can go wrong between a client and Gitea, injected on demand, by match, or at a seeded rate.

import { seeded } from '../chance.ts';
import type { Gate } from '../gate.ts';

/** What a request ends in instead of its answer. */
export type FaultKind =
  /** The server's or a proxy's own answer; nothing is carried out. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The connection is cut before anything is carried out. */
  | { readonly kind: 'cut' }
  /** Carried out, and the connection is cut before the answer. The search index never learns of it. */
  | { readonly kind: 'lost_answer' }
  /** Carried out, and the answer breaks off in its body. */
  | { readonly kind: 'half_answer' }
  /** Carried out, and a proxy answers 200 with a page of its own. */
  | { readonly kind: 'page' }
  /** Waits, then goes on as usual. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Waits for `release`, then is carried out, even when nobody listens any more. */
  | { readonly kind: 'hold'; readonly gate: Gate };

/** A fault and the requests that it strikes. */
export interface Fault {
  readonly fault: FaultKind;
  readonly method?: string;
  /** Tested against the path without `/api/v1`, query included. */
  readonly path?: RegExp;
  /** How many requests it strikes; 1 if left out. */
  readonly times?: number;
}

/** How often, of all requests: shares between 0 and 1. */
export interface Rates {
  readonly seed: number;
  readonly fail: number;
  readonly lost: number;
}

/** The faults of one double. */
export class Faults {
  #planned: { readonly fault: Fault; left: number }[] = [];
  #rates: Rates | null = null;
  #random: () => number = () => 1;

  add(fault: Fault): void {
    this.#planned.push({ fault, left: fault.times ?? 1 });
  }

  /** Strikes every request by chance; the same seed strikes the same requests. */
  setRates(rates: Rates | null): void {
    this.#rates = rates;
    this.#random = seeded(rates?.seed ?? 0);
  }

  clear(): void {
    this.#planned = [];
    this.setRates(null);
  }

  /** The fault that strikes this request, used up by it; null: none. */
  take(method: string, path: string): FaultKind | null {
    const planned = this.#planned.find(
      ({ fault, left }) =>
        left > 0 && (fault.method ?? method) === method && (fault.path === undefined || fault.path.test(path)),
    );
    if (planned !== undefined) {
      planned.left -= 1;
      return planned.fault.fault;
    }
    return this.#byChance();
  }

  #byChance(): FaultKind | null {
    if (this.#rates === null) {
      return null;
    }
    const { fail, lost } = this.#rates;
    const drawn = this.#random();
    if (drawn < lost) {
      return { kind: 'lost_answer' };
    }
    if (drawn < lost + fail) {
      const kinds: readonly FaultKind[] = [
        { kind: 'answer', status: 500, body: '{"message":""}' },
        { kind: 'answer', status: 502, body: '<html>bad gateway</html>' },
        { kind: 'answer', status: 429, headers: { 'retry-after': '1' } },
        { kind: 'cut' },
      ];
      return kinds[Math.floor(this.#random() * kinds.length)] ?? null;
    }
    return null;
  }
}
