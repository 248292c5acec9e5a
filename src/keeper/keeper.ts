// One keeper: takes a folder, listens on its socket, holds attempts, and goes when nobody needs it.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { identityOf } from '../os/process-identity.ts';
import { makeSocketFolder, socketPath } from '../os/socket-path.ts';
import { PROTOCOL, readLines, say, type DaemonSays, type KeeperLock, type KeeperSays } from '../os/wire.ts';
import { Holder } from './holder.ts';

/** Without attempts and without a daemon a keeper lives this long. */
const IDLE_MS = 60_000;

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
        this.#start(socket, said);
        return;
      case 'stop':
        say(socket, { t: 're', n: said.n, stop: this.#holder.stop(said.id, said.steps, said.reason) });
        return;
      case 'usage':
        say(socket, { t: 're', n: said.n, usage: this.#holder.usage() });
        return;
      case 'ack':
        this.#holder.acknowledge(said.offset);
        return;
      case 'end':
        this.end();
    }
  }

  #start(socket: Socket, { order }: Extract<DaemonSays, { t: 'start' }>): void {
    const refuse = (no: Extract<KeeperSays, { t: 'no' }>['no']) => say(socket, { t: 'no', id: order.id, no });
    if (this.#ending) {
      refuse({ kind: 'ending' });
    } else {
      this.#holder.start(order, refuse);
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
    await this.#holder.journal.settled();
    if (speaks.includes(protocol) && !socket.destroyed) {
      this.#told.add(socket);
      say(socket, { t: 'welcome', protocol, version, end: this.#holder.journal.durable, held: this.#holder.heldBy });
    } else {
      say(socket, { t: 'refused', protocol, version });
      socket.end();
    }
  }

  #restIfIdle(): void {
    clearTimeout(this.#idleTimer ?? undefined);
    if (this.#holder.count > 0 || (this.#lines.size > 0 && !this.#ending)) {
      return;
    }
    const wait = this.#ending ? 0 : (this.#input.idleMs ?? IDLE_MS);
    this.#idleTimer = setTimeout(() => void this.#leave(), wait);
  }

  async #leave(): Promise<void> {
    await this.#holder.journal.settled();
    const needed = this.#holder.count > 0 || (this.#lines.size > 0 && !this.#ending);
    if (needed || this.#left) {
      return;
    }
    this.#left = true;
    this.#server.close();
    this.#lines.forEach((socket) => socket.end());
    rmSync(join(this.#input.folder, 'lock'), { force: true });
    rmSync(this.#socketPath, { force: true });
    const told = this.#holder.journal.base === this.#holder.journal.end;
    this.#holder.close();
    if (told) {
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
    const path = join(folder, 'lock');
    const fd = openSync(`${path}.new`, 'w', 0o600);
    writeSync(fd, JSON.stringify(lock));
    fsyncSync(fd);
    closeSync(fd);
    renameSync(`${path}.new`, path);
  }
}
