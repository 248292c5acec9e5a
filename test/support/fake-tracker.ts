// A tracker whose calls fail, vanish or hang as a test wishes; everything else is the local tracker, in memory, or another one.

import { LocalTracker } from '../../src/adapters/local-tracker/tracker.ts';
import type { IssueStore } from '../../src/ports/issue-store.ts';
import type {
  CommentDraft,
  IssueActivity,
  IssueDraft,
  PlaceReport,
  TrackedComment,
  TrackedIssue,
  Tracker,
  TrackerFailure,
  TrackerPlace,
  TrackerReply,
} from '../../src/ports/tracker.ts';
import { seeded } from './chance.ts';
import type { Gate } from './gate.ts';
import { MemoryIssueStore } from './memory-issue-store.ts';

/** The calls of a tracker that can be struck. */
export type TrackerCall = 'find' | 'open' | 'get' | 'comment' | 'setState' | 'editBody' | 'activity' | 'check';

/** What a call ends in instead of its answer. */
export type TrackerFault =
  /** Nothing is done. */
  | { readonly kind: 'fail'; readonly failure?: Partial<TrackerFailure> }
  /** It is done, and the caller is told that nobody knows. */
  | { readonly kind: 'lose' }
  /** Something happens before it is done. */
  | { readonly kind: 'meanwhile'; readonly happens: () => void }
  /** It waits at the gate, then goes on. */
  | { readonly kind: 'hold'; readonly gate: Gate };

/** One call as it was made. */
export interface SeenCall {
  readonly call: TrackerCall;
  readonly place: TrackerPlace;
  /** The issue's number; null for `find`, `open` and `check`. */
  readonly number: number | null;
}

/** Pass the same `store` to a second one to play a restart; with `inner` it strikes the calls of that one. */
export class FakeTracker implements Tracker {
  readonly name = 'fake';
  readonly seen: SeenCall[] = [];
  readonly store: IssueStore;
  /** Give it another value when "the operator" has changed something. */
  stamp = 'fake';
  readonly #inner: Tracker;
  readonly #planned: { readonly call: TrackerCall | null; readonly fault: TrackerFault; left: number }[] = [];
  #rates = { fail: 0, lose: 0 };
  #random = seeded(0);

  constructor(now: () => number, store: IssueStore = new MemoryIssueStore(), inner?: Tracker) {
    this.store = store;
    this.#inner = inner ?? new LocalTracker(store, now);
  }

  /** Strikes the next `times` (1) calls named `call` (null: any). */
  strike(fault: TrackerFault, on: { readonly call?: TrackerCall; readonly times?: number } = {}): void {
    this.#planned.push({ call: on.call ?? null, fault, left: on.times ?? 1 });
  }

  /** From now on each call fails or is lost by chance; shares between 0 and 1. */
  setRates(rates: { readonly seed: number; readonly fail: number; readonly lose: number }): void {
    this.#rates = rates;
    this.#random = seeded(rates.seed);
  }

  /** No more faults. */
  calm(): void {
    this.#planned.length = 0;
    this.setRates({ seed: 0, fail: 0, lose: 0 });
  }

  async find(place: TrackerPlace, marker: string, since: number): Promise<TrackerReply<TrackedIssue | null>> {
    return this.#through({ call: 'find', place, number: null }, () => this.#inner.find(place, marker, since));
  }

  async open(place: TrackerPlace, draft: IssueDraft): Promise<TrackerReply<TrackedIssue>> {
    return this.#through({ call: 'open', place, number: null }, () => this.#inner.open(place, draft));
  }

  async get(place: TrackerPlace, number: number): Promise<TrackerReply<TrackedIssue>> {
    return this.#through({ call: 'get', place, number }, () => this.#inner.get(place, number));
  }

  async comment(place: TrackerPlace, number: number, draft: CommentDraft): Promise<TrackerReply<TrackedComment>> {
    return this.#through({ call: 'comment', place, number }, () => this.#inner.comment(place, number, draft));
  }

  async setState(place: TrackerPlace, number: number, state: 'open' | 'closed'): Promise<TrackerReply<TrackedIssue>> {
    return this.#through({ call: 'setState', place, number }, () => this.#inner.setState(place, number, state));
  }

  async editBody(
    place: TrackerPlace,
    number: number,
    edit: (body: string) => string,
  ): Promise<TrackerReply<TrackedIssue>> {
    return this.#through({ call: 'editBody', place, number }, () => this.#inner.editBody(place, number, edit));
  }

  async activity(place: TrackerPlace, number: number, since: number): Promise<TrackerReply<IssueActivity>> {
    return this.#through({ call: 'activity', place, number }, () => this.#inner.activity(place, number, since));
  }

  async check(place: TrackerPlace): Promise<TrackerReply<PlaceReport>> {
    return this.#through({ call: 'check', place, number: null }, () => this.#inner.check(place));
  }

  async accessStamp(): Promise<string> {
    return `${this.stamp} ${await this.#inner.accessStamp()}`;
  }

  async #through<Value>(seen: SeenCall, work: () => Promise<TrackerReply<Value>>): Promise<TrackerReply<Value>> {
    this.seen.push(seen);
    const fault = this.#take(seen.call);
    if (fault?.kind === 'fail') {
      return { ...UNAVAILABLE, ...fault.failure };
    }
    if (fault?.kind === 'meanwhile') {
      fault.happens();
    }
    if (fault?.kind === 'hold') {
      await fault.gate.pass();
    }
    const reply = await work();
    return fault?.kind === 'lose' && reply.kind === 'done' ? LOST : reply;
  }

  #take(call: TrackerCall): TrackerFault | null {
    const planned = this.#planned.find((one) => one.left > 0 && (one.call === null || one.call === call));
    if (planned !== undefined) {
      planned.left -= 1;
      return planned.fault;
    }
    const drawn = this.#random();
    if (drawn < this.#rates.fail) {
      return { kind: 'fail' };
    }
    return drawn < this.#rates.fail + this.#rates.lose ? { kind: 'lose' } : null;
  }
}

const UNAVAILABLE: TrackerFailure = {
  kind: 'failed',
  permanent: false,
  effect: 'none',
  status: 503,
  message: 'the fake tracker was told to fail',
  retryAt: null,
};

const LOST: TrackerFailure = { ...UNAVAILABLE, effect: 'unknown', status: null, message: 'the answer was lost' };
