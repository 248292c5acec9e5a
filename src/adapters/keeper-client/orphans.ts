// The attempts whose keepers died or cannot be spoken to: found, watched by us, and reported at their end.

import { setTimeout as delay } from 'node:timers/promises';
import type { AttemptId } from '../../core/ids.ts';
import type { StopReason } from '../../core/supervise/stop-plan.ts';
import { bootId, isAlive } from '../../os/process-identity.ts';
import { findMarked, firstRuns, isEmpty, type Marked } from '../../os/tree.ts';
import type { StartEntry } from '../../os/wire.ts';
import type { HeldAttempt, HostEvent, LiveUsage } from '../../ports/execution-host.ts';
import type { KeeperLink, LiveEntry } from './link.ts';
import { Orphan, startFromProcess, treeOf } from './orphan.ts';
import type { KnownTerms } from './terms.ts';
import { identityIn, netsOf } from './translate.ts';

/** How long a start that a dead keeper may have carried out is looked for, and how often. */
const SEARCH_MS = 2000;
const SEARCH_LOOK_MS = 100;

/** All attempts that we watch ourselves. */
export class Orphans {
  readonly #watched = new Map<string, Orphan>();
  readonly #stateId: string;
  readonly #terms: Pick<KnownTerms, 'get' | 'has'>;
  readonly #tell: (event: HostEvent) => void;
  readonly #fail: (error: unknown) => void;

  constructor(
    stateId: string,
    terms: Pick<KnownTerms, 'get' | 'has'>,
    listener: { readonly tell: (event: HostEvent) => void; readonly fail: (error: unknown) => void },
  ) {
    this.#stateId = stateId;
    this.#terms = terms;
    this.#tell = listener.tell;
    this.#fail = listener.fail;
  }

  /** The watch over `id`; null: we do not watch it. */
  get(id: string): Orphan | null {
    return this.#watched.get(id) ?? null;
  }

  /**
   * Watches what the dead `link` left and the ledger knows; `left` is called as each has ended. What is gone already has
   * died under our eyes and ends with a report, unless we were not there (`weWereThere` false): then it is just gone.
   */
  adopt(link: KeeperLink, weWereThere: boolean, left: () => void): AttemptId[] {
    const adopted: AttemptId[] = [];
    for (const [id, entry] of link.live) {
      const tree = treeOf(entry.start, this.#stateId);
      // First process and tree: the wrapper joins its leaf a moment after its birth.
      const alive = link.bootId === bootId() && (firstRuns(tree) || !isEmpty(tree));
      if (this.#terms.has(id) && (alive || weWereThere)) {
        adopted.push(id as AttemptId);
        this.#watch(entry, () => {
          link.live.delete(id);
          left();
        });
      } else if (!alive) {
        link.live.delete(id);
      }
    }
    return adopted;
  }

  /** Watches a process that no record knows, by its identity alone; false when it is gone. */
  adoptProcess({ attemptId, identity }: HeldAttempt): boolean {
    const start = identity !== null && isAlive(identity) ? startFromProcess(attemptId, identity.pid) : null;
    if (start !== null) {
      this.#watch({ start, stopping: null }, () => undefined);
    }
    return start !== null;
  }

  /** Looks for starts that a dead keeper carried out and could not record; what is found is watched and told as started. */
  async search(ids: readonly AttemptId[]): Promise<Map<AttemptId, StartEntry>> {
    const found = new Map<AttemptId, StartEntry>();
    for (let waited = 0; waited < SEARCH_MS && found.size < ids.length; waited += SEARCH_LOOK_MS) {
      const marked = findMarked(this.#stateId);
      for (const id of ids.filter((each) => !found.has(each))) {
        const first = firstOf(marked, id);
        const start = first === null ? null : startFromProcess(id, first.stat.pid);
        if (start !== null) {
          found.set(id, start);
          const identity = identityIn(start);
          this.#tell({ kind: 'started', attemptId: id, identity, enforcement: start.held, at: start.at, cursor: null });
          this.#watch({ start, stopping: null }, () => undefined);
        }
      }
      await delay(found.size < ids.length ? SEARCH_LOOK_MS : 0);
    }
    return found;
  }

  /** Living trees that carry our marker: the first process of each. */
  marked(): Map<string, Marked> {
    const all = findMarked(this.#stateId);
    return new Map(all.map(({ attempt }) => [attempt, firstOf(all, attempt)] as const).filter(isFound));
  }

  /** What all that we watch uses now. */
  usage(): [AttemptId, LiveUsage][] {
    return [...this.#watched].map(([id, orphan]) => [id as AttemptId, orphan.usage()]);
  }

  /** Lets go; the attempts live on. */
  dispose(): void {
    this.#watched.forEach((orphan) => orphan.dispose());
    this.#watched.clear();
  }

  #watch({ start, stopping }: LiveEntry, ended: () => void): void {
    const terms = this.#terms.get(start.id);
    const attemptId = start.id as AttemptId;
    const orphan = new Orphan(
      {
        stateId: this.#stateId,
        start,
        stopping,
        nets: terms === undefined ? null : netsOf(terms),
        outputs: terms === undefined ? [] : [terms.outPath, ...(terms.errPath === null ? [] : [terms.errPath])],
      },
      {
        stopping: ({ reason, at }) =>
          this.#tell({ kind: 'stopping', attemptId, reason: reason as StopReason, at, cursor: null }),
        ended: (report) => {
          this.#watched.delete(start.id);
          this.#tell({ kind: 'exited', report, cursor: null });
          ended();
        },
        failed: this.#fail,
      },
    );
    this.#watched.set(start.id, orphan);
  }
}

/** The first process of `attempt`: the oldest that leads a session of its own, else (it is gone) the oldest at all. */
function firstOf(marked: readonly Marked[], attempt: string): Marked | null {
  const tree = marked.filter((each) => each.attempt === attempt);
  const byAge = tree.toSorted((a, b) => a.stat.startTicks - b.stat.startTicks || a.stat.pid - b.stat.pid);
  return byAge.find(({ stat }) => stat.session === stat.pid) ?? byAge[0] ?? null;
}

function isFound(entry: readonly [string, Marked | null]): entry is readonly [string, Marked] {
  return entry[1] !== null;
}
