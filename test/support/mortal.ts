// One pretended life of a process: it can be killed before or after each thing it does, and does nothing afterwards.

import type { Daemon } from '../../src/daemon/daemon.ts';
import type { House } from '../../src/daemon/house.ts';
import type { Clock, Timer } from '../../src/ports/clock.ts';
import type { Ledger } from '../../src/ports/ledger.ts';

/** Thrown into the dead where they cannot be left waiting: inside what they called synchronously. */
export class Killed extends Error {}

/** Runs `work` of a process that may die of it. */
export function survivedBy(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Killed)) {
      throw error;
    }
  }
}

/** Everything asynchronous that lives of any process have under way, so that a test can wait until nothing is. */
export class Errands {
  #count = 0;
  readonly #idle: (() => void)[] = [];

  /** Counts `work` until it settles. */
  track<Value>(work: Promise<Value>): Promise<Value> {
    this.#count += 1;
    const done = (): void => {
      this.#count -= 1;
      if (this.#count === 0) {
        this.#idle.splice(0).forEach((tell) => tell());
      }
    };
    work.then(done, done);
    return work;
  }

  /** Resolves when nothing is under way and nothing that follows from it is either. */
  async settled(): Promise<void> {
    do {
      if (this.#count > 0) {
        await new Promise<void>((resolve) => {
          this.#idle.push(resolve);
        });
      }
      // The microtasks that follow run before this: whoever calls something next has called it by then.
      await new Promise(setImmediate);
    } while (this.#count > 0);
  }
}

/** When a life ends: at the moment with this number, at the first of which it is true, or not before it is told. */
export type Death = number | ((moment: string) => boolean) | null;

/** A life. What goes through it stops working when it ends. */
export class Life {
  /** What was done, in order: the moments before and after which a test may kill. */
  readonly moments: string[] = [];
  #alive = true;
  readonly #errands: Errands;
  #dieAt: number | null = null;
  #dieWhen: ((moment: string) => boolean) | null = null;
  readonly #onDeath: () => void;
  readonly #timers = new Set<Timer>();
  #depth = 0;

  /** `dieAt`: dies at the moment with this number (from 0), or at the first of which it says so. */
  constructor(errands: Errands, input: { readonly dieAt: Death; readonly onDeath: () => void }) {
    this.#errands = errands;
    this.#onDeath = input.onDeath;
    if (typeof input.dieAt === 'function') {
      this.#dieWhen = input.dieAt;
    } else {
      this.#dieAt = input.dieAt;
    }
  }

  get isOver(): boolean {
    return !this.#alive;
  }

  /** Dies `moments` moments from now (0: at the next one). */
  endIn(moments: number): void {
    this.#dieAt = this.moments.length + moments;
  }

  /** Dies at the first moment of which `when` says so; what is written by then can be looked at. */
  endWhen(when: (moment: string) => boolean): void {
    this.#dieWhen = when;
  }

  /** As kill -9: timers are gone, calls under way are never answered, nothing else happens. */
  end(): void {
    if (this.#alive) {
      this.#alive = false;
      this.#timers.forEach((timer) => timer.cancel());
      this.#onDeath();
    }
  }

  /** `clock` whose timers end with this life. */
  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (delayMs, act) => {
        if (!this.#alive) {
          return { cancel: () => undefined };
        }
        const timer = clock.after(delayMs, () => {
          this.#timers.delete(timer);
          act();
        });
        this.#timers.add(timer);
        return {
          cancel: () => {
            this.#timers.delete(timer);
            timer.cancel();
          },
        };
      },
    };
  }

  /** `ledger` where each transaction that is not part of another one is a moment. */
  ledger(ledger: Ledger): Ledger {
    return {
      ...ledger,
      transact: (work) => {
        if (this.#depth > 0) {
          return ledger.transact(work);
        }
        this.#moment('transaction');
        this.#depth += 1;
        try {
          return ledger.transact(work);
        } finally {
          this.#depth -= 1;
          this.#moment('committed');
        }
      },
    };
  }

  /** `target` whose asynchronous calls are moments where `calls` names them; all of them end with this life. Nobody waits for what `isHeld`. */
  port<Port extends object>(
    target: Port,
    calls: readonly (keyof Port)[] = [],
    isHeld: (call: string) => boolean = () => false,
  ): Port {
    return new Proxy(target, {
      get: (_target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function'
          ? (...given: unknown[]) =>
              this.#call(() => Reflect.apply(value, target, given), {
                name: calls.includes(name as keyof Port) ? name : null,
                isHeld: isHeld(String(name)),
              })
          : value;
      },
    });
  }

  #call(
    work: () => unknown,
    { name, isHeld }: { readonly name: string | symbol | null; readonly isHeld: boolean },
  ): unknown {
    if (name !== null && this.#passes(String(name))) {
      return NEVER;
    }
    const answer = work();
    if (!(answer instanceof Promise)) {
      return answer;
    }
    const answered = isHeld ? answer : this.#errands.track(answer);
    return new Promise((resolve, reject) => {
      const unlessDead = (tell: () => void): void => {
        if (this.#alive && !(name !== null && this.#passes(`${String(name)} answered`))) {
          tell();
        }
      };
      answered.then(
        (value) => unlessDead(() => resolve(value)),
        (error: unknown) => unlessDead(() => reject(error)),
      );
    });
  }

  #moment(name: string): void {
    if (this.#passes(name)) {
      throw new Killed(name);
    }
  }

  /** True: nobody is there any more, or dies in this moment. */
  #passes(name: string): boolean {
    if (this.#alive) {
      this.moments.push(name);
      if (this.moments.length - 1 === this.#dieAt || this.#dieWhen?.(name) === true) {
        this.end();
      }
    }
    return !this.#alive;
  }
}

const NEVER = new Promise<never>(() => undefined);

/** A daemon, with what it runs in. */
export interface Lived {
  readonly life: Life;
  readonly daemon: Daemon;
  readonly house: House;
}
