// Pause flags without a file system: tests put, touch and remove them as a person would.

import { incidentOf } from '../../src/core/pause/flag.ts';
import type { FlagStat } from '../../src/core/pause/flag.ts';
import { OperationalError } from '../../src/lib/operational-error.ts';
import type {
  FlagDraft,
  FlagListing,
  FlagNotifier,
  FlagToRemove,
  FlagTouch,
  PauseFlags,
} from '../../src/ports/pause-flags.ts';

interface Flag {
  readonly mtimeNs: string;
  readonly text: string | null;
}

/** One pretended pause_dir. */
export class FakeFlags implements PauseFlags {
  readonly dir: string;
  /** Writes and removals fail with this message while it is set. */
  failure: string | null = null;
  readonly #flags = new Map<string, Flag>();
  readonly #watchers = new Set<() => void>();
  #gone: string | null = null;
  #ticks = 0n;

  constructor(dir = '/state/pause') {
    this.dir = dir;
  }

  /** As `touch` in a shell: made if it is not there, a new mtime in any case. */
  touchByHand(name: string): void {
    this.#put(name, this.#flags.get(name)?.text ?? '');
  }

  /** As `rm` in a shell. */
  removeByHand(name: string): void {
    this.#flags.delete(name);
    this.#wakeAll();
  }

  /** As a folder that was unmounted or deleted; null: it is back as it was. */
  vanish(message: string | null = 'pause_dir is not there'): void {
    this.#gone = message;
    this.#wakeAll();
  }

  path(name: string): string {
    return `${this.dir}/${name}`;
  }

  prepare(): void {
    this.#gone = null;
  }

  stat(name: string): FlagStat {
    if (!isName(name)) {
      return { kind: 'unknown', message: `${name} is no name of a flag` };
    }
    if (this.#gone !== null) {
      return { kind: 'unknown', message: this.#gone };
    }
    const flag = this.#flags.get(name);
    return flag === undefined ? { kind: 'absent' } : { kind: 'present', path: this.path(name), ...flag };
  }

  names(): FlagListing {
    return this.#gone === null
      ? { kind: 'read', names: [...this.#flags.keys()] }
      : { kind: 'unknown', message: this.#gone };
  }

  async touchPauseFlag(draft: FlagDraft): Promise<FlagTouch> {
    await Promise.resolve();
    if (this.failure !== null || !isName(draft.name)) {
      throw new OperationalError('flag.write', this.failure ?? `${draft.name} is no name of a flag`);
    }
    this.#gone = null;
    const path = this.path(draft.name);
    const mtimeNs = draft.own === null ? this.#nextMtime() : `${draft.own.stampAt}000000`;
    const there = this.#flags.get(draft.name);
    if (there === undefined) {
      this.#flags.set(draft.name, { mtimeNs, text: draft.text });
      this.#wakeAll();
      return { kind: 'written', path, mtimeNs, existed: false };
    }
    return draft.own !== null && there.mtimeNs === mtimeNs && incidentOf(there.text) === draft.own.incident
      ? { kind: 'written', path, mtimeNs, existed: true }
      : { kind: 'foreign', path, mtimeNs: there.mtimeNs };
  }

  async removePauseFlag(name: string, meant: FlagToRemove): Promise<'removed' | 'absent' | 'not_ours'> {
    await Promise.resolve();
    const stat = this.stat(name);
    if (this.failure !== null || stat.kind === 'unknown') {
      throw new OperationalError('flag.remove', this.failure ?? this.#gone ?? `${name} is no name of a flag`);
    }
    if (stat.kind === 'absent') {
      return 'absent';
    }
    if (
      meant !== 'any' &&
      (stat.mtimeNs !== meant.mtimeNs || (meant.incident !== null && incidentOf(stat.text) !== meant.incident))
    ) {
      return 'not_ours';
    }
    this.removeByHand(name);
    return 'removed';
  }

  watch(wake: () => void): FlagNotifier {
    this.#watchers.add(wake);
    return { follow: () => undefined, stop: () => this.#watchers.delete(wake) };
  }

  #put(name: string, text: string): void {
    this.#flags.set(name, { mtimeNs: this.#nextMtime(), text });
    this.#wakeAll();
  }

  #nextMtime(): string {
    this.#ticks += 1n;
    return String(1_700_000_000_000_000_000n + this.#ticks);
  }

  #wakeAll(): void {
    for (const wake of this.#watchers) {
      wake();
    }
  }
}

function isName(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[/\0]/.test(name);
}
