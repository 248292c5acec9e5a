// One connection to a keeper: the greeting, questions with answers, and what it tells on its own.

import { connect, type Socket } from 'node:net';
import type { Cause, Step } from '../../os/attempt-watch.ts';
import type { Usage } from '../../os/tree-usage.ts';
import {
  readLines,
  say,
  type Entry,
  type HeldBy,
  type KeeperSays,
  type StartNo,
  type StartOrder,
} from '../../os/wire.ts';

/** How this daemon deals with keepers. */
export interface DaemonManner {
  readonly version: string;
  /** Protocols it speaks, newest first. */
  readonly speaks: readonly number[];
  /** A keeper that lives but does not greet within this time is hung. */
  readonly patienceMs: number;
}

/** What a line tells. */
export interface LineListener {
  readonly onEntry: (entry: Entry, offset: number) => void;
  readonly onNo: (id: string, no: StartNo) => void;
  readonly onClosed: () => void;
}

/** What a keeper said at the greeting: it speaks with us, it does not speak our protocol, or nothing. */
export type Greeting =
  | {
      readonly kind: 'welcome';
      readonly line: KeeperLine;
      readonly live: readonly string[];
      readonly held: HeldBy;
      /** The group whose controllers hold limits; null: none does. */
      readonly group: string | null;
    }
  | { readonly kind: 'refused'; readonly live: readonly string[] }
  | { readonly kind: 'silent' }
  | { readonly kind: 'nobody' };

type Answer = Extract<KeeperSays, { t: 're' }>;

/** Speaks with one keeper. */
export class KeeperLine {
  readonly #socket: Socket;
  readonly #listener: LineListener;
  readonly #asked = new Map<
    number,
    { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void }
  >();
  #greeted: (greeting: Greeting) => void = () => undefined;
  #next = 1;

  private constructor(path: string, listener: LineListener) {
    this.#listener = listener;
    this.#socket = connect(path);
  }

  /** Connects to the socket at `path` and greets. */
  static greet(path: string, { version, speaks, patienceMs }: DaemonManner, listener: LineListener): Promise<Greeting> {
    const line = new KeeperLine(path, listener);
    const socket = line.#socket;
    return new Promise((resolve) => {
      let greeted = false;
      const settle = (greeting: Greeting) => {
        if (!greeted) {
          greeted = true;
          clearTimeout(timer);
          resolve(greeting);
          if (greeting.kind !== 'welcome') {
            socket.destroy();
          }
        }
      };
      const timer = setTimeout(() => settle({ kind: 'silent' }), patienceMs);
      line.#greeted = settle;
      socket.once('connect', () => {
        say(socket, { t: 'hello', speaks, version });
      });
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        const welcomed = greeted;
        settle({ kind: 'nobody' });
        line.#closed(welcomed);
      });
      readLines(socket, (text) => {
        const said = parsed(text);
        if (said === null) {
          // Whatever listens there, nothing that it says can be trusted: what was asked is asked anew.
          socket.destroy();
        } else {
          line.#hear(said);
        }
      });
    });
  }

  /** Asks for a start; the answer is an entry or a no. */
  start(order: StartOrder): void {
    say(this.#socket, { t: 'start', order });
  }

  /** Asks for a stop; rejects when the line breaks before the answer. */
  async stop(id: string, steps: readonly Step[], reason: Cause): Promise<'stopping' | 'already' | 'gone'> {
    const answer = await this.#ask((n) => say(this.#socket, { t: 'stop', n, id, steps, reason }));
    return 'stop' in answer ? answer.stop : 'gone';
  }

  /** Asks what everything alive uses; rejects when the line breaks before the answer. */
  async usage(): Promise<Readonly<Record<string, Usage>>> {
    const answer = await this.#ask((n) => say(this.#socket, { t: 'usage', n }));
    return 'usage' in answer ? answer.usage : {};
  }

  /** Everything up to `offset` may be forgotten. */
  forget(offset: number): void {
    say(this.#socket, { t: 'forget', offset });
  }

  /** Tells the keeper to go with its last attempt. */
  end(): void {
    say(this.#socket, { t: 'end' });
  }

  /** Hangs up after what was said has gone out. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
      this.#socket.end();
      if (this.#socket.destroyed) {
        resolve();
      }
    });
  }

  #ask(put: (n: number) => void): Promise<Answer> {
    const n = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error('the line to the keeper is closed'));
        return;
      }
      this.#asked.set(n, { resolve, reject });
      put(n);
    });
  }

  #hear(said: KeeperSays): void {
    switch (said.t) {
      case 'welcome':
        this.#greeted({ kind: 'welcome', line: this, live: said.live, held: said.held, group: said.group ?? null });
        return;
      case 'refused':
        this.#greeted({ kind: 'refused', live: said.live ?? [] });
        return;
      case 'entry':
        this.#listener.onEntry(said.entry, said.offset);
        return;
      case 'no':
        this.#listener.onNo(said.id, said.no);
        return;
      case 're':
        this.#asked.get(said.n)?.resolve(said);
        this.#asked.delete(said.n);
    }
  }

  #closed(welcomed: boolean): void {
    for (const question of this.#asked.values()) {
      question.reject(new Error('the line to the keeper broke'));
    }
    this.#asked.clear();
    if (welcomed) {
      this.#listener.onClosed();
    }
  }
}

/** What `text` says; null: it is no message. */
function parsed(text: string): KeeperSays | null {
  try {
    return JSON.parse(text) as KeeperSays | null;
  } catch {
    return null;
  }
}
