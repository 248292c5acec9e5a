// Follows one keeper for as long as its record matters: speaks with it, reads its journal where that cannot be, notices its death.
//
//   opening ──► spoken ◄──► opening (line broke)
//      ├──────► read (it speaks another protocol: left alone, its journal is followed on disk)
//      └──────► dead (its process is gone; its journal is final)

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { addBounded } from '../../lib/bounded-set.ts';
import { outside } from '../../lib/operational-error.ts';
import type { Stopping } from '../../os/attempt-watch.ts';
import { controllersBelow } from '../../os/cgroup-limits.ts';
import { readJournal } from '../../os/journal.ts';
import { ENDED_MAX, heldInLeaf, type Entry, type HeldBy, type StartEntry, type StartNo } from '../../os/wire.ts';
import { lives, readLock, type KeeperFolder } from './folders.ts';
import { KeeperLine, type DaemonManner } from './line.ts';

const KNOCK_MS = 20;
const FOLLOW_MS = 250;
/** After a journal that could not be read. */
const FOLLOW_AGAIN_MS = 10_000;

/** What is known of an attempt that the journal says is alive. */
export interface LiveEntry {
  readonly start: StartEntry;
  readonly stopping: Stopping | null;
}

/** What a link tells; entries in the journal's order, each once. */
export interface LinkListener {
  readonly onEntry: (link: KeeperLink, entry: Entry, offset: number) => void;
  readonly onNo: (id: string, no: StartNo) => void;
  /** The line broke and stands again: what was asked for and not answered has to be asked again. */
  readonly onHealed: (link: KeeperLink) => void;
  readonly onDead: (link: KeeperLink) => void;
  /** Something failed where nobody waits for it. */
  readonly onFailed: (error: unknown) => void;
}

/** One keeper, followed. */
export class KeeperLink {
  readonly id: string;
  readonly folder: string;
  /** Attempts that its journal says are alive. */
  readonly live = new Map<string, LiveEntry>();
  /** Attempts whose end stands in its journal. */
  readonly ended = new Set<string>();
  readonly #listener: LinkListener;
  readonly #daemon: DaemonManner;
  #state: 'opening' | 'spoken' | 'read' | 'dead' = 'opening';
  #told: number;
  #line: KeeperLine | null = null;
  #held: HeldBy | null = null;
  #group: string | null = null;
  #bootId = '';
  #sizeRead = -1;
  #early: { readonly entry: Entry; readonly offset: number }[] = [];
  #opening: Promise<void> = Promise.resolve();
  #follow: NodeJS.Timeout | null = null;
  #closing = false;
  #leaf: string | null = null;
  #greeted: ReadonlySet<string> = new Set();

  constructor(place: KeeperFolder, from: DaemonManner & { readonly offset: number }, listener: LinkListener) {
    this.id = place.id;
    this.folder = place.folder;
    this.#told = from.offset;
    this.#daemon = from;
    this.#listener = listener;
  }

  /** Where it stands. */
  get state(): 'opening' | 'spoken' | 'read' | 'dead' {
    return this.#state;
  }

  /** The line, while it can be spoken to. */
  get line(): KeeperLine | null {
    return this.#state === 'spoken' ? this.#line : null;
  }

  /** Whether it said at its greeting that `id` is alive, also if it could not record that yet. */
  holds(id: string): boolean {
    return this.#greeted.has(id) && !this.ended.has(id);
  }

  /** How it holds limits now: what it said when it greeted, as far as its group was not taken away since. Null until it said so. */
  get held(): HeldBy | null {
    return this.#group === null ? this.#held : heldInLeaf(controllersBelow(this.#group));
  }

  /** The boot in which it lives or lived. */
  get bootId(): string {
    return this.#bootId;
  }

  /** One of its leaves; null when none is known. */
  get leaf(): string | null {
    return this.#leaf;
  }

  /** Place up to which entries were told. */
  get told(): number {
    return this.#told;
  }

  /** Connects, tells what the journal has after the cursor, and settles on a state. */
  open(): Promise<void> {
    this.#opening = this.#open();
    return this.#opening;
  }

  /** Resolves when the link is not between two states. */
  settled(): Promise<void> {
    return this.#opening;
  }

  /** Lets go; with `end` the keeper is told to go too, and waited for within `waitMs`. */
  async close(how: 'leave' | 'end', waitMs: number): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#follow ?? undefined);
    const line = this.line;
    if (line === null) {
      return;
    }
    if (how === 'end' && this.live.size === 0) {
      line.end();
      for (let waited = 0; waited < waitMs && readLock(this.folder) !== null; waited += KNOCK_MS) {
        await delay(KNOCK_MS);
      }
    } else if (how === 'end') {
      line.end();
    }
    await line.close();
  }

  async #open(): Promise<void> {
    this.#state = 'opening';
    const until = Date.now() + this.#daemon.patienceMs;
    while (!this.#closing) {
      const lock = readLock(this.folder);
      if (!lives(lock)) {
        this.#readJournal();
        this.#state = 'dead';
        return;
      }
      this.#early = [];
      const greeting = await KeeperLine.greet(lock.socket, this.#daemon, {
        onEntry: (entry, offset) => this.#hear(entry, offset),
        onNo: (id, no) => this.#listener.onNo(id, no),
        onClosed: () => {
          this.#broken().catch(this.#listener.onFailed);
        },
      });
      if (greeting.kind === 'welcome') {
        this.#held = greeting.held;
        this.#group = greeting.group;
        this.#greeted = new Set(greeting.live);
        this.#line = greeting.line;
        this.#readJournal();
        this.#state = 'spoken';
        this.#early.forEach(({ entry, offset }) => this.#take(entry, offset));
        return;
      }
      if (greeting.kind === 'silent') {
        // Hung for so long that nobody could tell what it still carries out: only its end makes that certain.
        process.kill(lock.pid, 'SIGKILL');
      } else if (greeting.kind === 'refused' || Date.now() > until) {
        this.#greeted = new Set(greeting.kind === 'refused' ? greeting.live : []);
        this.#state = 'read';
        this.#followJournal();
        return;
      }
      await delay(KNOCK_MS);
    }
  }

  async #broken(): Promise<void> {
    if (this.#closing || this.#state !== 'spoken') {
      return;
    }
    await this.open();
    if (this.state === 'dead') {
      this.#listener.onDead(this);
    } else if (!this.#closing) {
      this.#listener.onHealed(this);
    }
  }

  #followJournal(): void {
    const dead = !lives(readLock(this.folder));
    try {
      this.#readJournal();
    } catch (error) {
      this.#listener.onFailed(outside('keeper.journal', `read the journal of keeper ${this.id}; tried again`, error));
      this.#follow = setTimeout(() => this.#followJournal(), FOLLOW_AGAIN_MS);
      return;
    }
    if (dead) {
      this.#state = 'dead';
      this.#listener.onDead(this);
    } else if (!this.#closing) {
      this.#follow = setTimeout(() => this.#followJournal(), FOLLOW_MS);
    }
  }

  #hear(entry: Entry, offset: number): void {
    if (this.#state === 'spoken') {
      this.#take(entry, offset);
    } else {
      this.#early.push({ entry, offset });
    }
  }

  #readJournal(): void {
    const path = join(this.folder, 'journal');
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? -1;
    if (size === this.#sizeRead) {
      return;
    }
    const content = readJournal(path);
    if (content === null) {
      return;
    }
    this.#sizeRead = size;
    this.#bootId = content.header.bootId;
    for (const entry of content.header.carried) {
      this.#apply(entry as Entry);
    }
    for (const { json, offset } of content.entries) {
      this.#take(JSON.parse(json) as Entry, offset);
    }
  }

  #take(entry: Entry, offset: number): void {
    this.#apply(entry);
    if (offset > this.#told) {
      this.#told = offset;
      this.#listener.onEntry(this, entry, offset);
    }
  }

  /** Keeps `live` and `ended` in step; applying an entry twice changes nothing. */
  #apply(entry: Entry): void {
    if (entry.k === 'exit') {
      this.live.delete(entry.id);
      addBounded(this.ended, entry.id, ENDED_MAX);
    } else if (entry.k === 'start') {
      this.#leaf = entry.leaf ?? this.#leaf;
      if (!this.ended.has(entry.id) && !this.live.has(entry.id)) {
        this.live.set(entry.id, { start: entry, stopping: null });
      }
    } else {
      const live = this.live.get(entry.id);
      if (live !== undefined) {
        this.live.set(entry.id, { start: live.start, stopping: entry });
      }
    }
  }
}
