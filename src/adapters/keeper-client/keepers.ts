// All keepers of one state directory: which are followed, which one takes new attempts, and when one can be forgotten.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { OperationalError } from '../../lib/operational-error.ts';
import { removePool } from '../../os/cgroup.ts';
import type { HostCursor } from '../../ports/execution-host.ts';
import { listKeepers, readLock } from './folders.ts';
import { launchKeeper } from './launch.ts';
import type { DaemonManner } from './line.ts';
import { KeeperLink, type LinkListener, type LiveEntry } from './link.ts';

/** How long a keeper that was told to go is waited for. */
const END_MS = 3000;

/** What keepers are started and followed with. */
export interface KeepersInput {
  readonly stateDir: string;
  readonly stateId: string;
  readonly daemon: DaemonManner;
  readonly listener: LinkListener;
}

/** The keepers that matter: one that accepts, and all whose record is still needed. */
export class Keepers {
  readonly #input: KeepersInput;
  readonly #links = new Map<string, KeeperLink>();
  readonly #copied = new Map<string, number>();
  #accepting: Promise<KeeperLink> | null = null;
  #launching: Promise<KeeperLink> | null = null;

  constructor(input: KeepersInput) {
    this.#input = input;
  }

  /** Everything that is followed, oldest first. */
  all(): KeeperLink[] {
    return [...this.#links.values()];
  }

  /** Follows every keeper that left a folder, from the cursor that the ledger has of it. */
  async open(cursors: readonly HostCursor[]): Promise<void> {
    const { stateDir, daemon, listener } = this.#input;
    for (const place of listKeepers(stateDir)) {
      const offset = cursors.find(({ hostId }) => hostId === place.id)?.offset ?? 0;
      const link = new KeeperLink(place, { ...daemon, offset }, listener);
      this.#links.set(link.id, link);
      // One after the other: events of several keepers come in the order in which the keepers lived.
      await link.open();
    }
    const spoken = this.all().filter((link) => link.state === 'spoken');
    const newest = spoken.pop();
    spoken.forEach((link) => link.line?.end());
    this.#accepting = newest === undefined ? null : Promise.resolve(newest);
  }

  /** The keeper that takes new attempts; started if there is none. Fails as `keeper.did_not_start`. */
  async accepting(): Promise<KeeperLink> {
    const current = await this.#accepting;
    await current?.settled();
    if (current?.state === 'spoken') {
      return current;
    }
    // Whoever came first after it was lost launches, all others wait for the same one.
    this.#accepting = this.#launching ??= this.#launch().finally(() => {
      this.#launching = null;
    });
    this.#accepting.catch(() => {
      this.#accepting = null;
    });
    return this.#accepting;
  }

  /** No new attempts go to `link` from here on. */
  async retire(link: KeeperLink): Promise<void> {
    const current = await this.#accepting?.catch(() => null);
    if (current === link) {
      this.#accepting = null;
    }
  }

  /** The keeper whose record says that `id` is alive, and what it says. */
  find(id: string): { readonly link: KeeperLink; readonly entry: LiveEntry } | null {
    for (const link of this.#links.values()) {
      const entry = link.live.get(id);
      if (entry !== undefined) {
        return { link, entry };
      }
    }
    return null;
  }

  /** Whether a keeper holds `id`, recorded or not. */
  holds(id: string): boolean {
    return this.find(id) !== null || this.all().some((link) => link.holds(id));
  }

  /** Whether the end of `id` stands in a record. */
  hasEnded(id: string): boolean {
    return this.all().some((link) => link.ended.has(id));
  }

  /** Everything up to the cursor may be forgotten. */
  forget({ hostId, offset }: HostCursor): void {
    this.#copied.set(hostId, offset);
    const link = this.#links.get(hostId);
    link?.line?.forget(offset);
    if (link !== undefined) {
      this.tidy(link);
    }
  }

  /** Removes what the dead `link` left, once nothing of it is watched; its record goes when a copy of the ledger has all of it. */
  tidy(link: KeeperLink): void {
    if (link.state !== 'dead' || link.live.size > 0 || readLock(link.folder) !== null) {
      return;
    }
    removePool(link.id, link.leaf);
    if ((this.#copied.get(link.id) ?? 0) >= link.told) {
      this.#links.delete(link.id);
      rmSync(link.folder, { recursive: true, force: true });
    }
  }

  /** A dead keeper's lock is its grave mark: while it stands, starts that it may have carried out are looked for. */
  bury(link: KeeperLink): void {
    rmSync(readLock(link.folder)?.socket ?? join(link.folder, 'socket'), { force: true });
    rmSync(join(link.folder, 'lock'), { force: true });
    this.tidy(link);
  }

  /** Lets go of all; with `end` they go too when they hold nothing. */
  async close(how: 'leave' | 'end'): Promise<void> {
    await this.#launching?.catch(() => null);
    await Promise.all(this.all().map((link) => link.close(how, END_MS)));
  }

  async #launch(): Promise<KeeperLink> {
    const { stateDir, stateId, daemon, listener } = this.#input;
    const place = await launchKeeper({ stateDir, stateId, version: daemon.version });
    const link = new KeeperLink(place, { ...daemon, offset: 0 }, listener);
    this.#links.set(link.id, link);
    await link.open();
    if (link.state !== 'spoken') {
      throw new OperationalError('keeper.did_not_start', `the new keeper ${link.id} is ${link.state}`);
    }
    return link;
  }
}
