// Looks now and then whether the login of a held account is another one: then it need not be waited for.

import type { Holds } from './holds.ts';
import { environmentOf } from './environment.ts';
import type { House } from './house.ts';
import type { Recorder } from './recorder.ts';
import { Turns } from './turns.ts';

/** Somebody who has just logged in looks at the screen. */
const LOOK_MS = 10_000;

/** What the watch needs beside the house. */
export interface CredentialWatchParts {
  readonly recorder: Recorder;
  readonly holds: Holds;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/** What it uses of the house. */
type Needed = Pick<House, 'clock' | 'fleet' | 'files' | 'driverFor' | 'environment' | 'host'>;

/** Looks at the files of logins, names and times only. */
export class CredentialWatch {
  readonly #house: Needed;
  readonly #parts: CredentialWatchParts;
  readonly #turns: Turns;

  constructor(house: Needed, parts: CredentialWatchParts) {
    this.#house = house;
    this.#parts = parts;
    this.#turns = new Turns(house.clock, async () => this.#turn());
  }

  start(): void {
    this.#turns.wake();
  }

  /** Resolves when no look is under way. */
  async stop(): Promise<void> {
    await this.#turns.stop();
  }

  async #turn(): Promise<number> {
    await this.#look().catch(this.#parts.fail);
    return LOOK_MS;
  }

  async #look(): Promise<void> {
    const { recorder, holds, wake } = this.#parts;
    for (const account of holds.all().keys()) {
      const paths = this.#filesOf(account);
      const print = paths.length === 0 ? null : await this.#house.files.filesPrint(paths);
      if (print !== null && recorder.commit('daemon', (note) => holds.looked(account, print, note))) {
        wake();
      }
    }
  }

  /** Files in which agents of `account` may have their login. */
  #filesOf(account: string): readonly string[] {
    const { fleet, driverFor } = this.#house;
    const paths = fleet.now.agents.flatMap((agent) => {
      const driver = driverFor(agent.cliTool);
      const isOfIt = (agent.provider ?? driver.name) === account;
      return isOfIt ? (driver.credentialFiles?.(environmentOf(this.#house, agent)) ?? []) : [];
    });
    return [...new Set(paths)];
  }
}
