// Knows the keepers of a state directory by their folders: `keeper/<id>/` with lock, socket and journal.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../os/process-identity.ts';
import type { KeeperLock } from '../../os/wire.ts';

/** A folder without lock or entries this old belongs to a keeper that never came up. */
const STILLBORN_MS = 120_000;

/** One keeper as its folder shows it. */
export interface KeeperFolder {
  readonly id: string;
  readonly folder: string;
  /** Null: it has ended by itself, or is not up yet. */
  readonly lock: KeeperLock | null;
}

/** The folder that holds all keepers of `stateDir`. */
export function keeperRoot(stateDir: string): string {
  return join(stateDir, 'keeper');
}

/** A new keeper's id: in order of creation, and unlike that of any other state directory. */
export function newKeeperId(): string {
  return `${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`;
}

/** All keepers that left a folder, oldest first; folders of keepers that never came up are removed. */
export function listKeepers(stateDir: string): KeeperFolder[] {
  const root = keeperRoot(stateDir);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const found: KeeperFolder[] = [];
  for (const entry of readdirSync(root, { withFileTypes: true }).filter((each) => each.isDirectory())) {
    const folder = join(root, entry.name);
    const lock = readLock(folder);
    const born = lock !== null || statSync(join(folder, 'journal'), { throwIfNoEntry: false }) !== undefined;
    if (born) {
      found.push({ id: entry.name, folder, lock });
    } else if (Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0) > STILLBORN_MS) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The lock in `folder`; null when there is none. */
export function readLock(folder: string): KeeperLock | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')) as KeeperLock;
  } catch {
    // Not there: not up yet, or gone in order. It is renamed into place, so it is never half written.
    return null;
  }
}

/** Whether the keeper that wrote `lock` still lives. */
export function lives(lock: KeeperLock | null): lock is KeeperLock {
  return lock !== null && isAlive(lock);
}
