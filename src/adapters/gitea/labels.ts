// Finds the labels of a repository by name and creates what is missing, one call at a time per repository.

import { messageOf } from '../../lib/operational-error.ts';
import { Label } from './answers.ts';
import type { GiteaConnection } from './connection.ts';
import { GiteaFailure } from './failure.ts';
import { listAll } from './listing.ts';
import type { RepositoryPlace } from './place.ts';

const COLOR = '#5319e7';
const DESCRIPTION = 'Opened by Dark Factory';

/** Ids for as many of the names as could be had; a warning for each of the others. */
export interface FoundLabels {
  readonly ids: readonly number[];
  readonly warnings: readonly string[];
}

/** The labels of all repositories of one Gitea. */
export class Labels {
  readonly #connection: GiteaConnection;
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(connection: GiteaConnection) {
    this.#connection = connection;
  }

  /**
   * Gitea takes a second label of the same name, and ten creates at once make ten: so ours wait for each other.
   * Labels are for people: that one is missing is a warning and never keeps an issue from being opened.
   */
  async ensure(place: RepositoryPlace, names: readonly string[]): Promise<FoundLabels> {
    const wanted = [...new Set(names.map((name) => name.trim()))].filter((name) => name !== '');
    if (wanted.length === 0) {
      return { ids: [], warnings: [] };
    }
    const before = this.#queues.get(place.full) ?? Promise.resolve();
    const mine = before.then(() => this.#ensure(place, wanted));
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#queues.set(place.full, settled);
    return mine;
  }

  async #ensure(place: RepositoryPlace, wanted: readonly string[]): Promise<FoundLabels> {
    try {
      const present = await this.#list(place);
      const ids: number[] = [];
      const warnings: string[] = [];
      for (const name of wanted) {
        const id = idOf(present, name) ?? (await this.#create(place, name, warnings));
        if (id !== null) {
          ids.push(id);
        }
      }
      return { ids, warnings };
    } catch (thrown) {
      if (thrown instanceof GiteaFailure && thrown.permanent) {
        return { ids: [], warnings: [`labels are missing: ${messageOf(thrown)}`] };
      }
      throw thrown;
    }
  }

  async #list(place: RepositoryPlace): Promise<readonly Label[]> {
    return listAll(
      this.#connection,
      { what: 'list labels', repository: place.full, writes: false },
      {
        ask: (client, page) => client.repos.issueListLabels(place.owner, place.name, page),
        item: Label,
        key: (label) => label.id,
        keep: () => true,
        totalIsTrue: true,
      },
    );
  }

  /** A create whose answer was lost fails the whole call; the next one lists the label. */
  async #create(place: RepositoryPlace, name: string, warnings: string[]): Promise<number | null> {
    const attempt = { what: `create the label ${JSON.stringify(name)}`, repository: place.full, writes: true };
    try {
      const { value } = await this.#connection.call(
        attempt,
        (client) =>
          client.repos.issueCreateLabel(place.owner, place.name, { name, color: COLOR, description: DESCRIPTION }),
        Label,
      );
      return value.id;
    } catch (thrown) {
      if (thrown instanceof GiteaFailure && thrown.permanent) {
        warnings.push(messageOf(thrown));
        return null;
      }
      throw thrown;
    }
  }
}

/** Names are compared to the letter, as Gitea does; of several the oldest. */
function idOf(labels: readonly Label[], name: string): number | null {
  const ids = labels.filter((label) => label.name === name).map((label) => label.id);
  return ids.length === 0 ? null : Math.min(...ids);
}
