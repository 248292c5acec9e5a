// The folder in which the service manager records starts and ends, and we the stops that we begin and the orders that we give.

import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { AttemptId } from '../../core/ids.ts';
import type { Stopping } from '../../os/attempt-watch.ts';
import { stateIdOf } from '../../os/state-id.ts';
import { writeWhole } from '../../os/whole-file.ts';
import { parseExit, parseStart, recorderText, type ExitRecord, type StartRecord } from './record-script.ts';
import type { ManagerKind } from './service-manager.ts';
import { PROOF_VARIABLE, type UnitFiles } from './unit-properties.ts';

/** The kinds of files that one attempt may have here. */
const KINDS = ['order', 'proof', 'start', 'stop', 'exit'] as const;
type Kind = (typeof KINDS)[number];
const PROOF_BYTES = 16;

/** The records of one state directory. */
export class Records {
  readonly #folder: string;
  readonly #orders: string;
  readonly #recorder: string;
  /** Stops that the disk did not take yet. */
  readonly #unwritten = new Map<AttemptId, Stopping>();

  /**
   * Makes the folder, which nobody else can enter, and the script for a cgroup v2 tree at `mount`. `runtimeDir` is where
   * orders lie: they hold what agents are given in secret, and what is in memory is on no disk and in no backup.
   */
  constructor(stateDir: string, mount: string, runtimeDir: string) {
    this.#folder = join(stateDir, 'systemd');
    this.#orders = join(runtimeDir, `orders-${stateIdOf(stateDir)}`);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    chmodSync(this.#folder, 0o700);
    const text = recorderText(mount);
    // Named by its content: units started by another version of us go on with theirs.
    this.#recorder = join(this.#folder, `recorder-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.sh`);
    if (!existsSync(this.#recorder)) {
      writeWhole(this.#recorder, text);
    }
  }

  /** The files of `id` as its unit must know them. */
  files(id: AttemptId): UnitFiles {
    return {
      order: this.#path(id, 'order'),
      proof: this.#path(id, 'proof'),
      recorder: this.#recorder,
      startRecord: this.#path(id, 'start'),
      exitRecord: this.#path(id, 'exit'),
    };
  }

  /** The order is the token of a start: the manager cannot begin an attempt whose order is gone. Makes its proof, too. */
  writeOrder(id: AttemptId, text: string): void {
    mkdirSync(this.#orders, { recursive: true, mode: 0o700 });
    writeWhole(this.#path(id, 'proof'), `${PROOF_VARIABLE}=${randomBytes(PROOF_BYTES).toString('hex')}\n`);
    writeWhole(this.#path(id, 'order'), text);
  }

  /** What only the wrapper of `id` was told before its program began; empty: nobody knows. */
  proof(id: AttemptId): string {
    const read = this.#read(id, 'proof', (text) => text.trim().split('=')[1] ?? '');
    return read?.record ?? '';
  }

  /** Takes the token away: whoever still asks the manager for this start will be refused. */
  withdraw(id: AttemptId): void {
    rmSync(this.#path(id, 'order'), { force: true });
  }

  /**
   * Keeps a stop that was begun, so that the next daemon goes on at its step. Why the disk did not take it; null: it did.
   * A limit is crossed in a timer, where nobody could be told otherwise, and a full disk is no reason not to stop.
   */
  writeStop(id: AttemptId, stopping: Stopping): Error | null {
    try {
      writeWhole(this.#path(id, 'stop'), JSON.stringify(stopping));
      this.#unwritten.delete(id);
      return null;
    } catch (error) {
      this.#unwritten.set(id, stopping);
      return error as Error;
    }
  }

  /** Tries once more what the disk did not take. */
  writeAgain(): void {
    this.#unwritten.forEach((stopping, id) => this.writeStop(id, stopping));
  }

  start(id: AttemptId): Recorded<StartRecord> | null {
    return this.#read(id, 'start', parseStart);
  }

  exit(id: AttemptId): Recorded<ExitRecord> | null {
    return this.#read(id, 'exit', parseExit);
  }

  stop(id: AttemptId): Stopping | null {
    return this.#unwritten.get(id) ?? this.#read(id, 'stop', (text) => JSON.parse(text) as Stopping)?.record ?? null;
  }

  /** Attempts of which a start or an end is recorded, in the order of their starts. */
  ids(): AttemptId[] {
    const found = new Map<AttemptId, number>();
    for (const name of readdirSync(this.#folder)) {
      const [, id, kind] = /^(.+)\.(start|exit)$/.exec(name) ?? [];
      if (id !== undefined) {
        const at = statSync(join(this.#folder, name)).mtimeMs;
        found.set(id as AttemptId, kind === 'start' ? at : (found.get(id as AttemptId) ?? at));
      }
    }
    return [...found].sort((a, b) => a[1] - b[1]).map(([id]) => id);
  }

  /** Forgets what was to prove something of starts that nothing is recorded of, but for those in `begun`. */
  dropProofs(begun: ReadonlySet<AttemptId>): void {
    const known = new Set([...this.ids(), ...begun]);
    readdirSync(this.#folder)
      .flatMap((name) => /^(.+)\.proof$/.exec(name)?.[1] ?? [])
      .filter((id) => !known.has(id as AttemptId))
      .forEach((id) => rmSync(this.#path(id as AttemptId, 'proof'), { force: true }));
  }

  /** Forgets `id`. */
  remove(id: AttemptId): void {
    this.#unwritten.delete(id);
    KINDS.forEach((kind) => rmSync(this.#path(id, kind), { force: true }));
  }

  /** Calls `changed` when something of an attempt was written here, perhaps more than once (null: of whom is not known); the answer ends that. */
  follow(changed: (id: AttemptId | null) => void): () => void {
    const watcher = watch(this.#folder, (_, name) => {
      changed(name === null ? null : (name.replace(/\.[a-z.]+$/, '') as AttemptId));
    });
    // The folder was removed under us: the regular looks go on.
    watcher.on('error', () => undefined);
    return () => watcher.close();
  }

  #path(id: AttemptId, kind: Kind): string {
    return join(kind === 'order' ? this.#orders : this.#folder, `${id}.${kind}`);
  }

  #read<Found>(id: AttemptId, kind: Kind, parse: (text: string) => Found | null): Recorded<Found> | null {
    const path = this.#path(id, kind);
    try {
      const record = parse(readFileSync(path, 'utf8'));
      return record === null ? null : { record, at: Math.round(statSync(path).mtimeMs) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return null;
      }
      throw error;
    }
  }
}

/** A folder in memory that is the service's own, else its user's. */
export function runtimeFolder(of: {
  readonly kind: ManagerKind;
  readonly environment: Readonly<Record<string, string>>;
}): string {
  const { RUNTIME_DIRECTORY: own = '', XDG_RUNTIME_DIR: users } = of.environment;
  const usual = of.kind === 'system' ? '/run/adf' : (users ?? `/run/user/${process.getuid?.() ?? 0}`);
  return own === '' ? usual : (own.split(':')[0] ?? usual);
}

/** A record, and when it was written (epoch ms). */
export interface Recorded<Found> {
  readonly record: Found;
  readonly at: number;
}
