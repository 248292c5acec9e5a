// Adds up what a meter wrote of one attempt: tokens model by model, and how many requests are not wholly in them.

import { addKnown } from '../budget/tokens.ts';
import type { TokenCounts } from '../budget/tokens.ts';
import { REACHED_NOBODY, readMeterLine } from './meter-line.ts';

/** What a meter counted. */
export interface Metered {
  /** Null: nothing is known of any request. A lower bound while `uncounted` is not 0. */
  readonly usage: TokenCounts | null;
  /** Empty where some answer names no model. */
  readonly byModel: readonly { readonly model: string; readonly usage: TokenCounts }[];
  /** Requests that were passed on. */
  readonly requests: number;
  /** Requests in flight, broken off, or answered without figures: the model may have counted more than we know. */
  readonly uncounted: number;
}

/** Requests that may be open at once; what is older is given up as uncounted. */
const MAX_OPEN = 512;
/** Models that are told apart. */
const MAX_MODELS = 64;
/** Without a name. */
const NAMELESS = '';
const NOTHING: TokenCounts = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

interface Open {
  readonly model: string;
  readonly tokens: TokenCounts | null;
}

/** The lines of one attempt's meter, in their order. */
export class MeterReading {
  readonly #open = new Map<number, Open>();
  readonly #models = new Map<string, TokenCounts>();
  #begun = 0;
  #uncounted = 0;

  push(text: string): void {
    const line = readMeterLine(text);
    switch (line?.k) {
      case undefined:
        return;
      case 'begun':
        this.#begun += 1;
        this.#open.set(line.n, { model: NAMELESS, tokens: null });
        this.#bound();
        return;
      case 'counted':
        if (this.#open.has(line.n)) {
          this.#open.set(line.n, { model: line.model ?? NAMELESS, tokens: line.tokens });
        }
        return;
      case 'ended':
        this.#close(line.n, line);
        return;
      case 'lost':
        this.#uncounted += line.lines;
        return;
    }
  }

  /** What was counted so far; null: no request came by, so that nothing can be said. */
  metered(): Metered | null {
    if (this.#begun === 0) {
      return null;
    }
    const models = new Map(this.#models);
    for (const one of this.#open.values()) {
      add(models, one);
    }
    const uncounted = this.#uncounted + this.#open.size;
    const sum = [...models.values()].reduce<TokenCounts | null>(
      (all, one) => (all === null ? one : addKnown(all, one)),
      null,
    );
    return {
      usage: sum ?? (uncounted === 0 ? NOTHING : null),
      byModel: models.has(NAMELESS) ? [] : [...models].map(([model, usage]) => ({ model, usage })),
      requests: this.#begun,
      uncounted,
    };
  }

  #close(n: number, end: { readonly status: number | null; readonly whole: boolean }): void {
    const one = this.#open.get(n);
    if (one === undefined) {
      return;
    }
    this.#open.delete(n);
    add(this.#models, one);
    const refused = end.status !== null && (end.status === REACHED_NOBODY || end.status >= 400);
    const isFree = one.tokens === null && refused;
    if (!isFree && !(end.whole && one.tokens !== null && one.tokens.output !== null)) {
      this.#uncounted += 1;
    }
  }

  #bound(): void {
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_OPEN && oldest !== undefined) {
      this.#close(oldest, { status: 200, whole: false });
    }
  }
}

function add(models: Map<string, TokenCounts>, { model, tokens }: Open): void {
  if (tokens === null) {
    return;
  }
  const name = models.has(model) || models.size < MAX_MODELS ? model : NAMELESS;
  const before = models.get(name);
  models.set(name, before === undefined ? tokens : addKnown(before, tokens));
}
