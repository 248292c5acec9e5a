// One keeper: takes a folder, listens on its socket, holds attempts, and goes when nobody needs it.

import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { identityOf } from '../os/process-identity.ts';
import { makeSocketFolder, socketPath } from '../os/socket-path.ts';
import { PROTOCOL, readLines, say, type DaemonSays, type KeeperLock } from '../os/wire.ts';
import { writeWhole } from '../os/whole-file.ts';
import { Holder } from './holder.ts';

/** Without attempts and without a daemon a keeper lives this long. */
const IDLE_MS = 60_000;

/** A disk that is full or slow must not keep a daemon waiting: what is not durable yet is told later. */
const SETTLE_MS = 5000;

/** What a keeper is started with. */
export interface KeeperInput {
  /** `<stateDir>/keeper/<id>`; created if missing. */
  readonly folder: string;
  readonly id: string;
  readonly stateId: string;
  readonly version: string;
  readonly protocol?: number;
  readonly idleMs?: number;
  /** False: no cgroup leaves even where they could be made. */
  readonly leaves?: boolean;
}

/** A running keeper. */
export class Keeper {
  readonly #input: KeeperInput;
  readonly #server: Server;
  readonly #socketPath: string;
  readonly #holder: Holder;
  readonly #lines = new Set<Socket>();
  readonly #told = new Set<Socket>();
  #ending = false;
  #left = false;
  #idleTimer: NodeJS.Timeout | null = null;

  constructor(input: KeeperInput) {
    this.#input = input;
    mkdirSync(input.folder, { recursive: true, mode: 0o700 });
    this.#socketPath = socketPath(join(input.folder, 'socket'));
    makeSocketFolder(this.#socketPath);
    this.#holder = new Holder({
      folder: input.folder,
      id: input.id,
      stateId: input.stateId,
      leaves: input.leaves ?? true,
      synced: ({ json, offset }) => {
        // The entry goes out as the text that is in the journal, so that it is made only once.
        this.#told.forEach((socket) => socket.write(`{"t":"entry","offset":${offset},"entry":${json}}\n`));
      },
      changed: () => this.#restIfIdle(),
    });
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens, then writes the lock: who reads the lock can connect. */
  listen(): void {
    this.#server.listen(this.#socketPath, () => {
      this.#writeLock();
      this.#restIfIdle();
    });
  }

  /** Takes no new attempts any more and goes with the last one. */
  end(): void {
    this.#ending = true;
    this.#holder.takesMore = false;
    this.#restIfIdle();
  }

  #accept(socket: Socket): void {
    this.#lines.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#lines.delete(socket);
      this.#told.delete(socket);
      this.#restIfIdle();
    });
    readLines(socket, (line) => {
      try {
        this.#hear(socket, JSON.parse(line) as DaemonSays);
      } catch (error) {
        // Whatever a daemon says, the attempts that we hold must not die of it.
        process.stderr.write(`${new Date().toISOString()} line closed: ${(error as Error).message}\n`);
        socket.destroy();
      }
    });
    this.#restIfIdle();
  }

  #hear(socket: Socket, said: DaemonSays): void {
    switch (said.t) {
      case 'hello':
        void this.#welcome(socket, said.speaks);
        return;
      case 'start':
        this.#holder.start(said.order, (no) => say(socket, { t: 'no', id: said.order.id, no }));
        return;
      case 'stop':
        say(socket, { t: 're', n: said.n, stop: this.#holder.stop(said.id, said.steps, said.reason) });
        return;
      case 'usage':
        say(socket, { t: 're', n: said.n, usage: this.#holder.usage() });
        return;
      case 'forget':
        this.#holder.forget(said.offset);
        return;
      case 'end':
        this.end();
    }
  }

  /** A daemon that comes fences all that came before: what they asked for and was not read yet will never happen. */
  async #welcome(socket: Socket, speaks: readonly number[]): Promise<void> {
    for (const older of this.#lines) {
      if (older !== socket) {
        older.destroy();
      }
    }
    const { version, protocol = PROTOCOL } = this.#input;
    const { journal, heldBy, group } = this.#holder;
    await journal.settled(SETTLE_MS);
    if (speaks.includes(protocol) && !socket.destroyed) {
      this.#told.add(socket);
      say(socket, { t: 'welcome', protocol, version, live: this.#holder.ids(), held: heldBy, group });
    } else {
      say(socket, { t: 'refused', protocol, version, live: this.#holder.ids() });
      socket.end();
    }
  }

  #restIfIdle(): void {
    clearTimeout(this.#idleTimer ?? undefined);
    if (!this.#isNeeded()) {
      const wait = this.#ending ? 0 : (this.#input.idleMs ?? IDLE_MS);
      this.#idleTimer = setTimeout(() => void this.#leave(), wait);
    }
  }

  #isNeeded(): boolean {
    return this.#holder.ids().length > 0 || (this.#lines.size > 0 && !this.#ending);
  }

  async #leave(): Promise<void> {
    await this.#holder.journal.settled();
    if (this.#isNeeded() || this.#left) {
      return;
    }
    this.#left = true;
    this.#server.close();
    this.#lines.forEach((socket) => socket.end());
    rmSync(join(this.#input.folder, 'lock'), { force: true });
    rmSync(this.#socketPath, { force: true });
    const isForgotten = this.#holder.isForgotten;
    this.#holder.close();
    if (isForgotten) {
      rmSync(this.#input.folder, { recursive: true, force: true });
    }
  }

  #writeLock(): void {
    const identity = identityOf(process.pid);
    if (identity === null) {
      throw new Error('/proc does not show this process: nobody could tell whether it is alive');
    }
    const { folder, id, version, protocol = PROTOCOL } = this.#input;
    const lock: KeeperLock = { id, ...identity, protocol, version, socket: this.#socketPath };
    writeWhole(join(folder, 'lock'), JSON.stringify(lock));
  }
}
