// Puts the control app behind a Unix socket that only its owner can open, and takes the socket away again.

import { lstatSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { OperationalError } from '../lib/operational-error.ts';
import type { Control } from '../ports/control.ts';
import { createApp } from './app.ts';

/** Sockets open at one time; more are refused by closing them. */
const MAX_CONNECTIONS = 256;

/** What requests under way are given when the server closes. */
const CLOSE_GRACE_MS = 2000;

/** How long a listener may take to accept us before we call it alive and busy. */
const PROBE_MS = 2000;

/** A control server that listens. */
export interface ControlServer {
  readonly socketPath: string;
  /** Takes no more requests, ends streams, lets requests under way finish for 2 s, and removes the socket file. */
  close(): Promise<void>;
}

/**
 * Serves `control` at `socketPath` (mode 0600, or 0660 where our group is one of operators). A socket that nobody listens at any more is removed; a live one is
 * OperationalError `socket_in_use`, anything else at that path `socket_path_taken`.
 */
export async function serve(input: {
  readonly control: Control;
  readonly socketPath: string;
  /** Members of our group may use it too. */
  readonly shared?: boolean;
  readonly onCrash: (thrown: unknown) => void;
}): Promise<ControlServer> {
  await removeStale(input.socketPath);
  const closing = new AbortController();
  const app = createApp({ control: input.control, closing: closing.signal, onCrash: input.onCrash });
  // Hono would replace the global Request and Response of the whole daemon; nothing else of ours should notice a server.
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (cause) =>
      reject(new OperationalError('socket_failed', `cannot listen at ${input.socketPath}: ${cause.message}`, cause)),
    );
    // The mode must be right from the first instant: `listen` binds before it returns, so the mask holds for it alone.
    const before = process.umask(input.shared === true ? 0o117 : 0o177);
    try {
      server.listen(input.socketPath);
    } finally {
      process.umask(before);
    }
  });
  return {
    socketPath: input.socketPath,
    close: () => {
      closing.abort();
      return new Promise((resolve) => {
        const patience = setTimeout(() => {
          if ('closeAllConnections' in server) {
            server.closeAllConnections();
          }
        }, CLOSE_GRACE_MS);
        server.close(() => {
          clearTimeout(patience);
          resolve();
        });
      });
    },
  };
}

/** Removes the socket file of a daemon that is gone; throws where somebody answers, or where it is no socket. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    return;
  }
  if (!found.isSocket()) {
    throw new OperationalError('socket_path_taken', `${path} exists and is no socket: move it away`);
  }
  if (await isAnswered(path)) {
    throw new OperationalError('socket_in_use', `a daemon answers at ${path} already: adf status`);
  }
  rmSync(path, { force: true });
}

/** Only a refusal proves that nobody listens; whatever else happens counts as alive. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (alive: boolean): void => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(PROBE_MS, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}
